package dev.canonica.cadistill.evaluate;

import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Images with their classes, as a model numbers them.
 *
 * @param images all of one size
 * @param label the model's class of image i
 * @param among the classes of the model that can be answered, where a set has some of them only; null for all
 */
public record Labelled(ImageSet images, IntUnaryOperator label, boolean @Nullable [] among) {
    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
