package dev.canonica.cli.command;

import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.image.Image;
import dev.canonica.models.diffusion.StepRecordings;
import dev.canonica.models.pipeline.Sampling;
import dev.canonica.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Many images from noise, in batches, with a line of progress. */
final class SampledImages {
    private static final int BATCH = 16;
    private static final int ELEMENTS = BATCH * 3 * 32 * 32; // of samples that are computed together

    private SampledImages() {}

    /** {@code count} images of each of these conditions, one after another. */
    static List<Image> of(Sampling sampling, int[] chosen, int count) {
        long steps = (long) chosen.length * count * (sampling.sampler().last() + 1);
        try (Progress progress = Progress.start("sampling", 0, steps, "steps")) {
            return of(sampling, chosen, count, done -> progress.at(done, ""));
        }
    }

    /**
     * As {@link #of(Sampling, int[], int)}, without the line.
     *
     * @param steps is told how many steps have been taken
     */
    static List<Image> of(Sampling sampling, int[] chosen, int count, LongConsumer steps) {
        int size = Math.toIntExact(sampling.model().sampleShape().size());
        int batch = Math.clamp(ELEMENTS / size, 1, BATCH);
        int total = chosen.length * count;
        long levels = sampling.sampler().last() + 1L;
        List<Image> images = new ArrayList<>();
        try (StepRecordings _ = StepRecordings.open()) {
            for (int first = 0; first < total; first += batch) {
                int n = Math.min(batch, total - first);
                long before = first * levels;
                int[] condition = new int[n];
                int[] number = new int[n];
                for (int i = 0; i < n; i++) {
                    condition[i] = chosen[(first + i) / count];
                    number[i] = (first + i) % count;
                }
                try (Scope _ = Scope.open()) {
                    images.addAll(Image.ofTensor(
                            sampling.images(condition, number, done -> steps.accept(before + n * (long) done))));
                }
            }
        }
        return images;
    }
}
