package dev.canonica.models.diffusion;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** The way between images and what a diffusion model works on: the images themselves, or latents of an autoencoder. */
public interface LatentCodec {
    /** For models that work on images. */
    LatentCodec IMAGES = new LatentCodec() {
        @Override
        public Shape latentShape(Shape image) {
            return image;
        }

        @Override
        public Tensor encode(Tensor images) {
            return images;
        }

        @Override
        public Tensor decode(Tensor latents) {
            return latents;
        }
    };

    /**
     * Shape [c, h, w] of the latent of an image.
     *
     * @param image [C, H, W]
     */
    Shape latentShape(Shape image);

    /**
     * The model's samples [B, c, h, w] of images.
     *
     * @param images [B, C, H, W] in [−1, 1]
     */
    Tensor encode(Tensor images);

    /** The images [B, C, H, W] of the model's samples. */
    Tensor decode(Tensor latents);
}
