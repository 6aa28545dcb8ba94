package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.clarid.report.chart.IntervalChart;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.Families;
import dev.canonica.clarid.sweep.SweepResults;
import dev.canonica.clarid.sweep.SweepSetting;
import dev.canonica.data.Csv;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Results, table and page of the experiment on the method. */
final class ClaridExperimentFiles {
    private static final List<String> GROUPS = List.of("all", "patterned", "plain");
    private static final String VARIANCE = "background_variance";
    private static final String VARIATION = "background_variation";
    private static final String SSIM = "object_ssim";
    private static final String SHRUNK = "background_variance_to_shrunk_at_equal_ssim";
    private static final String LOCAL_NORM = "background_variance_to_local_shrink_norm_at_equal_ssim";
    private static final String LOCAL = "background_variance_to_local_shrink_at_equal_ssim";
    private static final String ORACLE = "background_variance_to_oracle_at_equal_ssim";

    private static final List<String> SHOWN = List.of(
            VARIANCE,
            VARIATION,
            SSIM,
            "object_colour_error",
            "accuracy_difference",
            "log_probability_difference",
            SHRUNK,
            LOCAL,
            LOCAL_NORM,
            ORACLE,
            "background_variance_to_shrunk_at_equal_change",
            "object_ssim_less_shrunk_at_equal_change");

    private static final List<String> AGREEMENT = List.of(
            "ami_unconditional_class",
            "ami_conditional_class",
            "ami_unconditional_background",
            "nmi_unconditional_class",
            "nmi_by_chance_unconditional_class",
            "knn_unconditional_class",
            "ami_unconditional_class_less_shrunk_at_equal_ssim",
            "ami_unconditional_class_less_local_shrink_at_equal_ssim",
            "ami_unconditional_background_less_local_shrink_at_equal_ssim",
            "knn_unconditional_class_less_shrunk_at_equal_ssim",
            "knn_unconditional_class_less_local_shrink_at_equal_ssim");

    private final ClaridScale scale;
    private final List<ClaridQuestion> questions;
    private final SweepResults results;
    private final StageTimes times;
    private final SizeTimes sizes;

    /** Measures by group, setting. */
    private final Map<String, Map<SweepSetting, Map<String, Interval>>> measured = new LinkedHashMap<>();

    ClaridExperimentFiles(
            ClaridScale scale,
            List<ClaridQuestion> questions,
            SweepResults results,
            StageTimes times,
            SizeTimes sizes) {
        this.scale = scale;
        this.questions = questions;
        this.results = results;
        this.times = times;
        this.sizes = sizes;
        List<String> families = ((MaskedImageSet) results.plan().set()).backgrounds();
        for (String group : GROUPS) {
            measure(
                    group,
                    b -> group.equals("all") || Families.group(families.get(b)).equals(group));
        }
        for (int f = 0; f < families.size(); f++) {
            int family = f;
            measure(families.get(f), b -> b == family);
        }
    }

    /** Groups without an image have no measures. */
    private void measure(String group, IntPredicate among) {
        List<SweepSetting> settings = results.plan().settings();
        List<Map<String, Interval>> each = results.measured(among);
        Map<SweepSetting, Map<String, Interval>> of = new LinkedHashMap<>();
        for (int s = 0; s < each.size(); s++) {
            of.put(settings.get(s), each.get(s));
        }
        if (of.values().stream().anyMatch(m -> !m.isEmpty())) {
            measured.put(group, of);
        }
    }

    private @Nullable Interval value(String group, SweepSetting setting, String measure) {
        return Optional.ofNullable(measured.get(group))
                .map(of -> of.get(setting))
                .map(of -> of.get(measure))
                .orElse(null);
    }

    void write(Path out, Settings of, String command) {
        AtomicFiles.write(out.resolve("results.json"), json());
        AtomicFiles.write(out.resolve("results.csv"), csv());
        page(of, command).write(out.resolve("report.html"));
    }

