package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.learning.StepTimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The page of a training, whatever learns: results, the course as curves, samples, where the time goes, settings. All but the section on time, which is of class {@value #TIMES}, is
 * a function of what it is given.
 */
public final class TrainingPage {
    /** The class of the section that differs from run to run. */
    public static final String TIMES = "times";

    private static final String COMPUTING = "steps";
    private static final Map<String, ToDoubleFunction<StepTimes.Span>> PARTS = parts();

    private final PlainPage page;
    private final Map<String, String> charts = new LinkedHashMap<>();

    /**
     * A page.
     *
     * @param kicker a few words over the title
     * @param lead one or two sentences: what was done
     */
    public TrainingPage(String kicker, String title, String lead) {
        this.page = new PlainPage(kicker, title, lead);
    }

    /** A table of what came out. */
    public TrainingPage results(String text, List<String> head, List<List<String>> rows) {
        page.section("Results", text).table(head, rows);
        return this;
    }

    /**
     * Curves of the course, over one axis; charts are shown in the order in which they are given.
     *
     * @param caption of the chart
     * @param x the axis
     * @param y what the curves are of
     * @param curves by their names
     */
    public TrainingPage curves(String caption, String x, String y, double[] xs, Map<String, double[]> curves) {
        List<CurveChart.Curve> all = new ArrayList<>();
        curves.forEach((name, ys) -> all.add(new CurveChart.Curve(name, xs, ys)));
        charts.put(caption, CurveChart.of(caption + " by " + x, x, y, all));
        return this;
    }

    /** The course, by the curves that were given. */
    public TrainingPage course(String text) {
        page.section("Course", text).charts(charts);
        return this;
    }

    /** Pictures of what it has learned. */
    public TrainingPage samples(String text, Map<String, List<PlainPage.Shown>> rows) {
        page.section("Samples", text).pictures(rows);
        return this;
    }

    /** Where the time of this process goes, and how much is left; nothing where it has done nothing. */
    public TrainingPage times(StepTimes times, boolean ended) {
        StepTimes.Span whole = times.whole();
        if (!(whole.seconds() > 0)) {
            return this;
        }
        String left = ended
                ? "The training has ended."
                : "About %s left, when this page was written."
                        .formatted(duration(times.left().orElse(0)));
        page.section(
                "Time",
                left
                        + " Of this process alone, which began after step %s: batches are made while steps are taken; a step that waits for its batch is slowed down by it."
                                .formatted(times.first()),
                TIMES);
        List<List<String>> rows = new ArrayList<>();
        PARTS.forEach((name, part) -> {
            double seconds = part.applyAsDouble(whole);
            rows.add(List.of(
                    name,
                    String.format(Locale.ROOT, "%.2f", seconds),
                    String.format(Locale.ROOT, "%.1f %%", 100 * seconds / whole.seconds())));
        });
        page.table(List.of("What", "Seconds", "Share"), rows);
        List<StepTimes.Span> spans = times.spans();
        double[] steps = spans.stream().mapToDouble(StepTimes.Span::step).toArray();
        List<CurveChart.Curve> shares = new ArrayList<>();
        PARTS.forEach((name, part) -> {
            if (!name.equals(COMPUTING)) {
                shares.add(new CurveChart.Curve(
                        name,
                        steps,
                        spans.stream()
                                .mapToDouble(s -> 100 * part.applyAsDouble(s) / s.seconds())
                                .toArray()));
            }
        });
        page.charts(Map.of(
                "Time that is no computing of steps",
                CurveChart.of("Shares of the time by step", "step", "% of the time", shares)));
        return this;
    }

    private static Map<String, ToDoubleFunction<StepTimes.Span>> parts() {
        Map<String, ToDoubleFunction<StepTimes.Span>> parts = new LinkedHashMap<>();
        parts.put(COMPUTING, StepTimes.Span::computing);
        parts.put("waiting for batches", StepTimes.Span::waiting);
        parts.put("measuring", StepTimes.Span::measuring);
        parts.put("saving", StepTimes.Span::saving);
        return parts;
    }

    private static String duration(double seconds) {
        Duration d = Duration.ofSeconds(Math.round(seconds));
        return d.toHours() > 0
                ? "%s h %s min".formatted(d.toHours(), d.toMinutesPart())
                : d.toMinutes() > 0 ? "%s min %s s".formatted(d.toMinutes(), d.toSecondsPart()) : d.toSeconds() + " s";
    }

    /** Names and values of what it was begun with; the last section. */
    public TrainingPage settings(Map<String, String> shown) {
        page.section("Settings", "").pairs(shown);
        return this;
    }

    /** Writes it, moved into place when complete. */
    public void write(Path file) {
        page.write(file);
    }
}
