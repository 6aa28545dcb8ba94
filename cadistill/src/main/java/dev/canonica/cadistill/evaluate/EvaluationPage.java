package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.check.Finding;
import dev.canonica.cadistill.evaluate.EvaluationPlan.Candidate;
import dev.canonica.cadistill.evaluate.EvaluationResults.Comparison;
import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.clarid.report.chart.CurveChart.Curve;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.Pictures;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.data.corruption.Corruption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An evaluation as one HTML page. */
public final class EvaluationPage {
    private final EvaluationResults results;
    private final List<String> problems;
    private final Map<String, String> settings;
    private final String command;

    /**
     * A page.
     *
     * @param problems what could not be evaluated, and why
     * @param settings by name
     * @param command that makes these results again
     */
    public EvaluationPage(
            EvaluationResults results, List<String> problems, Map<String, String> settings, String command) {
        this.results = results;
        this.problems = problems;
        this.settings = settings;
        this.command = command;
    }

    /** The page. */
    public PlainPage page() {
        List<String> models = results.models();
        PlainPage page = new PlainPage(
                "Evaluation",
                String.join(", ", models),
                "%s of %s. Each number has its interval of confidence 0.95: Wilson's for shares of images, Student's for means, the bootstrap's for the calibration error."
                        .formatted(
                                Numbers.count(results.images(), "image"),
                                results.plan()
                                        .candidates()
                                        .getFirst()
                                        .data()
                                        .images()
                                        .name()));
        numbers(page);
        if (!results.comparisons().isEmpty()) {
            comparisons(page);
        }
        if (results.plan().has("corruptions")) {
            corruptions(page);
        }
        if (!results.robustness().isEmpty()) {
            attacks(page);
            VerdictSection.add(page, results);
        }
        if (!results.reliability().isEmpty()) {
            reliability(page);
        }
        if (!problems.isEmpty()) {
            page.section("What could not be evaluated", "The rest went on without it.");
            problems.forEach(page::paragraph);
        }
        page.section("Settings", "").pairs(settings);
        page.section("How to repeat it", "The same command goes on where it was stopped, and gives the same numbers.")
                .command(command);
        return page;
    }

    private void numbers(PlainPage page) {
        page.section("Numbers", "");
        Set<String> names = new LinkedHashSet<>();
        results.measurements().stream()
                .filter(m -> isHeadline(m.measure(), m.name()))
                .forEach(m -> names.add(m.measure() + " " + m.name()));
        List<String> head = new ArrayList<>(List.of("measure"));
        head.addAll(results.models());
        if (results.plan().seeds()) {
            head.add("mean over seeds");
        }
        List<List<String>> rows = new ArrayList<>();
        for (String name : names) {
            String measure = name.substring(0, name.indexOf(' '));
            String number = name.substring(name.indexOf(' ') + 1);
            List<String> row = new ArrayList<>(List.of(measure + ": " + number));
            for (String model : results.models()) {
                row.add(results.of(model, measure, number)
                        .map(m -> shown(m.value()))
                        .orElse("–"));
            }
            results.means().stream()
                    .filter(m -> m.measure().equals(measure) && m.name().equals(number))
                    .findFirst()
                    .ifPresent(m -> row.add(shown(m.value())));
            rows.add(row);
        }
        page.table(head, rows);
        warnings(page);
    }

    /** Numbers of the first table: none of single classes or corruptions, and no verdicts, which have a table of their own. */
    private static boolean isHeadline(String measure, String name) {
        return measure.equals("corruptions")
                ? name.equals("mean") || name.equals("mce")
                : !name.startsWith("class/") && !name.contains("/verdict/");
    }

    static String shown(Interval v) {
        String estimate = Numbers.format(v.estimate());
        return Double.isFinite(v.low()) && Double.isFinite(v.high())
                ? "%s [%s, %s]".formatted(estimate, Numbers.format(v.low()), Numbers.format(v.high()))
                : estimate;
    }

    private void comparisons(PlainPage page) {
        page.section(
                "Image by image",
                "Shares of right answers less those of %s, by Newcombe's interval, and the probability of a split of the differing images at least as uneven by chance (McNemar's exact test). Each p is of one comparison: of twenty, one is below 0.05 by chance."
                        .formatted(results.models().getFirst()));
        List<List<String>> rows = new ArrayList<>();
        for (Comparison c : results.comparisons()) {
            boolean single = c.measure().equals("corruptions");
            if (!single) {
                rows.add(List.of(
                        c.second() + ", " + c.measure() + ": " + c.name(),
                        shown(c.difference()),
                        Numbers.format(c.pairs().mcNemar()),
                        Long.toString(c.pairs().second()),
                        Long.toString(c.pairs().first())));
            }
        }
        page.table(List.of("", "difference", "p", "right by it alone", "by the first alone"), rows);
    }

    private void corruptions(PlainPage page) {
        page.section(
                "Corruptions",
                "Accuracy by severity, the mean of the corruptions that count. Frost is a computed texture: numbers for it are not comparable with published ones.");
        List<Curve> curves = new ArrayList<>();
        List<Integer> severities = results.plan().severities();
        double[] xs = severities.stream().mapToDouble(Integer::doubleValue).toArray();
        for (String model : results.models()) {
            double[] ys = new double[xs.length];
            for (int s = 0; s < xs.length; s++) {
                int severity = severities.get(s);
                ys[s] = results.plan().corruptions().stream()
                        .filter(Corruption::counts)
                        .map(c -> results.of(model, "corruptions", c.id() + "/" + severity))
                        .flatMap(Optional::stream)
                        .mapToDouble(m -> m.value().estimate())
                        .average()
                        .orElse(Double.NaN);
            }
            curves.add(new Curve(model, xs, ys));
        }
        page.charts(
                Map.of("Accuracy by severity", CurveChart.of("Accuracy by severity", "severity", "accuracy", curves)));
        List<String> head = new ArrayList<>(List.of("corruption"));
        head.addAll(results.models());
        List<List<String>> rows = new ArrayList<>();
        for (Corruption corruption : results.plan().corruptions()) {
            List<String> row = new ArrayList<>(
                    List.of(corruption.id().replace('_', ' ') + (corruption.counts() ? "" : " (extra)")));
            for (String model : results.models()) {
                row.add(results.of(model, "corruptions", corruption.id() + "/mean")
                        .map(m -> shown(m.value()))
                        .orElse("–"));
            }
            rows.add(row);
        }
        page.table(head, rows);
    }

