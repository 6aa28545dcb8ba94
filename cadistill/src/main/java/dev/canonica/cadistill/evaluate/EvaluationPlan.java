package dev.canonica.cadistill.evaluate;

import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Table;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is evaluated, and by what.
 *
 * @param candidates the models, each with the images under its classes
 * @param digest of the images and their classes
 * @param measures some of {@link #MEASURES}
 * @param table of the corruptions
 * @param corruptions which ones
 * @param severities which ones, ascending
 * @param baseline errors of another model by corruption, at the severities 1 … 5; empty for none
 * @param layers objects and backgrounds of the images; null where they are not needed
 * @param features whose features, and how they are judged; null for none
 * @param attacks which ones, and how; null for none
 * @param seeds whether the models differ in the seed of their training alone
 * @param seed of all that is drawn
 */
public record EvaluationPlan(
        List<Candidate> candidates,
        String digest,
        List<String> measures,
        Table table,
        List<Corruption> corruptions,
        List<Integer> severities,
        Map<String, double[]> baseline,
        @Nullable ObjectLayers layers,
        @Nullable Features features,
        @Nullable AttackPlan attacks,
        boolean seeds,
        long seed) {

    /** All measures, in the order of results. */
    public static final List<String> MEASURES =
            List.of("clean", "calibration", "corruptions", "background", "ood", "features", "attacks");

    /**
     * A model with what it is asked about.
     *
     * @param data the images
     * @param outside other sets by their names
     * @param bank images whose features are learned from; null for none
     */
    public record Candidate(
            EvaluatedModel model,
            Labelled data,
            Map<String, Labelled> outside,
            @Nullable Labelled bank) {}

    /**
     * How features are judged.
     *
     * @param layer whose output they are
     * @param neighbours k of the nearest neighbours
     */
    public record Features(String layer, int neighbours) {}

    boolean has(String measure) {
        return measures.contains(measure);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