    private String json() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (ClaridQuestion q : questions) {
            for (ClaridQuestion.Arm arm : q.arms()) {
                for (String group : measured.keySet()) {
                    Map<String, Object> m = new LinkedHashMap<>();
                    m.put("question", q.title());
                    m.put("arm", arm.name());
                    m.put("group", group);
                    m.put("setting", arm.setting().columns());
                    Map<String, Object> measures = new LinkedHashMap<>();
                    Optional.ofNullable(measured.get(group))
                            .map(g -> g.get(arm.setting()))
                            .ifPresent(v -> v.forEach((name, i) -> measures.put(name, i.toMap())));
                    m.put("measures", measures);
                    all.add(m);
                }
            }
        }
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("first_image", scale.first());
        top.put("images", results.images());
        top.put("outcomes", all);
        top.put("stages", times.rows().stream().map(StageTimes::map).toList());
        top.put("sizes", sizes.rows().stream().map(SizeTimes::map).toList());
        return JsonText.write(top);
    }

    private String csv() {
        StringBuilder text = new StringBuilder("question,arm,group,measure,estimate,low,high,images\n");
        for (ClaridQuestion q : questions) {
            for (ClaridQuestion.Arm arm : q.arms()) {
                for (String group : measured.keySet()) {
                    for (String name : measures(group, arm.setting())) {
                        Interval i = value(group, arm.setting(), name);
                        if (i != null) {
                            text.append(Csv.row(List.of(
                                            q.title(),
                                            arm.name(),
                                            group,
                                            name,
                                            cell(i.estimate()),
                                            cell(i.low()),
                                            cell(i.high()),
                                            Long.toString(i.count()))))
                                    .append('\n');
                        }
                    }
                }
            }
        }
        return text.toString();
    }

    private Set<String> measures(String group, SweepSetting setting) {
        Set<String> names = new LinkedHashSet<>();
        Optional.ofNullable(measured.get(group)).map(of -> of.get(setting)).ifPresent(of -> names.addAll(of.keySet()));
        return names;
    }

    private static String cell(double v) {
        return Double.isFinite(v) ? String.format(Locale.ROOT, "%.6g", v) : "";
    }

    private PlainPage page(Settings of, String command) {
        PlainPage page = new PlainPage(
                "CLARID · experiment",
                "What does the method remove, and what does it keep?",
                "%s of Scenes (%d to %d of the test set), of which neither the model nor the classifier has seen any%s; intervals of 95 %% over images. One model, one classifier."
                        .formatted(
                                Numbers.count(results.images(), "image"),
                                scale.first(),
                                scale.first() + scale.images() - 1,
                                scale.heldOut() ? ", and that no setting was chosen by" : ""));
        if (scale.id().equals(ClaridScale.TINY.id())) {
            page.section(
                    "A test of itself",
                    "The scale is tiny: this page shows that all of it works. Its numbers say nothing about the method.");
        }
        verdicts(page);
        for (ClaridQuestion q : questions) {
            section(page, q);
        }
        families(page);
        agreement(page);
        new RuntimeSection(times, sizes, scale.samplerSteps()).on(page);
        page.section("What was not answered here", "");
        page.paragraph(
                "Pixel space against latent space: the shipped model works on pixels; the comparison takes an autoencoder and a model of its latents, trained on the same images. 22,000 classes: of the method on a model of ten nothing is said of them but the time. Another domain has an experiment of its own, satellite.");
        page.section("Do it again", "The same command goes on where it was stopped.")
                .command(command)
                .pairs(of.shown());
        return page;
    }

    /** What holds of the settings of the first question that is asked beside the shrunk latent and beside the control that is the hardest to beat, in words: a row a setting. */
    private void verdicts(PlainPage page) {
        page.section("In short", "Background variance at equal similarity of the object, beside controls.");
        List<List<String>> rows = new ArrayList<>();
        for (ClaridQuestion.Arm arm : questions.getFirst().arms()) {
            rows.add(List.of(
                    arm.name(),
                    verdict(value("all", arm.setting(), SHRUNK)),
                    verdict(value("all", arm.setting(), local(arm.setting())))
                            + (arm.setting().replacement().norm() ? ", its norm restored" : "")));
        }
        page.table(List.of("", "beside the shrunk latent", "beside the locally shrunk one"), rows);
    }

    /** The control that is the hardest to beat for a setting: with its norm restored where the setting restores it. */
    private static String local(SweepSetting setting) {
        return setting.replacement().norm() ? LOCAL_NORM : LOCAL;
    }

    private static String verdict(@Nullable Interval i) {
        if (i == null) {
            return "not comparable";
        }
        String found = i.high() < 1 ? "less" : i.low() > 1 ? "more" : "no difference found";
        return "%s (%s)".formatted(found, shown(i));
    }

    private static String shown(@Nullable Interval v) {
        if (v == null) {
            return "–";
        }
        return Double.isFinite(v.low()) && Double.isFinite(v.high()) && v.low() < v.high()
                ? "%s [%s, %s]"
                        .formatted(Numbers.format(v.estimate()), Numbers.format(v.low()), Numbers.format(v.high()))
                : Numbers.format(v.estimate());
    }

    private static PlainPage.Cell cellOf(@Nullable Interval v) {
        return new PlainPage.Cell(shown(v), v == null ? Double.NaN : v.estimate());
    }

    private void section(PlainPage page, ClaridQuestion q) {
        page.section(q.title(), q.text());
        Map<String, String> charts = new LinkedHashMap<>();
        if (q.id().equals(ClaridQuestion.DIRECTIONS)) {
            charts.put("Over k", curve(q));
        }
        chart(charts, q, _ -> SHRUNK, "Against the shrunk latent, at equal object SSIM");
        chart(
                charts,
                q,
                ClaridExperimentFiles::local,
                "Against the locally shrunk latent (its norm restored where the setting restores it), at equal object SSIM");
        chart(charts, q, _ -> "accuracy_difference", "Class accuracy, less that of the reconstructions");
        page.charts(charts);
        for (String group : GROUPS) {
            List<String> head = new ArrayList<>(List.of(group + " backgrounds"));
            SHOWN.forEach(name -> head.add(name.replace('_', ' ')));
            List<List<PlainPage.Cell>> rows = new ArrayList<>();
            for (ClaridQuestion.Arm arm : q.arms()) {
                List<PlainPage.Cell> cells = new ArrayList<>(List.of(PlainPage.Cell.of(arm.name())));
                SHOWN.forEach(name -> cells.add(cellOf(value(group, arm.setting(), name))));
                rows.add(cells);
            }
            page.sortable(head, rows, -1);
        }
    }

    private void chart(
            Map<String, String> charts, ClaridQuestion q, Function<SweepSetting, String> measures, String title) {
        List<IntervalChart.Row> rows = new ArrayList<>();
        String measure = measures.apply(q.arms().getFirst().setting());
        for (ClaridQuestion.Arm arm : q.arms()) {
            Interval i = value("all", arm.setting(), measures.apply(arm.setting()));
            if (i != null) {
                rows.add(new IntervalChart.Row(arm.name(), i.estimate(), i.low(), i.high(), new double[0]));
            }
        }
        if (!rows.isEmpty()) {
            charts.put(
                    title,
                    IntervalChart.of(
                            title, measure.replace('_', ' '), rows, measure.equals("accuracy_difference") ? 0 : 1));
        }
    }

    private String curve(ClaridQuestion q) {
        double[] k = new double[q.arms().size()];
        double[][] ys = new double[3][k.length];
        List<String> names = List.of(VARIANCE, SSIM, "accuracy");
        for (int i = 0; i < k.length; i++) {
            k[i] = i + 1;
            for (int m = 0; m < names.size(); m++) {
                Interval v = value("all", q.arms().get(i).setting(), names.get(m));
                ys[m][i] = v == null ? Double.NaN : v.estimate();
            }
        }
        List<CurveChart.Curve> curves = new ArrayList<>();
        for (int m = 0; m < names.size(); m++) {
            curves.add(new CurveChart.Curve(names.get(m).replace('_', ' '), k, ys[m]));
        }
        return CurveChart.of("Measures over the number of directions", "k", "", curves);
    }

    /** Each family of backgrounds, under the settings of the first question. */
    private void families(PlainPage page) {
        ClaridQuestion q = questions.getFirst();
        page.section(
                "By family of backgrounds",
                "The settings of the first question. Background variance and object SSIM, variance beside the shrunk and the locally shrunk latent and the oracle at equal SSIM, and class accuracy less that of the reconstructions.");
        List<String> measures =
                List.of(VARIANCE, SSIM, SHRUNK, LOCAL, ORACLE, "accuracy_difference", "log_probability_difference");
        List<String> head = new ArrayList<>(List.of("Family", "Setting", "Images"));
        measures.forEach(name -> head.add(name.replace('_', ' ')));
        List<List<PlainPage.Cell>> rows = new ArrayList<>();
        measured.keySet().stream().filter(group -> !GROUPS.contains(group)).forEach(family -> {
            for (ClaridQuestion.Arm arm : q.arms()) {
                Interval ssim = value(family, arm.setting(), SSIM);
                List<PlainPage.Cell> cells =
                        new ArrayList<>(List.of(PlainPage.Cell.of(family), PlainPage.Cell.of(arm.name())));
                long images = ssim == null ? 0 : ssim.count();
                cells.add(new PlainPage.Cell(Long.toString(images), images));
                measures.forEach(name -> cells.add(cellOf(value(family, arm.setting(), name))));
                rows.add(cells);
            }
        });
        page.sortable(head, rows, -1);
    }

    private void agreement(PlainPage page) {
        page.section(
                "What do features know?",
                "Agreement of clusters and neighbours of features with classes and background families: of the images themselves, of canonical samples, and of these less that of controls at equal object SSIM. NMI is not 0 by chance, AMI is. The paper's sign that features will help no student is an NMI below 0.4.");
        List<String> head = new ArrayList<>(List.of("Setting"));
        AGREEMENT.forEach(name -> head.add(name.replace('_', ' ')));
        List<List<PlainPage.Cell>> rows = new ArrayList<>();
        ClaridQuestion.Arm first = questions.getFirst().arms().getLast();
        rows.add(cells("the images themselves", first.setting(), "original_"));
        Set<SweepSetting> seen = new LinkedHashSet<>();
        for (ClaridQuestion q : questions) {
            for (ClaridQuestion.Arm arm : q.arms()) {
                if (seen.add(arm.setting())) {
                    rows.add(cells(arm.name(), arm.setting(), ""));
                }
            }
        }
        page.sortable(head, rows, 0);
    }

    private List<PlainPage.Cell> cells(String name, SweepSetting setting, String prefix) {
        List<PlainPage.Cell> cells = new ArrayList<>(List.of(PlainPage.Cell.of(name)));
        AGREEMENT.forEach(measure -> cells.add(cellOf(value("all", setting, prefix + measure))));
        return cells;
    }
}
