package dev.canonica.cadistill.attack;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * Logits that are linear in an image: z = W x + b.
 *
 * @param weights W, a row for each class
 * @param bias b
 */
public record Affine(double[][] weights, double[] bias) {
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
