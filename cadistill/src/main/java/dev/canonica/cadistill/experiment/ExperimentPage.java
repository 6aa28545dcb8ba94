package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.report.chart.IntervalChart;
import dev.canonica.clarid.report.data.Numbers;
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
                        + "control,control_difference,control_difference_low,control_difference_high,"
                        + "p_paired_t_control,p_mcnemar_control\n");
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
            beside(text, o.vanilla());
            text.append(',').append(o.controlName());
            beside(text, o.control());
            text.append('\n');
        }
        return text.toString();
    }

    private static void beside(StringBuilder text, Beside b) {
        interval(text, b.difference());
        cell(text, b.pairedT());
        cell(text, b.mcNemar());
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

    static void write(Scale scale, Teacher teacher, List<Outcomes> all, Settings settings, String command, Path file) {
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
                "%s kinds of students with %s seeds each, on %s images, of which %s have companions; %s, the same network, steps and learning rate for all, and no search of settings for any. The last epoch's weights are tested, on %s images of each test set."
                        .formatted(
                                scale.arms().size(),
                                scale.seeds(),
                                scale.images(),
                                scale.companions(),
                                Numbers.count(scale.epochs(), "epoch"),
                                scale.tested()));
        if (scale.asksTeacher()) {
            page.paragraph(teacher.about(scale));
        }
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
                    scale,
                    subject,
                    all.stream().filter(o -> o.subject().equals(subject)).toList());
        }
        page.section("Do it again", "").command(command).pairs(settings.shown());
        page.write(file);
    }

    private static void section(PlainPage page, Scale scale, Subject subject, List<Outcomes> all) {
        int attacked = scale.attackedImages();
        page.section(
                subject.title(),
                "Means over seeds, with the interval of 95 % by Student's t; dots are seeds, the dashed line is vanilla. "
                        + (subject.rho().isPresent()
                                ? "The gap is how much accuracy falls from the test to the swapped test; the worst background is the family of the test with the least accuracy. "
                                : "")
                        + "Corrupted: the fifteen corruptions of severity 3, of the first %d of the test's %d images; attacked: the same images, within L∞. An accuracy under an attack is measured in steps of 1/%d of each student: rates of a few images say little, and that none of %d was left says no more than that fewer than %.2f of all images are (95 %%)."
                                .formatted(attacked, scale.tested(), attacked, attacked, ruleOfThree(attacked)));
        Set<String> measures = new LinkedHashSet<>();
        all.stream().map(Outcomes::measure).filter(m -> !isFamily(m)).forEach(measures::add);
        Map<String, String> charts = new LinkedHashMap<>();
        for (String measure : measures) {
            charts.put(measure, chart(subject, measure, of(all, measure)));
        }
        page.charts(charts);
        for (String measure : measures) {
            page.paragraph(
                    measure
                            + ": difference to vanilla students of the same seeds; and, which says what canonical samples win, difference to the control that has the images themselves in their place. Beside each the p of the paired t-test over seeds, and of McNemar's exact test of the images of all seeds together.");
            table(page, of(all, measure));
        }
        families(page, all);
    }

    /** The upper bound of 95 % of a share of which none of n was seen: 1 − 0.05^(1/n), some 3/n. */
    private static double ruleOfThree(int n) {
        return -Math.expm1(Math.log(0.05) / n);
    }

    private static List<Outcomes> of(List<Outcomes> all, String measure) {
        return all.stream().filter(o -> o.measure().equals(measure)).toList();
    }

    private static boolean isFamily(String measure) {
        return measure.startsWith(Measured.BACKGROUND);
    }

    private static String chart(Subject subject, String measure, List<Outcomes> of) {
        return IntervalChart.of(
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
                of.getFirst().mean().estimate());
    }

    private static void table(PlainPage page, List<Outcomes> of) {
        page.table(
                List.of(
                        "Student",
                        "Mean of seeds (95 %)",
                        "Pooled (Wilson)",
                        "Less vanilla (95 %)",
                        "p, paired t",
                        "p, McNemar",
                        "Less control (95 %)",
                        "p, paired t",
                        "p, McNemar"),
                of.stream()
                        .map(o -> List.of(
                                o.arm().name(),
                                shown(o.mean()),
                                o.pooled().count() == 0 ? "–" : shown(o.pooled()),
                                o.vanilla().isThere() ? shown(o.vanilla().difference()) : "–",
                                p(o.vanilla().pairedT()),
                                p(o.vanilla().mcNemar()),
                                o.control().isThere()
                                        ? o.controlName() + ": "
                                                + shown(o.control().difference())
                                        : "–",
                                p(o.control().pairedT()),
                                p(o.control().mcNemar())))
                        .toList());
    }

    /** Students over background families. */
    private static void families(PlainPage page, List<Outcomes> all) {
        List<String> measures = all.stream()
                .map(Outcomes::measure)
                .filter(ExperimentPage::isFamily)
                .distinct()
                .toList();
        if (measures.isEmpty()) {
            return;
        }
        int seeds = all.getFirst().seeds().length;
        page.paragraph(
                "Accuracy on the test by background family, means over seeds; in the head how many of its images have each. The other numbers of each are in results.csv (background NAME). The worst background above is the least of each seed, which may be another family in each, so that its mean is no greater than the least of a row.");
        List<String> head = new ArrayList<>(List.of("Student"));
        for (String measure : measures) {
            long images = of(all, measure).getFirst().pooled().count() / seeds;
            head.add("%s (%d)".formatted(measure.substring(Measured.BACKGROUND.length()), images));
        }
        List<List<String>> rows = new ArrayList<>();
        for (Arm arm : all.stream().map(Outcomes::arm).distinct().toList()) {
            List<String> row = new ArrayList<>(List.of(arm.name()));
            for (String measure : measures) {
                of(all, measure).stream()
                        .filter(o -> o.arm().equals(arm))
                        .forEach(o -> row.add(
                                String.format(Locale.ROOT, "%.3f", o.mean().estimate())));
            }
            rows.add(row);
        }
        page.table(head, rows);
    }

    private static String shown(Interval i) {
        return Double.isFinite(i.low()) && Double.isFinite(i.high())
                ? String.format(Locale.ROOT, "%.3f (%.3f – %.3f)", i.estimate(), i.low(), i.high())
                : String.format(Locale.ROOT, "%.3f", i.estimate());
    }

    private static String p(double p) {
        return Double.isNaN(p) ? "–" : p < 1e-4 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }
}
