package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * One image that is attacked.
 *
 * @param image its values in [0, 1], [C, H, W] in a row; not to be changed
 * @param channels C
 * @param height H
 * @param width W
 * @param label its class, which is also predicted
 * @param logits those of the image as it is
 * @param budget how far a perturbation may go
 * @param random for this image and attack alone
 */
public record Target(
        float[] image, int channels, int height, int width, int label, float[] logits, Budget budget, Philox random) {
    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
