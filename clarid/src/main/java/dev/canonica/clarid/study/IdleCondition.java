package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/** By how much an image changes where the same latent is decoded under the next class: not at all where the condition is idle. */
public final class IdleCondition {
    private IdleCondition() {}

    /**
     * The change of each image of a batch, NaN where there is no other class.
     *
     * @param condition the number, among the conditions, of an image's by its index
     * @param indices of the images
     * @param decoded the batch's latents under other conditions
     * @param reconstruction under their own
     */
    public static double[] changes(
            Conditions conditions,
            IntUnaryOperator condition,
            List<Integer> indices,
            Function<Condition, List<Pixels>> decoded,
            List<Pixels> reconstruction) {
        double[] change = new double[indices.size()];
        Arrays.fill(change, Double.NaN);
        int classes = conditions.count();
        if (classes > 1) {
            int[] other = indices.stream()
                    .mapToInt(i -> (condition.applyAsInt(i) + 1) % classes)
                    .toArray();
            List<Pixels> images = decoded.apply(conditions.of(other));
            for (int b = 0; b < change.length; b++) {
                change[b] = images.get(b).rootMeanSquare(reconstruction.get(b));
            }
        }
        return change;
    }
}
