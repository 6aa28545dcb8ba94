package dev.canonica.clarid.study;

import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.tensor.Shape;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Whether images are what a model takes, before any work on them starts. */
public final class FittingImages {
    private FittingImages() {}

    /**
     * Refuses images of a size that the model does not take, and those that are under none of the conditions.
     *
     * @param count the first so many images of the set
     * @param codec the way from images to the model's samples
     * @param condition the number, among the conditions, of an image's by its index
     * @throws ModelException that names the set, or the image, and what helps
     */
    public static void check(
            ImageSet set,
            int count,
            DenoisingModel model,
            LatentCodec codec,
            Conditions conditions,
            IntUnaryOperator condition) {
        Shape image = set.shape();
        Shape sample = codec.latentShape(image);
        if (!model.accepts(sample)) {
            throw new ModelException("%s: images of shape %s%s, the model needs %s%s"
                    .formatted(
                            set.name(),
                            image,
                            sample.equals(image) ? "" : ", latents of shape " + sample,
                            model.acceptedShapes(),
                            cure(image, ImageSize.of(model, codec))));
        }
        for (int i = 0; i < count; i++) {
            int y = condition.applyAsInt(i);
            if (y < 0 || y >= conditions.count()) {
                throw new ModelException(set.name() + ": image " + set.id(i)
                        + (y < 0 ? " has no class" : " is of class " + y) + ", the model's are 0 to "
                        + (conditions.count() - 1));
            }
        }
    }

    /** What helps where another size would do; nothing where the channels are others. */
    private static String cure(Shape image, Optional<ImageSize> needed) {
        return needed.filter(size -> size.channels() == image.dim(0))
                .map(size -> "; --resize crops and resizes them to %s x %s".formatted(size.height(), size.width())
                        + (size.height() == size.width()
                                ? ", as '?side=%s' after a folder's name does".formatted(size.width())
                                : ""))
                .orElse("");
    }
}
