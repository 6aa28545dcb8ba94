package dev.canonica.cli.command;

import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.image.Image;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Images from noise at the last level, by DDIM, or Euler's method for flows, with guidance. An image depends on the seed, the number of its condition and its own alone.
 *
 * @param model whose samples are decoded
 * @param conditions what they are under
 * @param codec from the model's samples to images
 * @param guidance w of classifier-free guidance
 */
record Sampling(
        DenoisingModel model, Conditions conditions, LatentCodec codec, Sampler sampler, double guidance, long seed) {
    private static final int BATCH = 16;
    private static final int ELEMENTS = BATCH * 3 * 32 * 32; // of samples that are computed together

    /** {@code count} images of each of these conditions, one after another. */
    List<Image> images(int[] chosen, int count) {
        Shape shape = model.sampleShape();
        int size = Math.toIntExact(shape.size());
        int batch = Math.clamp(ELEMENTS / size, 1, BATCH);
        int total = chosen.length * count;
        long levels = sampler.last() + 1;
        List<Image> images = new ArrayList<>();
        try (Progress progress = Progress.start("sampling", 0, total * levels, "steps");
                StepRecordings _ = StepRecordings.open()) {
            for (int first = 0; first < total; first += batch) {
                int n = Math.min(batch, total - first);
                long before = first * levels;
                float[] noise = new float[n * size];
                int[] y = new int[n];
                for (int i = 0; i < n; i++) {
                    y[i] = chosen[(first + i) / count];
                    new Philox(seed, (first + i) % count).child(y[i]).normals(0, noise, i * size, size);
                }
                try (Scope scope = Scope.open()) {
                    Tensor latent = Tensor.of(noise, shape.prepend(n).dims());
                    images.addAll(decode(latent, y, done -> progress.at(before + n * (long) done, "")));
                }
            }
        }
        return images;
    }

    private List<Image> decode(Tensor latent, int[] y, IntConsumer done) {
        GuidedDenoiser denoiser = new GuidedDenoiser(model, conditions.of(y), guidance, Integer.MAX_VALUE);
        int last = sampler.last();
        Tensor sampled = sampler.sample(denoiser, latent, last, (level, _) -> done.accept(last - level));
        Tensor decoded = codec.decode(sampled);
        done.accept(last + 1);
        float[] pixels = decoded.toFloats();
        int size = pixels.length / y.length;
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < y.length; i++) {
            images.add(Image.ofNormalized(pixels, i * size, decoded.dim(1), decoded.dim(2), decoded.dim(3)));
        }
        return images;
    }
}
