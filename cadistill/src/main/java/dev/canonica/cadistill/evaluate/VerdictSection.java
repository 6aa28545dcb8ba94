package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.bound.TwoSided;
import dev.canonica.cadistill.attack.bound.Verdict;
import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.clarid.report.chart.CurveChart.Curve;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The part of an evaluation's page that says what is known from both sides: of all images, and of each. */
final class VerdictSection {
    /** Images that the page names; the file has all. */
    private static final int SHOWN = 24;

    private VerdictSection() {}

    static void add(PlainPage page, EvaluationResults results) {
        List<Verdicts> all = results.verdicts();
        if (all.isEmpty()) {
            return;
        }
        page.section(
                "Robust, broken, undecided",
                "Broken: an attack found a change within ε, or the image is classified wrongly as it is. Robust: no change within ε breaks it, by the bound that is named. Undecided: neither is known.");
        List<List<String>> rows = new ArrayList<>();
        for (Verdicts v : all) {
            List<String> row =
                    new ArrayList<>(List.of("%s, %s, ε = %s".formatted(v.model(), v.norm(), Robustness.eps(v.eps()))));
            for (Verdict verdict : Verdict.values()) {
                row.add(v.count(verdict) + ": " + EvaluationPage.shown(v.share(verdict)));
            }
            row.add(v.bound().words());
            rows.add(row);
        }
        page.table(List.of("", "robust", "broken", "undecided", "robust by"), rows);
        page.charts(charts(all));
        each(page, all);
    }

    /** For every model and norm with a bound: the share that is surely robust, and the share that may be, against ε. */
    private static Map<String, String> charts(List<Verdicts> all) {
        Map<String, List<Verdicts>> byNorm = new LinkedHashMap<>();
        for (Verdicts v : all) {
            if (v.bound() != TwoSided.Bound.NONE) {
                byNorm.computeIfAbsent(v.norm(), _ -> new ArrayList<>()).add(v);
            }
        }
        Map<String, String> charts = new LinkedHashMap<>();
        byNorm.forEach((norm, own) -> {
            List<Curve> curves = new ArrayList<>();
            for (String model : own.stream().map(Verdicts::model).distinct().toList()) {
                List<Verdicts> of =
                        own.stream().filter(v -> v.model().equals(model)).toList();
                double[] eps = of.stream().mapToDouble(Verdicts::eps).toArray();
                curves.add(new Curve(
                        model + ", at least",
                        eps,
                        of.stream()
                                .mapToDouble(v -> v.share(Verdict.ROBUST).estimate())
                                .toArray()));
                curves.add(new Curve(
                        model + ", at most",
                        eps,
                        of.stream()
                                .mapToDouble(v -> 1 - v.share(Verdict.BROKEN).estimate())
                                .toArray()));
            }
            if (own.size() > curves.size() / 2) {
                String caption = "Robust images from both sides, " + norm;
                charts.put(caption, CurveChart.of(caption, "ε", "share", curves));
            }
        });
        return charts;
    }

    private static void each(PlainPage page, List<Verdicts> all) {
        int images = all.getFirst().images().size();
        page.paragraph("Each image%s: its verdict, the bound from below, and the least change that broke it."
                .formatted(
                        images > SHOWN
                                ? ", the first %d of %d (%s has all)".formatted(SHOWN, images, EvaluationFiles.VERDICTS)
                                : ""));
        List<String> head = new ArrayList<>(List.of("image"));
        all.forEach(v -> head.add("%s, %s %s".formatted(v.model(), v.norm(), Robustness.eps(v.eps()))));
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(SHOWN, images); i++) {
            List<String> row =
                    new ArrayList<>(List.of(all.getFirst().images().get(i).id()));
            for (Verdicts v : all) {
                row.add(shown(v, v.images().get(i)));
            }
            rows.add(row);
        }
        page.table(head, rows);
    }

    private static String shown(Verdicts v, Verdicts.Of image) {
        List<String> words = new ArrayList<>(List.of(Verdicts.word(image.known().verdict())));
        if (v.bound() != TwoSided.Bound.NONE && image.known().radius() > 0) {
            words.add("≥ " + Numbers.format(image.known().radius()));
        }
        if (image.known().broken() == 0) {
            words.add("wrong as it is");
        } else if (Double.isFinite(image.known().broken())) {
            words.add("≤ " + Numbers.format(image.known().broken()));
        }
        return String.join(", ", words);
    }
}
