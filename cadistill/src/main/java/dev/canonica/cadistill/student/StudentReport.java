package dev.canonica.cadistill.student;

import dev.canonica.clarid.report.page.TrainingPage;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.learning.StepTimes;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page of a student's training. */
final class StudentReport {
    private static final String CHANCE = "distance_by_chance";

    private StudentReport() {}

    static void write(
            StudentRun run, StudentEvaluation course, Settings settings, StepTimes times, boolean ended, Path file) {
        TrainingPage page = new TrainingPage(
                "CaDistill · a student",
                "A student by " + run.loss().method().id(),
                "%s of %s epochs on %s images, measured on %s others after each."
                        .formatted(
                                course.rows().size(),
                                run.training().epochs(),
                                run.images().size(),
                                course.images()));
        if (!course.rows().isEmpty()) {
            page.results(
                    "The share of images of validation that are classified rightly, with Wilson's interval of 95 %, and their mean cross-entropy with that of Student's t.",
                    List.of("Student", "Epoch", "Accuracy", "95 %", "Images", "Cross-entropy", "95 %"),
                    results(course));
            curves(page, course);
            page.course("Means over the steps of an epoch; validation in evaluation, after it." + chance(course));
        }
        page.times(times, ended).settings(settings.shown()).write(file);
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
            Interval loss = StudentRun.crossEntropy(course, row);
            rows.add(List.of(
                    name,
                    Integer.toString(row.epoch()),
                    number(a.estimate()),
                    bounds(a),
                    Long.toString(a.count()),
                    number(loss.estimate()),
                    bounds(loss)));
        }
        return rows;
    }

    private static String bounds(Interval a) {
        return Double.isFinite(a.low()) ? number(a.low()) + " – " + number(a.high()) : "";
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.4f", v);
    }

    private static void curves(TrainingPage page, StudentEvaluation course) {
        List<StudentEvaluation.Row> rows = course.rows();
        double[] epochs = of(rows, StudentEvaluation.Row::epoch);
        page.curves(
                "Accuracy",
                "epoch",
                "accuracy",
                epochs,
                Map.of("validation", of(rows, r -> (double) r.correct() / course.images())));
        Map<String, double[]> terms = new LinkedHashMap<>();
        for (int i = 0; i < course.columns().size(); i++) {
            int column = i;
            terms.put(
                    course.columns().get(i).replace('_', ' '),
                    of(rows, r -> r.terms().get(column)));
        }
        terms.put("validation", of(rows, StudentEvaluation.Row::loss));
        page.curves("Terms of the loss", "epoch", "loss", epochs, terms);
        page.curves("Learning rate", "epoch", "rate", epochs, Map.of("rate", of(rows, StudentEvaluation.Row::rate)));
    }

    private static double[] of(List<StudentEvaluation.Row> rows, ToDoubleFunction<StudentEvaluation.Row> value) {
        return rows.stream().mapToDouble(value).toArray();
    }
}
