package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.sweep.Judge;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * A classifier as the judge of what a diffusion model made. Values beyond [−1, 1] are cut, as in a picture.
 *
 * @param victim the classifier
 * @param label its class of an image, by its index in the set
 */
public record ClassifierJudge(Victim victim, IntUnaryOperator label) implements Judge {
    @Override
    public double[][] of(List<Pixels> images, List<Integer> indices) {
        Pixels first = images.getFirst();
        List<float[]> values = new ArrayList<>();
        for (Pixels image : images) {
            float[] own = new float[image.values().length];
            for (int i = 0; i < own.length; i++) {
                own[i] = Math.clamp((image.values()[i] + 1) / 2, 0, 1);
            }
            values.add(own);
        }
        List<float[]> logits = victim.outputs(values, Shape.of(first.channels(), first.height(), first.width()));
        double[][] all = new double[images.size()][];
        for (int b = 0; b < all.length; b++) {
            all[b] = of(logits.get(b), label.applyAsInt(indices.get(b)));
        }
        return all;
    }

    private static double[] of(float[] logits, int y) {
        if (y < 0 || y >= logits.length) {
            throw new ModelException("classifier: class %d of %d".formatted(y, logits.length));
        }
        Answer answer = Answer.of(logits, y, null);
        return new double[] {0 - answer.nll(), answer.right() ? 1 : 0};
    }
}
