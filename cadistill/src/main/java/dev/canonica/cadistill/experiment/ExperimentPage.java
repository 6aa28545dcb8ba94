package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.report.chart.IntervalChart;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Table and page of the experiment. */
final class ExperimentPage {
    private ExperimentPage() {}

    /** A row for every subject, kind of student and measure. */
    static String csv(List<Outcomes> all) {
        StringBuilder text = new StringBuilder(
                "data,rho,student,measure,mean,low,high,seeds,pooled_images,pooled,pooled_low,pooled_high,"
                        + "difference,difference_low,difference_high,p_paired_t,p_mcnemar,"
                        + "control,control_difference,control_difference_low,control_difference_high\n");
        for (Outcomes o : all) {
            text.append(o.subject().data()).append(',');
            o.subject().rho().ifPresent(text::append);
            text.append(',').append(o.arm().name()).append(',').append(o.measure());
            interval(text, o.mean());
            text.append(',')
                    .append(o.mean().count())
                    .append(',')
                    .append(o.pooled().count());
            interval(text, o.pooled());
            interval(text, o.difference());
            cell(text, o.p());
            cell(text, o.mcNemar());
            text.append(',').append(o.control());
            interval(text, o.toControl());
            text.append('\n');
        }
        return text.toString();
    }

    private static void interval(StringBuilder text, Interval i) {
        cell(text, i.estimate());
        cell(text, i.low());
        cell(text, i.high());
    }

    private static void cell(StringBuilder text, double v) {
        text.append(',');
        if (Double.isFinite(v)) {
            text.append(String.format(Locale.ROOT, "%.6g", v));
        }
    }

    static void write(Scale scale, List<Outcomes> all, Settings settings, String command, Path file) {
        PlainPage page = new PlainPage(
                "CaDistill · experiment",
                scale.rhos().isEmpty()
                        ? "Do canonical samples make better students?"
                        : "Do canonical samples make students rely less on backgrounds?",
                (scale.rhos().isEmpty()
                                ? "Students of CIFAR-10, where nothing is known of backgrounds."
                                : "Class c has background family c with probability ρ in the images that students learn from, and never in the swapped test.")
                        + " An ablation of our own: the paper's recipe on small images is not to be had.");
        page.section(
                "What was done",
                "%s kinds of students with %s seeds each, on %s images, of which %s have companions; %s epochs, the same network, steps and learning rate for all, and no search of settings for any. The last epoch's weights are tested, on %s images of each test set."
                        .formatted(
                                scale.arms().size(),
                                scale.seeds(),
                                scale.images(),
                                scale.companions(),
                                scale.epochs(),
                                scale.tested()));
        List<List<String>> kinds = new ArrayList<>();
        scale.arms()
                .forEach(arm -> kinds.add(List.of(
                        arm.name(),
                        arm.about(),
                        Integer.toString(arm.loss().method().imagesInStep(scale.batch(), scale.pairs())))));
        page.table(
                List.of("Student", "What it learns from beside the labels of its images", "Images in a step"), kinds);
        page.paragraph(
                "Kinds differ in the images that go through the student in a step, and so in computation and in the statistics of batch normalisation; those of one number are compared on equal terms. Attacks of adversarial training come on top. The steps are the same for all.");
        page.paragraph(
                "What intervals cover: Student's t is over seeds, which are other first weights and another order of the same images; that other images to learn from or other companions would give other students is not in it. Pooled shares (Wilson) and McNemar's test count an image once for each seed, and each of its corruptions once, as if these answers were independent, which they are not: these intervals are too narrow and these p too small. Judge by the differences seed by seed.");
        if (scale.id().equals(Scale.TINY.id())) {
            page.paragraph(
                    "The scale is tiny: this page shows that all of it works. Its numbers say nothing about students.");
        }
        for (Subject subject : scale.subjects()) {
            section(
                    page,
                    subject,
                    all.stream().filter(o -> o.subject().equals(subject)).toList());
        }
        page.section("Do it again", "").command(command).pairs(settings.shown());
        page.write(file);
    }

    private static void section(PlainPage page, Subject subject, List<Outcomes> all) {
        page.section(
                subject.title(),
                "Means over seeds, with the interval of 95 % by Student's t; dots are seeds, the dashed line is vanilla. "
                        + (subject.rho().isPresent()
                                ? "The gap is how much accuracy falls from the test to the swapped test; the worst background is the family of the test with the least accuracy. "
                                : "")
                        + "Corrupted: the fifteen corruptions of severity 3, of the first images of the test; attacked: the same images, within L∞.");
        Map<String, String> charts = new LinkedHashMap<>();
        Set<String> measures = new LinkedHashSet<>();
        all.forEach(o -> measures.add(o.measure()));
        for (String measure : measures) {
            List<Outcomes> of =
                    all.stream().filter(o -> o.measure().equals(measure)).toList();
            charts.put(
                    measure,
                    IntervalChart.of(
                            measure + " of each kind of student, " + subject.title(),
                            measure,
                            of.stream()
                                    .map(o -> new IntervalChart.Row(
                                            o.arm().name(),
                                            o.mean().estimate(),
                                            o.mean().low(),
                                            o.mean().high(),
                                            o.seeds()))
                                    .toList(),
                            of.getFirst().mean().estimate()));
        }
        page.charts(charts);
        for (String measure : measures) {
            page.paragraph(
                    measure
                            + ": difference to vanilla students of the same seeds, and McNemar's exact test of the images of all seeds together; and, which says what canonical samples win, difference to the control that has the images themselves in their place.");
            List<List<String>> rows = new ArrayList<>();
            all.stream()
                    .filter(o -> o.measure().equals(measure))
                    .forEach(o -> rows.add(List.of(
                            o.arm().name(),
                            shown(o.mean()),
                            o.pooled().count() == 0 ? "–" : shown(o.pooled()),
                            o.difference().count() == 0 ? "–" : shown(o.difference()),
                            p(o.p()),
                            p(o.mcNemar()),
                            o.toControl().count() == 0 ? "–" : o.control() + ": " + shown(o.toControl()))));
            page.table(
                    List.of(
                            "Student",
                            "Mean of seeds (95 %)",
                            "Pooled (Wilson)",
                            "Difference (95 %)",
                            "p, paired t",
                            "p, McNemar",
                            "Difference to control (95 %)"),
                    rows);
        }
    }

    private static String shown(Interval i) {
        return Double.isFinite(i.low()) && Double.isFinite(i.high())
                ? String.format(Locale.ROOT, "%.4f (%.4f – %.4f)", i.estimate(), i.low(), i.high())
                : String.format(Locale.ROOT, "%.4f", i.estimate());
    }

    private static String p(double p) {
        return Double.isNaN(p) ? "–" : p < 1e-4 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }
}
