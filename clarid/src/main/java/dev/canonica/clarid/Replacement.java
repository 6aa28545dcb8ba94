package dev.canonica.clarid;

import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.function.Supplier;

/**
 * What comes in the place of what a projection removes, x̃ = x − R (x − y) for its linear map R, and whether the latent keeps its length. The paper (arXiv 2506.09955) puts nothing there
 * and leaves the length as it becomes: {@link #NOTHING}.
 *
 * @param fill what y is
 * @param norm whether x̃ is stretched to the norm of x
 */
public record Replacement(Fill fill, boolean norm) {
    /** y = 0, the length as it becomes. */
    public static final Replacement NOTHING = new Replacement(Fill.ZERO, false);

    /** Where the network is asked what a class is like on average: where next to nothing of an image is left. */
    private static final double SIGNAL = 0.02;

    private static final int DRAWS = 8;

    /** What y is: a latent at the level of x. */
    public enum Fill {
        /** 0: what is removed is gone. */
        ZERO,
        /** a μ_c, the class's mean as the network knows it: x̂₀ under the class of noise alone at ᾱ ≈ .02, averaged over eight draws that are the same for all images. */
        MEAN,
        /** b ε, the noise that such a latent has beside its image: drawn from a seed and from what the image holds. */
        NOISE
    }

    /** By the names of the command line: {@code zero}, {@code mean}, {@code noise}. */
    public static Fill fill(String name) {
        for (Fill fill : Fill.values()) {
            if (title(fill).equals(name)) {
                return fill;
            }
        }
        throw new IllegalArgumentException("replace: '" + name + "' is not one of zero, mean, noise");
    }

    /** The name of a filling. */
    public static String title(Fill fill) {
        return switch (fill) {
            case ZERO -> "zero";
            case MEAN -> "mean";
            case NOISE -> "noise";
        };
    }

    /** In words, as settings show it. */
    public String title() {
        return title(fill) + (norm ? ", norm restored" : "");
    }

    /**
     * The latents y of a batch, [B][length].
     *
     * @param x latents [B, C, H, W]
     * @param streams a number of each image, for its noise
     */
    double[][] latents(CanonicalExtraction method, Tensor x, Condition c, Supplier<long[]> streams, long seed) {
        try (Scope _ = Scope.open()) {
            Sampler sampler = method.sampler();
            Tensor none = x.times(0);
            return switch (fill) {
                case ZERO -> new double[x.dim(0)][Math.toIntExact(x.size() / x.dim(0))];
                case MEAN -> DirectionBlocks.rows(sampler.noised(mean(method, none, c, seed), none, method.level()));
                case NOISE ->
                    DirectionBlocks.rows(
                            sampler.noised(none, EvidenceMap.noise(x, streams.get(), seed, -1), method.level()));
            };
        }
    }

    private static Tensor mean(CanonicalExtraction method, Tensor none, Condition c, long seed) {
        Sampler sampler = method.sampler();
        int level = sampler.ofSignal(SIGNAL);
        Tensor sum = none.times(1);
        for (int draw = 0; draw < DRAWS; draw++) {
            Tensor one = Tensor.normal(
                    none.dtype(), none.shape().without(0).prepend(1), new Philox(seed, 0).child(-2L - draw));
            Tensor x = sampler.noised(none, one.broadcastTo(none.shape()), level);
            sum.accumulate(1.0 / DRAWS, EvidenceMap.expected(method, x, c, level));
        }
        return sum;
    }
}
