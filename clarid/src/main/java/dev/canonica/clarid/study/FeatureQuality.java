package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.Knn;
import dev.canonica.clarid.metrics.Nmi;
import dev.canonica.clarid.report.data.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How well features tell classes apart, before and after extraction: agreement of k-means clusters with the labels (NMI, and AMI, which chance
 * does not raise) and the accuracy of the nearest neighbours, on all tokens after PCA. A model without a class for no condition has no
 * unconditional features.
 */
public final class FeatureQuality {
    /** Below so many images NMI is mostly chance (0.25 for 100 images and ten classes). */
    public static final int ENOUGH = 1000;

    private FeatureQuality() {}

    /** The sign of failure that the table shows, if it does: of features under no condition where there are such, since those under a class know the label. */
    public static Optional<FailureSign> sign(Table table) {
        return table.rows().stream()
                .filter(row -> row.name().startsWith("canonical"))
                .findFirst()
                .filter(row -> row.values().getFirst() < FailureSign.NMI)
                .map(_ -> FailureSign.LOW_NMI);
    }

    /** The table of the report. */
    public static Table table(Extraction extraction, long seed) {
        int[] labels = extraction.labels();
        int classes = (int) Arrays.stream(labels).distinct().count();
        List<Table.Row> rows = new ArrayList<>();
        boolean unconditional = extraction.unconditional();
        for (String condition : unconditional ? List.of("unconditional", "features") : List.of("features")) {
            for (String which : List.of("original", "canonical")) {
                double[][] x = extraction.rows(condition + "/" + which);
                FeatureClusters of = FeatureClusters.of(x, classes, seed);
                int[] clusters = of.clusters();
                double accuracy = Knn.accuracy(of.nearest(labels), labels);
                String name =
                        which + (condition.equals("features") ? ", conditional (knows the label)" : ", unconditional");
                rows.add(new Table.Row(name, List.of(Nmi.nmi(clusters, labels), Nmi.ami(clusters, labels), accuracy)));
            }
        }
        return new Table(
                "Features by class",
                "All tokens, %s components, k-means with %s clusters, %s images. AMI is NMI less what chance gives."
                        .formatted(FeatureClusters.COMPONENTS, classes, labels.length),
                "Features",
                List.of("NMI", "AMI", "k-NN accuracy"),
                rows);
    }
}
