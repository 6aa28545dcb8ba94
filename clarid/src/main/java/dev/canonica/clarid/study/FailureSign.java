package dev.canonica.clarid.study;

import dev.canonica.clarid.report.data.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The known signs that a setting fails on an image (arXiv 2506.09955), by rules of our own. They are named beside the image; a setting has a sign that more than
 * {@link #OFTEN} of its images have.
 */
public enum FailureSign {
    /** t_e or k is off. */
    ARTEFACTS(
            "artefacts",
            "2 % more of the values than in the reconstruction lie outside [−1.05, 1.05], or the total variation outside the object is 1.25 times the reconstruction's"),
    /** Nothing was changed. */
    NOTHING_CHANGED(
            "t_e too small",
            "the image differs from its reconstruction by less than 0.01 (root mean square, of a range of 2)"),
    /** The way up and back down does not lead to the image. */
    NOT_RECONSTRUCTED(
            "t_e too large, or too few steps",
            "the reconstruction from t_e has a structural similarity to the original of less than 0.9"),
    /** The class has no hold on the latent. */
    CONDITION_IDLE(
            "condition idle",
            "the same latent decoded under the next class differs by less than 0.01 (root mean square, of a range of 2)"),
    /** Class cues were removed with the rest. */
    CLASS_LOST(
            "class cues removed: n or k too large",
            "the classifier knew the class of the reconstruction and no longer does; without a classifier, a structural similarity of less than 0.7"),
    /** The class-evidence map may be that of the background, or of a half of it. */
    MAP_AT_BORDER(
            "map at the border",
            "more than a quarter of the image's border lies in the part that the class-evidence map takes for the object"),
    /** The features will not help a student: of a setting, not of an image. */
    LOW_NMI("NMI below 0.4", "NMI of the clusters of the canonical features and the labels is below 0.4");

    /** The share of images from which a sign is that of the setting. */
    public static final double OFTEN = 0.25;

    private static final double SMALL = 0.01;
    private static final double MORE_OUTSIDE = 0.02;
    private static final double MORE_VARIATION = 1.25;
    private static final double RECONSTRUCTED = 0.9;
    private static final double RECOGNISABLE = 0.7;
    private static final double BORDER = 0.25;

    /** Below this NMI, clusters say too little of the classes. */
    public static final double NMI = 0.4;

    private final String title;
    private final String rule;

    FailureSign(String title, String rule) {
        this.title = title;
        this.rule = rule;
    }

    /** Its name. */
    public String title() {
        return title;
    }

    /** When an image has it. */
    public String rule() {
        return rule;
    }

    /** In a sentence, with the rule. */
    public String sentence() {
        return "Sign of failure, %s: %s.".formatted(title, rule);
    }

    /**
     * A sign that an image has.
     *
     * @param measured by what: the value, and the threshold that it passed
     */
    public record Found(FailureSign sign, String measured) {
        /** In a sentence, as it stands beside an image. */
        public String sentence() {
            return "Sign of failure, %s: %s.".formatted(sign.title, measured);
        }
    }

    /**
     * The signs of an image.
     *
     * @param row its {@link ImageMeasure}s under the setting
     * @param reconstruction those of its reconstruction from the same t_e
     * @param idle by how much its reconstruction changes under another class; NaN where there is none
     */
    public static List<FailureSign> of(double[] row, double[] reconstruction, double idle) {
        return found(row, reconstruction, idle).stream()
                .map(Found::sign)
                .distinct()
                .toList();
    }

    /** The signs of an image, with what was measured; of artefacts each kind by itself. */
    public static List<Found> found(double[] row, double[] reconstruction, double idle) {
        List<Found> signs = new ArrayList<>();
        double more = ImageMeasure.OUTSIDE.in(row) - ImageMeasure.OUTSIDE.in(reconstruction);
        if (ImageMeasure.OUTSIDE.in(row) > ImageMeasure.OUTSIDE.in(reconstruction) + MORE_OUTSIDE) {
            signs.add(new Found(
                    ARTEFACTS,
                    "%s %% more of the values than in the reconstruction lie outside [−1.05, 1.05] (threshold %s %%)"
                            .formatted(Numbers.plain(100 * more, 1), Numbers.plain(100 * MORE_OUTSIDE, 0))));
        }
        if (ImageMeasure.VARIATION.in(row) > MORE_VARIATION * ImageMeasure.VARIATION.in(reconstruction)) {
            double times = ImageMeasure.VARIATION.in(row) / ImageMeasure.VARIATION.in(reconstruction);
            signs.add(new Found(
                    ARTEFACTS,
                    "the total variation outside the object is %s times the reconstruction's (threshold %s)"
                            .formatted(Numbers.plain(times, 3), MORE_VARIATION)));
        }
        if (ImageMeasure.CHANGE.in(row) < SMALL) {
            signs.add(
                    below(NOTHING_CHANGED, "the difference to the reconstruction", ImageMeasure.CHANGE.in(row), SMALL));
        }
        if (ImageMeasure.SSIM.in(reconstruction) < RECONSTRUCTED) {
            signs.add(below(
                    NOT_RECONSTRUCTED,
                    "the structural similarity of the reconstruction to the original",
                    ImageMeasure.SSIM.in(reconstruction),
                    RECONSTRUCTED));
        }
        if (idle < SMALL) {
            signs.add(below(CONDITION_IDLE, "the difference to the same latent under the next class", idle, SMALL));
        }
        if (!Double.isNaN(ImageMeasure.RIGHT.in(row))) {
            if (ImageMeasure.RIGHT.in(reconstruction) == 1 && ImageMeasure.RIGHT.in(row) == 0) {
                signs.add(new Found(
                        CLASS_LOST, "the classifier knew the class of the reconstruction and no longer does"));
            }
        } else if (ImageMeasure.SSIM.in(row) < RECOGNISABLE) {
            signs.add(below(
                    CLASS_LOST, "the structural similarity to the original", ImageMeasure.SSIM.in(row), RECOGNISABLE));
        }
        return signs;
    }

    private static Found below(FailureSign sign, String what, double value, double threshold) {
        return new Found(sign, "%s is %s (threshold %s)".formatted(what, Numbers.format(value), threshold));
    }

    /**
     * The sign that a map with regions took the background, or a half of it, for the object: an object is seldom cut by so much of the image's edge.
     *
     * @param weights {@link dev.canonica.clarid.EvidenceMap#weights} of the first channel's pixels, and of others after them, which are the same [H · W or more]: 1 off the object, 0 on it
     * @param height H
     * @param width W
     */
    public static Optional<Found> foundInMap(double[] weights, int height, int width) {
        double object = 0;
        int border = 0;
        for (int i = 0; i < height * width; i++) {
            int y = i / width;
            int x = i % width;
            if (y == 0 || x == 0 || y == height - 1 || x == width - 1) {
                object += 1 - weights[i];
                border++;
            }
        }
        return object > BORDER * border
                ? Optional.of(new Found(
                        MAP_AT_BORDER,
                        "%s of the image's border lies in the part that the class-evidence map takes for the object (threshold %s)"
                                .formatted(Numbers.plain(object / border, 3), BORDER)))
                : Optional.empty();
    }
}
