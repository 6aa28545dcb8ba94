package dev.canonica.clarid.sweep;

import dev.canonica.clarid.report.chart.PointChart;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.FailureSign;
import dev.canonica.clarid.study.ImageMeasure;
import dev.canonica.data.image.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** A sweep as one HTML page. */
public final class SweepPage {
    /** More heat maps than these tell nobody more. */
    private static final int HEATED = 4;

    private final SweepResults results;
    private final List<String> varying;

    private SweepPage(SweepResults results) {
        this.results = results;
        Set<String> axes = results.varying();
        this.varying = axes.isEmpty() ? List.of("projection", "k") : List.copyOf(axes);
    }

    /**
     * Writes it.
     *
     * @param settings of the sweep, by name
     * @param command that makes it again
     */
    public static void write(SweepResults results, Map<String, String> settings, String command, Path file) {
        new SweepPage(results).page(settings, command).write(file);
    }

    private String name(SweepResults.Row row) {
        String title = row.setting().title(varying);
        return results.plan().own().filter(row.setting()::equals).isPresent() ? title + " (the model’s own)" : title;
    }

    private PlainPage page(Map<String, String> settings, String command) {
        SweepPlan plan = results.plan();
        PlainPage page = new PlainPage(
                "Sweep",
                results.chosen().map(row -> "Chosen: " + name(row)).orElse("No setting is eligible"),
                "%s on %s of %s, beside %s. Numbers are of the %s that the choice has not seen, with 95 %% intervals over images."
                        .formatted(
                                Numbers.count(results.rows().size(), "setting"),
                                Numbers.count(results.images(), "image"),
                                plan.set().name(),
                                plan.controls().isEmpty()
                                        ? "no controls"
                                        : String.join(
                                                ", ",
                                                plan.controls().stream()
                                                        .map(Control::title)
                                                        .toList()),
                                Numbers.count(results.images() - results.chosenBy(), "image")));
        page.section("The choice", results.reason());
        page.charts(Map.of("Removed against kept", tradeoff()));
        results.chosen().ifPresent(row -> chosen(page, row));
        heatMaps(page);
        table(page);
        signs(page);
        pictures(page);
        page.section("What the numbers are", "");
        page.pairs(explanations());
        page.section("Settings", "").pairs(settings);
        page.section("How to repeat it", "The same command goes on where it was stopped, and gives the same bytes.")
                .command(command);
        return page;
    }

    private void chosen(PlainPage page, SweepResults.Row row) {
        Map<String, String> pairs = new LinkedHashMap<>();
        row.setting().columns().forEach((axis, value) -> {
            if (!value.isEmpty()) {
                pairs.put(axis, value);
            }
        });
        pairs.put("t_e", results.plan().sampler().describe(row.level()) + ", level " + row.level());
        page.pairs(pairs);
        List<List<String>> rows = new ArrayList<>();
        row.report().forEach((name, value) -> {
            if (!name.startsWith("original_")) {
                rows.add(List.of(
                        words(name),
                        SweepResults.shown(value),
                        SweepResults.shown(row.choice().get(name))));
            }
        });
        page.table(List.of("Measure", "Reported", "Where it was chosen"), rows);
    }

    private String variance() {
        return ImageMeasure.VARIANCE.id(results.plan().masked());
    }

    private String ssim() {
        return ImageMeasure.SSIM.id(results.plan().masked());
    }

    private static double estimate(SweepResults.Row row, String name) {
        return Optional.ofNullable(row.report().get(name))
                .map(Interval::estimate)
                .orElse(Double.NaN);
    }

    private String tradeoff() {
        Optional<SweepResults.Row> chosen = results.chosen();
        List<PointChart.Point> points = results.rows().stream()
                .map(row -> new PointChart.Point(
                        name(row),
                        estimate(row, variance()),
                        estimate(row, ssim()),
                        chosen.filter(row::equals).isPresent()))
                .toList();
        int level = chosen.orElse(results.rows().getFirst()).level();
        return PointChart.of(
                "Similarity of what is to stay against variance of what is to go, of settings and of controls at the chosen t_e",
                words(variance()) + " (less is better)",
                words(ssim()) + " (more is better)",
                "settings",
                points,
                results.curves(level));
    }

    /** Of the measures that settings are judged by, over t_e or the first axis that varies and all others. */
    private void heatMaps(PlainPage page) {
        if (varying.size() < 2 || results.varying().isEmpty()) {
            return;
        }
        String across = varying.contains("te") ? "te" : varying.getFirst();
        List<String> others = varying.stream().filter(a -> !a.equals(across)).toList();
        List<String> columns = distinct(row -> row.setting().columns().get(across));
        List<String> rows = distinct(row -> row.setting().title(others));
        page.section("Heat maps", "Darker is more. Columns: " + across + ".");
        List<String> measures =
                List.of(results.criterion(), variance(), ssim(), "accuracy_difference", "ami_unconditional_class");
        measures.stream()
                .distinct()
                .filter(name -> results.rows().stream().anyMatch(r -> r.report().containsKey(name)))
                .limit(HEATED)
                .forEach(name -> {
                    double[][] values = new double[rows.size()][columns.size()];
                    for (double[] of : values) {
                        Arrays.fill(of, Double.NaN);
                    }
                    results.rows()
                            .forEach(row -> values[rows.indexOf(row.setting().title(others))][
                                            columns.indexOf(
                                                    row.setting().columns().get(across))] =
                                    estimate(row, name));
                    page.heatMap(words(name), across, rows, columns, values);
                });
    }