    private void attacks(PlainPage page) {
        page.section(
                "Attacks",
                "Accuracy against ε, from that of the images as they are. An attack that breaks an image within ε shows that it is not robust; one that does not shows nothing.");
        Map<String, List<Curve>> charts = new LinkedHashMap<>();
        for (Robustness first : results.robustness()) {
            String caption = first.attack() + ", " + first.norm();
            List<Curve> curves = charts.computeIfAbsent(caption, _ -> new ArrayList<>());
            if (curves.stream().noneMatch(c -> c.name().equals(first.model()))) {
                curves.add(curve(first));
            }
        }
        Map<String, String> drawn = new LinkedHashMap<>();
        charts.forEach((caption, curves) ->
                drawn.put(caption, CurveChart.of("Accuracy against epsilon, " + caption, "ε", "accuracy", curves)));
        page.charts(drawn);
        checks(page);
        for (Robustness r : results.robustness()) {
            if (!r.examples().isEmpty()) {
                gallery(page, r);
            }
        }
    }

    /** What the checks of each model, norm and ε say. */
    private void checks(PlainPage page) {
        Map<String, String> all = new LinkedHashMap<>();
        for (Robustness r : results.robustness()) {
            for (Finding f : r.findings()) {
                all.put(
                        "%s, %s, ε = %s: %s".formatted(r.model(), r.norm(), Robustness.eps(r.eps()), f.check()),
                        (f.warns() ? "⚠ " : "") + f.says());
            }
        }
        if (!all.isEmpty()) {
            page.paragraph("Checks of the attacks by themselves: a warning (⚠) is a reason not to trust the figures.");
            page.pairs(all);
        }
    }

    /** Warnings of the checks, beside the numbers that they are about. */
    private void warnings(PlainPage page) {
        Set<String> said = new LinkedHashSet<>();
        for (Robustness r : results.robustness()) {
            r.findings().stream()
                    .filter(Finding::warns)
                    .forEach(f -> said.add(
                            "⚠ %s, %s, ε = %s: %s".formatted(r.model(), r.norm(), Robustness.eps(r.eps()), f.says())));
        }
        said.forEach(page::paragraph);
    }

    private Curve curve(Robustness of) {
        List<Robustness> own = results.robustness().stream()
                .filter(r -> r.model().equals(of.model())
                        && r.attack().equals(of.attack())
                        && r.norm().equals(of.norm()))
                .toList();
        double[] xs = new double[own.size() + 1];
        double[] ys = new double[xs.length];
        ys[0] = results.of(of.model(), "clean", "accuracy")
                .map(m -> m.value().estimate())
                .orElse(Double.NaN);
        for (int i = 0; i < own.size(); i++) {
            xs[i + 1] = own.get(i).eps();
            ys[i + 1] = results.of(of.model(), "attacks", own.get(i).name())
                    .map(m -> m.value().estimate())
                    .orElse(Double.NaN);
        }
        return new Curve(of.model(), xs, ys);
    }

    private void gallery(PlainPage page, Robustness r) {
        page.paragraph("%s by %s, %s, ε = %s: original, adversarial, ten times the difference."
                .formatted(r.model(), r.attack(), r.norm(), Robustness.eps(r.eps())));
        Map<String, String> pictures = new LinkedHashMap<>();
        for (Robustness.Example e : r.examples()) {
            String caption = "%s: %s taken for %s"
                    .formatted(e.id(), className(r.model(), e.label()), className(r.model(), e.taken()));
            pictures.put(caption, Pictures.of(caption, List.of(e.original(), e.adversarial(), e.difference())));
        }
        page.charts(pictures);
    }

    /** What a class is called among those of a model. */
    private String className(String model, int label) {
        List<String> names = results.plan().candidates().stream()
                .map(Candidate::model)
                .filter(m -> m.name().equals(model))
                .findFirst()
                .map(EvaluatedModel::classNames)
                .orElse(List.of());
        return label < names.size() ? names.get(label) : "class " + label;
    }

    private void reliability(PlainPage page) {
        page.section(
                "Calibration",
                "Accuracy by confidence, in %s bins: a model that is right as often as it says lies on the diagonal."
                        .formatted(Calibration.BINS));
        List<Curve> curves = new ArrayList<>();
        results.reliability().forEach((model, bins) -> {
            List<Calibration.Bin> full =
                    bins.stream().filter(b -> b.count() > 0).toList();
            curves.add(new Curve(
                    model,
                    full.stream().mapToDouble(Calibration.Bin::confidence).toArray(),
                    full.stream().mapToDouble(Calibration.Bin::accuracy).toArray()));
        });
        curves.add(new Curve("right as often as said", new double[] {0, 1}, new double[] {0, 1}));
        page.charts(Map.of("Reliability", CurveChart.of("Reliability", "confidence", "accuracy", curves)));
    }
}
