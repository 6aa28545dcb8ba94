package dev.canonica.models.training;

import dev.canonica.tensor.io.Settings;

/**
 * What a diffusion model is measured on while it is trained.
 *
 * @param images that are measured on
 * @param title what they are, in words
 * @param heldOut whether they are others than those that are learned from
 * @param every steps between two measurements; the end is one, too
 * @param patience measurements without a lower loss after which the training ends; 0 for none
 * @param settings what of it the results depend on
 */
public record Validation(
        ImageSource images, String title, boolean heldOut, long every, int patience, Settings settings) {
    private static final int MOST = 1_000;

    /** Images to learn from, and what it is measured on. */
    public record Parts(TrainingData learned, Validation validation) {}

    /**
     * Holds out a share of a set, at most a thousand images and so many that a batch is left; where that are none, it is measured on the first images of those that are
     * learned from.
     *
     * @param share of the images
     */
    public static Parts holdingOut(TrainingData data, double share, int batch, long seed, long every, int patience) {
        ImageSource all = data.images();
        int held = Math.clamp(Math.min(Math.round(share * all.size()), MOST), 0, Math.max(0, all.size() - batch));
        if (held == 0) {
            ImageSource first = ImageSubset.first(all, Math.min(MOST, all.size()));
            return new Parts(
                    data,
                    new Validation(
                            first,
                            "the first %s of the images that it learns from".formatted(first.size()),
                            false,
                            every,
                            patience,
                            Settings.NONE));
        }
        ImageSubset.Split split = ImageSubset.holdingOut(all, held, seed);
        return new Parts(
                new TrainingData(split.learned(), data.name(), data.classes(), data.digest()),
                new Validation(
                        split.held(),
                        "%s of the images of %s, which it does not learn from".formatted(held, data.name()),
                        true,
                        every,
                        patience,
                        Settings.NONE.with("images held out", held)));
    }

    /** Measures on another set: on its first thousand images, if there are more. */
    public static Validation on(TrainingData other, long every, int patience) {
        ImageSource first =
                ImageSubset.first(other.images(), Math.min(MOST, other.images().size()));
        return new Validation(
                first,
                "the first %s images of %s".formatted(first.size(), other.name()),
                true,
                every,
                patience,
                Settings.NONE.with("validation's images and labels", other.digest()));
    }
}
