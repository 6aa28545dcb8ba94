package dev.canonica.clarid;

import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which directions are removed from a latent, and where. Beyond {@link #TOPK} these are answers of our own to the paper's open questions. */
public enum ProjectionMode {
    /** The k strongest directions, at t_e (arXiv 2506.09955). */
    TOPK,
    /** Of the directions computed, the k that carry least of the class by {@link ClassEvidence}, at t_e. */
    SELECTIVE,
    /**
     * The k strongest at t_e, and again, of the Jacobian that is there, on the way down: at three quarters and at half of the level of t_e, rounded to
     * levels.
     */
    MULTISTEP;

    /** Fractions of the level of t_e at which MULTISTEP projects again. */
    private static final double[] AGAIN = {0.75, 0.5};

    /** The mode of a name as the command line gives it, such as {@code topk}. */
    public static ProjectionMode of(String name) {
        for (ProjectionMode mode : values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("projection: '" + name + "' is not one of topk, selective, multistep");
    }

    /** The triples in the order in which their directions are removed. */
    public List<RandomizedSvd.Triples> ordered(
            CanonicalExtraction extraction, Tensor latent, long[] y, List<RandomizedSvd.Triples> triples) {
        return this == SELECTIVE
                ? ClassEvidence.leastFirst(triples, ClassEvidence.of(extraction, latent, y, triples))
                : triples;
    }

    /**
     * The canonical samples of CLAReps.
     *
     * @param denoiser what decodes
     * @param clarep latents at the extraction's level, projected there [B, C, H, W]
     * @param y classes [B]
     * @param k directions removed from each sample, at every level alike [B]
     */
    public Tensor decode(CanonicalExtraction extraction, Denoiser denoiser, Tensor clarep, long[] y, int[] k) {
        int at = extraction.level();
        Tensor x = clarep;
        if (this == MULTISTEP) {
            for (int level : levelsAgain(at)) {
                x = extraction.sampler().descend(denoiser, x, at, level);
                at = level;
                CanonicalExtraction here = extraction.atLevel(level);
                x = CanonicalExtraction.project(x, here.directions(x, y).samples(), k);
            }
        }
        return extraction.sampler().sample(denoiser, x, at);
    }

    /** The levels below {@code level} at which MULTISTEP projects again, descending; fewer where they coincide. */
    static List<Integer> levelsAgain(int level) {
        List<Integer> levels = new ArrayList<>();
        int last = level;
        for (double fraction : AGAIN) {
            int next = (int) Math.round(fraction * level);
            if (next < last) {
                levels.add(next);
                last = next;
            }
        }
        return levels;
    }
}
