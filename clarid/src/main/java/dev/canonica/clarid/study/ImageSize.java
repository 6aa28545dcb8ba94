package dev.canonica.clarid.study;

import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.tensor.Shape;
import java.util.Optional;

/** The size of images, in pixels, that a model was trained on. */
public record ImageSize(int channels, int height, int width) {
    /** Autoencoders reduce height and width by powers of two. */
    private static final int MAX_FACTOR = 64;

    /** The size whose samples, encoded where the model works on latents, are those of the model; empty if no size is. */
    public static Optional<ImageSize> of(DenoisingModel model, LatentCodec codec) {
        Shape sample = model.sampleShape();
        int channels = codec == LatentCodec.IMAGES ? sample.dim(0) : 3;
        for (int factor = 1; factor <= MAX_FACTOR; factor *= 2) {
            ImageSize size = new ImageSize(channels, factor * sample.dim(1), factor * sample.dim(2));
            if (codec.latentShape(Shape.of(channels, size.height, size.width)).equals(sample)) {
                return Optional.of(size);
            }
        }
        return Optional.empty();
    }
}
