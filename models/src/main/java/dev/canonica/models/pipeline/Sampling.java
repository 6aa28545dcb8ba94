package dev.canonica.models.pipeline;

import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.IntConsumer;

/**
 * Images from noise at the last level, by DDIM, or Euler's method for flows, with guidance. An image depends on the seed, the number of its condition and its own alone.
 *
 * <pre>
 *   TextPipeline pipeline = TextPipeline.read(folder, DType.F32).orElseThrow();
 *   Conditions texts = pipeline.conditions(List.of("a cat", "a dog"), "", System.err::println);
 *   Sampling sampling = new Sampling(pipeline.network(), texts, ScaledLatents.codec(folder, DType.F32), ModelSamplers.of(folder, pipeline.network(), 30), 7.5, 0);
 *   Tensor images = sampling.images(new int[] {0, 1}, new int[] {0, 0}, level -&gt; {});      // [2, 3, H, W]: a cat and a dog
 * </pre>
 *
 * @param model whose samples are decoded
 * @param conditions what they are under
 * @param codec from the model's samples to images
 * @param sampler levels and steps
 * @param guidance w of classifier-free guidance; 1 for none
 * @param seed of the noise
 */
public record Sampling(
        DenoisingModel model, Conditions conditions, LatentCodec codec, Sampler sampler, double guidance, long seed) {
    /**
     * A batch of images [B, C, H, W], nominally in [−1, 1].
     *
     * @param condition the number of each image's condition [B]
     * @param number each image's own among those of its condition [B]
     * @param done is told the steps that are done, from 0 to one for each level, and one more when the images are there
     */
    public Tensor images(int[] condition, int[] number, IntConsumer done) {
        if (condition.length != number.length) {
            throw new IllegalArgumentException(
                    "sampling: " + condition.length + " conditions for " + number.length + " images");
        }
        Shape shape = model.sampleShape();
        int size = Math.toIntExact(shape.size());
        float[] noise = new float[condition.length * size];
        for (int i = 0; i < condition.length; i++) {
            new Philox(seed, number[i]).child(condition[i]).normals(0, noise, i * size, size);
        }
        try (Scope scope = Scope.open()) {
            Tensor latent =
                    Tensor.of(noise, shape.prepend(condition.length).dims()).to(model.dtype());
            GuidedDenoiser denoiser = new GuidedDenoiser(model, conditions.of(condition), guidance, Integer.MAX_VALUE);
            int last = sampler.last();
            Tensor sampled = sampler.sample(denoiser, latent, last, (level, _) -> done.accept(last - level));
            Tensor images = scope.keep(codec.decode(sampled));
            done.accept(last + 1);
            return images;
        }
    }
}
