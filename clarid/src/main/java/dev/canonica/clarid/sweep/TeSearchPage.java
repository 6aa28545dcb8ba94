package dev.canonica.clarid.sweep;

import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Interval;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** A search of t_e as one HTML page. */
public final class TeSearchPage {
    private TeSearchPage() {}

    /** What was found, in a sentence. */
    public static String sentence(TeSearch.Result result) {
        if (!result.aboveChance()) {
            return "Nothing found: at no t_e does the classifier see the class more often than by chance (%s). More samples (--count) or a classifier of such images may find it."
                    .formatted(Numbers.format(result.chance()));
        }
        Interval at = result.saturation();
        TeSearch.Point chosen = result.chosen();
        boolean before = at.estimate() <= result.points().getFirst().te();
        return "Accuracy saturates at %s%s; of the grid: t_e = %s, level %s, %s."
                .formatted(
                        before ? "or below the smallest t_e of the grid, " : "t_e = ",
                        SweepResults.shown(at),
                        Numbers.format(chosen.te()),
                        chosen.level(),
                        chosen.words());
    }

    /**
     * Writes it.
     *
     * @param settings of the search, by name
     * @param command that makes it again
     */
    public static void write(
            TeSearch.Plan plan, TeSearch.Result result, Map<String, String> settings, String command, Path file) {
        PlainPage page = new PlainPage(
                "Sweep of t_e",
                "Where the class takes hold",
                "%s from noise under no condition down to t_e, and from there to the image under a class; a classifier says whether it sees the class. By chance it would in %s of all."
                        .formatted(Numbers.count(plan.count(), "sample"), Numbers.format(result.chance())));
        page.section(
                "Found",
                sentence(result)
                        + " Saturated is an accuracy within 0.02 of the greatest; the interval draws samples again and leaves the grid as it is.");
        List<TeSearch.Point> points = result.points();
        double[] te = of(points, TeSearch.Point::te);
        double[] signal = of(points, TeSearch.Point::signal);
        List<CurveChart.Curve> byTe = curves(points, te);
        double[] descending = signal.clone();
        for (int i = 0; i < descending.length; i++) {
            descending[i] = 1 - signal[i];
        }
        page.charts(Map.of(
                "Accuracy against t_e",
                CurveChart.of("Accuracy of the classifier against t_e", "t_e", "accuracy", byTe)));
        page.charts(Map.of(
                "Accuracy against noise",
                CurveChart.of(
                        "Accuracy of the classifier against the share of noise in the latent's power",
                        "1 − ᾱ",
                        "accuracy",
                        curves(points, descending))));
        List<List<String>> rows = new ArrayList<>();
        for (TeSearch.Point p : points) {
            rows.add(List.of(
                    Numbers.format(p.te()),
                    Integer.toString(p.level()),
                    p.words(),
                    SweepResults.shown(p.accuracy()),
                    Numbers.format(p.logProbability())));
        }
        page.table(List.of("t_e", "Level", "Time", "Accuracy (95 %, Wilson)", "Mean log-probability"), rows);
        page.section("Settings", "").pairs(settings);
        page.section("How to repeat it", "The same command goes on where it was stopped, and gives the same bytes.")
                .command(command);
        page.write(file);
    }

    private static double[] of(List<TeSearch.Point> points, ToDoubleFunction<TeSearch.Point> what) {
        return points.stream().mapToDouble(what).toArray();
    }

    private static List<CurveChart.Curve> curves(List<TeSearch.Point> points, double[] xs) {
        return List.of(
                new CurveChart.Curve(
                        "accuracy", xs, of(points, p -> p.accuracy().estimate())),
                new CurveChart.Curve(
                        "lower end", xs, of(points, p -> p.accuracy().low())),
                new CurveChart.Curve(
                        "upper end", xs, of(points, p -> p.accuracy().high())));
    }
}
