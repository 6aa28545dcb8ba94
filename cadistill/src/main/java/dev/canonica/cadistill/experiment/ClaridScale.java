package dev.canonica.cadistill.experiment;

import dev.canonica.models.ModelException;
import java.util.List;

/**
 * How large the experiment on the method is, and what it asks.
 *
 * @param id the name of the scale that it began from
 * @param first the first of the images in the test set: those before it chose settings
 * @param images held-out images
 * @param batch images at a time
 * @param samplerSteps levels between image and noise
 * @param rank n, directions that are computed of each image
 * @param learned images that the judging classifier learns from
 * @param epochs of it
 * @param width planes of its first stage
 * @param timed batches whose stages are timed
 * @param widths of networks whose steps and products are timed
 * @param questions the names of the questions that are asked, of {@link #questionIds}
 */
public record ClaridScale(
        String id,
        int first,
        int images,
        int batch,
        int samplerSteps,
        int rank,
        int learned,
        int epochs,
        int width,
        List<Integer> timed,
        List<Integer> widths,
        List<String> questions) {
    /** No image of the test set from here on was looked at when the map's recipe, t_e, the layer and the strength were chosen. */
    private static final int HELD_OUT = 1000;

    /** All of it within minutes, as a test of itself; its numbers say nothing. */
    public static final ClaridScale TINY =
            new ClaridScale("tiny", 30, 12, 6, 8, 3, 200, 1, 4, List.of(1, 2), List.of(16, 32), ClaridQuestion.IDS);

    /** A first look. */
    public static final ClaridScale SMALL = new ClaridScale(
            "small",
            HELD_OUT,
            200,
            16,
            20,
            7,
            10000,
            6,
            16,
            List.of(1, 4, 16),
            List.of(96, 192, 384, 768),
            ClaridQuestion.IDS);

    /** What conclusions are drawn from. */
    public static final ClaridScale FULL = new ClaridScale(
            "full",
            HELD_OUT,
            1000,
            16,
            50,
            10,
            60000,
            12,
            32,
            List.of(1, 4, 16, 64),
            List.of(96, 192, 384, 768, 1152),
            ClaridQuestion.IDS);

    private static final List<ClaridScale> ALL = List.of(TINY, SMALL, FULL);

    /** Checks that there are images enough to compare, two at least, from an image of the test set on, and something is asked. */
    public ClaridScale {
        timed = List.copyOf(timed);
        widths = List.copyOf(widths);
        questions = List.copyOf(questions);
        if (images < 2 || first < 0) {
            throw new ModelException(
                    "experiment: %d images from image %d on; at least 2 are needed".formatted(images, first));
        }
        if (questions.isEmpty() || !ClaridQuestion.IDS.containsAll(questions)) {
            throw new ModelException("experiment: the questions %s are not some of %s"
                    .formatted(String.join(", ", questions), String.join(", ", ClaridQuestion.IDS)));
        }
    }

    /** The names of the questions that can be asked. */
    public static List<String> questionIds() {
        return ClaridQuestion.IDS;
    }

    /** The names of the scales. */
    public static List<String> ids() {
        return ALL.stream().map(ClaridScale::id).toList();
    }

    /** Whether no setting was chosen by any of its images. */
    boolean heldOut() {
        return first >= HELD_OUT;
    }

    /**
     * The scale of a name.
     *
     * @throws ModelException if there is none
     */
    public static ClaridScale named(String id) {
        return Scale.named(ALL, ClaridScale::id, id);
    }

    /** The same of another number of images. */
    public ClaridScale ofImages(int count) {
        return new ClaridScale(
                id, first, count, batch, samplerSteps, rank, learned, epochs, width, timed, widths, questions);
    }

    /** The same, and some questions alone. */
    public ClaridScale ofQuestions(List<String> ids) {
        return new ClaridScale(
                id, first, images, batch, samplerSteps, rank, learned, epochs, width, timed, widths, ids);
    }
}