    private List<String> distinct(Function<SweepResults.Row, String> of) {
        return results.rows().stream().map(of).distinct().toList();
    }

    private void table(PlainPage page) {
        List<String> measures = results.measures().stream()
                .filter(name -> !name.startsWith("original_"))
                .toList();
        List<String> head = new ArrayList<>(List.of("Setting"));
        measures.forEach(name -> head.add(words(name)));
        head.add("Signs of failure");
        head.add("Why it cannot be chosen");
        List<SweepResults.Row> sorted = results.rows().stream()
                .sorted(Comparator.comparing(row -> !results.ineligible(row).isEmpty()))
                .toList();
        List<List<PlainPage.Cell>> rows = new ArrayList<>();
        for (SweepResults.Row row : sorted) {
            List<PlainPage.Cell> cells = new ArrayList<>(List.of(PlainPage.Cell.of(name(row))));
            for (String name : measures) {
                Interval i = row.report().get(name);
                cells.add(new PlainPage.Cell(SweepResults.shown(i), i == null ? Double.NaN : i.estimate()));
            }
            cells.add(PlainPage.Cell.of(String.join(
                    "; ", row.often().stream().map(FailureSign::title).toList())));
            cells.add(PlainPage.Cell.of(results.ineligible(row)));
            rows.add(cells);
        }
        page.section("All settings", "A head sorts the table. All numbers of both halves are in results.json.");
        page.sortable(head, rows, results.chosen().map(sorted::indexOf).orElse(-1));
        original(page);
    }

    /** How the features of the images themselves agree, which canonical ones are to be better than. */
    private void original(PlainPage page) {
        SweepResults.Row row = results.chosen().orElse(results.rows().getFirst());
        List<List<String>> rows = new ArrayList<>();
        row.report().forEach((name, value) -> {
            if (name.startsWith("original_")) {
                String own = name.substring("original_".length());
                rows.add(List.of(
                        words(own),
                        SweepResults.shown(value),
                        SweepResults.shown(row.report().get(own))));
            }
        });
        if (!rows.isEmpty()) {
            page.paragraph("Features of the images themselves and the canonical ones, under: " + name(row) + ".");
            page.table(List.of("Agreement", "Original", "Canonical"), rows);
        }
    }

    private void signs(PlainPage page) {
        page.section(
                "Signs of failure",
                "Rules of this project after the paper's words. A setting has a sign where more than a quarter of its images have it.");
        Map<String, String> signs = new LinkedHashMap<>();
        for (FailureSign sign : FailureSign.values()) {
            if (sign == FailureSign.MAP_AT_BORDER) {
                continue; // a sweep keeps no maps
            }
            long having = results.rows().stream()
                    .filter(row -> row.often().contains(sign))
                    .count();
            signs.put(
                    sign.title(),
                    "%s. Of %s settings %s have it."
                            .formatted(sign.rule(), results.rows().size(), having));
        }
        page.pairs(signs);
    }

    private void pictures(PlainPage page) {
        List<Image> originals = results.pictures(SweepStore.ORIGINAL);
        if (originals.isEmpty()) {
            return;
        }
        Map<String, List<PlainPage.Shown>> rows = new LinkedHashMap<>();
        rows.put("original", shown(originals, List.of()));
        for (int level : results.plan().teLevels()) {
            rows.put(
                    "reconstruction from " + results.plan().sampler().describe(level),
                    shown(results.pictures(SweepStore.reconstruction(level)), List.of()));
        }
        for (SweepResults.Row row : results.rows()) {
            rows.put(name(row), shown(results.pictures(SweepStore.setting(row.number())), results.signs(row.number())));
        }
        page.section("Pictures", "The first images, with the signs of failure that each has.");
        page.pictures(rows);
    }

    private static List<PlainPage.Shown> shown(List<Image> images, List<List<FailureSign>> signs) {
        List<PlainPage.Shown> all = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            all.add(new PlainPage.Shown(
                    images.get(i),
                    signs.isEmpty()
                            ? List.of()
                            : signs.get(i).stream().map(FailureSign::title).toList()));
        }
        return all;
    }

    private static String words(String name) {
        return name.replace('_', ' ');
    }

    private Map<String, String> explanations() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(
                words(variance()) + ", variation",
                "of all images together, relative to the reconstructions: 1 removes nothing; intervals by the bootstrap (BCa)");
        all.put(
                "to … at equal ssim, at equal change",
                "relative to the control at that point of its curve, over all images together, that has the same mean SSIM, or the same mean change; below 1 the setting removes more. Left out where the control's curve does not get there");
        all.put(words(ssim()), "to the original, where the object is; 1 is the same");
        all.put("removed", "directions that were removed from an image, on average");
        all.put("change", "root mean square difference to the reconstruction, of a range of 2");
        all.put(
                "accuracy difference",
                "less that of the reconstructions, by Newcombe's interval; below 0 class is lost");
        all.put(
                "nmi, ami, knn",
                "agreement of k-means clusters of the features (PCA to 50 components of a sketch) with classes and with background families, and the accuracy of the 20 nearest neighbours. AMI is 0 by chance, NMI is not: see nmi by chance. Intervals leave out one image at a time (jackknife) and keep the clusters");
        all.put(
                "ami, knn … less … at equal ssim",
                "less that of the control's features at that point of its curve that has the same mean SSIM; of classes more is better, of background families less");
        all.put("conditional, unconditional", "features under the class know the label; those under none do not");
        return all;
    }
}
