package dev.canonica.cadistill.student;

import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page of a student's training. */
final class StudentReport {
    private static final String CHANCE = "distance_by_chance";

    private StudentReport() {}

    static void write(StudentRun run, StudentEvaluation course, Settings settings, Path file) {
        PlainPage page = new PlainPage(
                "CaDistill · a student",
                "A student by " + run.loss().method().id(),
                "%s of %s epochs on %s images, measured on %s others after each."
                        .formatted(
                                course.rows().size(),
                                run.training().epochs(),
                                run.images().size(),
                                course.images()));
        if (!course.rows().isEmpty()) {
            page.section(
                    "Results",
                    "The share of images of validation that are classified rightly, with Wilson's interval of 95 %.");
            page.table(List.of("Student", "Epoch", "Accuracy", "95 %", "Images", "Cross-entropy"), results(course));
            page.section(
                    "Course", "Means over the steps of an epoch; validation in evaluation, after it." + chance(course));
            page.charts(charts(course));
        }
        page.section("Settings", "").pairs(settings.shown());
        page.write(file);
    }

    private static String chance(StudentEvaluation course) {
        return course.columns().contains(CHANCE)
                ? " The distance by chance is that of features and images which do not belong together: where the distance is no less, nothing is aligned."
                : "";
    }

    private static List<List<String>> results(StudentEvaluation course) {
        List<List<String>> rows = new ArrayList<>();
        for (String name : StudentRun.names(course)) {
            StudentEvaluation.Row row = name.equals(StudentRun.BEST)
                    ? course.bestRow()
                    : course.rows().getLast();
            Interval a = StudentRun.accuracy(course, row);
            rows.add(List.of(
                    name,
                    Integer.toString(row.epoch()),
                    number(a.estimate()),
                    number(a.low()) + " – " + number(a.high()),
                    Long.toString(a.count()),
                    number(row.loss())));
        }
        return rows;
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.4f", v);
    }

    private static Map<String, String> charts(StudentEvaluation course) {
        double[] epochs =
                course.rows().stream().mapToDouble(StudentEvaluation.Row::epoch).toArray();
        Map<String, String> charts = new LinkedHashMap<>();
        List<CurveChart.Curve> accuracy = List.of(new CurveChart.Curve(
                "validation",
                epochs,
                course.rows().stream()
                        .mapToDouble(r -> (double) r.correct() / course.images())
                        .toArray()));
        charts.put("Accuracy", CurveChart.of("Accuracy on validation by epoch", "epoch", "accuracy", accuracy));
        List<CurveChart.Curve> terms = new ArrayList<>();
        for (int i = 0; i < course.columns().size(); i++) {
            int column = i;
            terms.add(new CurveChart.Curve(
                    course.columns().get(i).replace('_', ' '),
                    epochs,
                    course.rows().stream()
                            .mapToDouble(r -> r.terms().get(column))
                            .toArray()));
        }
        terms.add(new CurveChart.Curve(
                "validation",
                epochs,
                course.rows().stream().mapToDouble(StudentEvaluation.Row::loss).toArray()));
        charts.put("Terms of the loss", CurveChart.of("Terms of the loss by epoch", "epoch", "loss", terms));
        charts.put(
                "Learning rate",
                CurveChart.of(
                        "Learning rate by epoch",
                        "epoch",
                        "rate",
                        List.of(new CurveChart.Curve(
                                "rate",
                                epochs,
                                course.rows().stream()
                                        .mapToDouble(StudentEvaluation.Row::rate)
                                        .toArray()))));
        return charts;
    }
}
