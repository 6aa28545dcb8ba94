package dev.canonica.models.pipeline;

import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.PipelineDirectory;
import dev.canonica.models.unet.Autoencoder;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The latents of an autoencoder, scaled as the denoiser was trained on them (Rombach et al., 2022, Appendix G): of AutoencoderKL the mean of the posterior,
 * image by image, since the autoencoder works on far larger arrays than the denoiser does.
 *
 * @param autoencoder between images and latents
 */
public record ScaledLatents(Autoencoder autoencoder) implements LatentCodec {
    /** The autoencoder in a folder, which holds its {@code config.json} and weights. */
    public static ScaledLatents read(Path dir, DType dtype) {
        return new ScaledLatents(
                ModelDirectory.autoencoder(dir, dtype)
                        .orElseThrow(
                                () -> new ModelException(
                                        dir
                                                + ": not an autoencoder; config.json must say _class_name AutoencoderKL, AutoencoderTiny or VQModel")));
    }

    /**
     * The way from images to the samples of a model: through the autoencoder of its pipeline, or, where it has none, none.
     *
     * @param model its folder, that of a pipeline with its parts
     */
    public static LatentCodec codec(Path model, DType dtype) {
        return PipelineDirectory.of(model)
                .flatMap(p -> p.part("vae"))
                .<LatentCodec>map(folder -> read(folder, dtype))
                .orElse(LatentCodec.IMAGES);
    }

    @Override
    public Shape latentShape(Shape image) {
        int f = autoencoder.factor();
        return Shape.of(autoencoder.latentChannels(), image.dim(1) / f, image.dim(2) / f);
    }

    @Override
    public Tensor encode(Tensor images) {
        return each(
                "autoencoder: the latent",
                images,
                x -> autoencoder.scaled(Var.constant(autoencoder.encode(x))).value());
    }

    @Override
    public Tensor decode(Tensor latents) {
        return each(
                "autoencoder: the image of a latent",
                latents,
                z -> autoencoder.decode(autoencoder.unscaled(Var.constant(z)).value()));
    }

    private static Tensor each(String what, Tensor batch, UnaryOperator<Tensor> f) {
        try (Scope scope = Scope.open()) {
            List<Tensor> results = new ArrayList<>();
            for (int b = 0; b < batch.dim(0); b++) {
                results.add(Finite.checked(what, one(batch.rows(b, b + 1), f)));
            }
            return scope.keep(Tensor.concatenate(0, results.toArray(Tensor[]::new)));
        }
    }

    private static Tensor one(Tensor x, UnaryOperator<Tensor> f) {
        try (Scope scope = Scope.open()) {
            return scope.keep(f.apply(x));
        }
    }
}
