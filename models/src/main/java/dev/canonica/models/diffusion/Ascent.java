package dev.canonica.models.diffusion;

import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** The way from an image up to levels of noise, each step of which is done once. */
final class Ascent {
    private Ascent() {}

    /**
     * The latents at these levels.
     *
     * @param x0 where it begins, at level {@code start}
     * @param levels ascending
     * @param step from a level to the next
     */
    static List<Tensor> of(Denoiser denoiser, Tensor x0, int start, int[] levels, IntFunction<Step> step) {
        List<Tensor> latents = new ArrayList<>();
        Tensor first = x0; // and what was kept last: not to be closed
        Tensor x = x0;
        int reached = start;
        for (int m : levels) {
            if (m < reached) {
                throw new IllegalArgumentException("inversion: levels " + Arrays.toString(levels) + " do not ascend");
            }
            for (; reached < m; reached++) {
                x = step.apply(reached).from(x, denoiser, first);
            }
            latents.add(x);
            first = x;
        }
        return latents;
    }
}
