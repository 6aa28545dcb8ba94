package dev.canonica.models.pipeline;

import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images from noise at the last level, by DDIM, or Euler's method for flows, with guidance. An image depends on the seed, the number of its condition and its own alone.
 *
 * <pre>
 *   Sampling sampling = Sampling.ofTexts(folder, DType.F32, List.of("a cat", "a dog"), 30, 7.5, 0);
 *   Tensor images = sampling.images(0, 0, 1);      // [3, 3, H, W]: two cats and a dog
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
    private static final Logger LOG = LoggerFactory.getLogger("dev.canonica.models");

    /**
     * Images of texts, by the folder of a pipeline as diffusers has it, with the scheduler that stands there. What guidance leads away from is the empty text.
     *
     * @param texts of the conditions 0, 1, …; one that is longer than the encoder takes is cut, with a warning
     * @param guidance 7.5 as a rule
     * @throws ModelException if a part is missing or damaged, or if the network is not conditioned on texts
     */
    public static Sampling ofTexts(Path folder, DType type, List<String> texts, int steps, double guidance, long seed) {
        TextPipeline pipeline = TextPipeline.read(folder, type)
                .orElseThrow(() -> new ModelException(folder + ": its model is not conditioned on texts"));
        return new Sampling(
                pipeline.network(),
                pipeline.conditions(texts, "", LOG::warn),
                ScaledLatents.codec(folder, type),
                ModelSamplers.of(folder, pipeline.network(), steps),
                guidance,
                seed);
    }

    /**
     * An image of each of these conditions, [B, C, H, W], nominally in [−1, 1]: of one that is there again the next.
     *
     * @param conditions their numbers
     */
    public Tensor images(int... conditions) {
        Map<Integer, Integer> seen = new HashMap<>();
        int[] number = Arrays.stream(conditions)
                .map(c -> seen.merge(c, 1, Integer::sum) - 1)
                .toArray();
        return images(conditions, number, _ -> {});
    }

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
