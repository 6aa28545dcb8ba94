package dev.canonica.clarid.sweep;

import dev.canonica.clarid.report.chart.CurveChart;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.FailureSign;
import dev.canonica.clarid.study.ImageMeasure;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.io.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a sweep found: the measures of every setting on two halves of the images, and the setting that is chosen by one of them. */
public final class SweepResults {
    /** The share of the background's variance that may be left for an effect that is seen. */
    static final double VISIBLE = 0.75;

    /** Images of a half, below which the choice is hardly more than chance. */
    private static final int FEW = 50;

    /** Of the object, where no classifier says whether its class is kept. */
    static final double KEPT = 0.7;

    /**
     * A setting.
     *
     * @param number among the settings
     * @param level of its t_e
     * @param choice measures on the half that settings are chosen by
     * @param report the same on the other half
     * @param signs of failure, and the share of the other half's images that have them
     */
    public record Row(
            int number,
            SweepSetting setting,
            int level,
            Map<String, Interval> choice,
            Map<String, Interval> report,
            Map<FailureSign, Double> signs) {
        /** The signs that enough images have. */
        public List<FailureSign> often() {
            return signs.entrySet().stream()
                    .filter(e -> e.getValue() > FailureSign.OFTEN)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    private final SweepPlan plan;
    private final SweepStore store;
    private final Halves halves;
    private final List<Row> rows = new ArrayList<>();
    private final int images;

    SweepResults(SweepPlan plan, SweepStore store) {
        this.plan = plan;
        this.store = store;
        this.images = store.images();
        this.halves = Halves.of(store.integers(SweepStore.LABEL));
        SubsetMeasures choice = new SubsetMeasures(plan, store, halves.choice());
        SubsetMeasures report = new SubsetMeasures(plan, store, halves.report());
        for (int s = 0; s < plan.settings().size(); s++) {
            SweepSetting setting = plan.settings().get(s);
            Map<String, Interval> reported = report.of(s);
            rows.add(new Row(s, setting, plan.level(setting), choice.of(s), reported, signs(s, reported)));
        }
    }

    private Map<FailureSign, Double> signs(int number, Map<String, Interval> reported) {
        Map<FailureSign, Double> shares = new EnumMap<>(FailureSign.class);
        List<List<FailureSign>> each = signs(number);
        for (int i : halves.report()) {
            each.get(i).forEach(sign -> shares.merge(sign, 1.0 / halves.report().length, Double::sum));
        }
        Interval nmi = reported.getOrDefault("nmi_unconditional_class", reported.get("nmi_conditional_class"));
        if (nmi != null && nmi.estimate() < FailureSign.NMI) {
            shares.put(FailureSign.LOW_NMI, 1.0);
        }
        return shares;
    }

    /** The signs of each image under a setting, in the order of the store. */
    List<List<FailureSign>> signs(int number) {
        int level = plan.level(plan.settings().get(number));
        double[][] own = store.versions(SweepStore.setting(number))[0];
        double[][] reconstruction = store.versions(SweepStore.reconstruction(level))[0];
        double[] idle = store.numbers(SweepStore.idle(level));
        List<List<FailureSign>> all = new ArrayList<>();
        for (int i = 0; i < own.length; i++) {
            all.add(FailureSign.of(own[i], reconstruction[i], idle[i]));
        }
        return all;
    }

    /**
     * The measures of all settings on the images whose background is of some families, both halves together: for settings that were not chosen by them.
     *
     * @param family whether a family is among them, by its number; −1 where backgrounds have none
     */
    public List<Map<String, Interval>> measured(IntPredicate family) {
        int[] backgrounds = store.integers(SweepStore.BACKGROUND);
        int[] among = IntStream.range(0, images)
                .filter(i -> family.test(backgrounds[i]))
                .toArray();
        SubsetMeasures of = new SubsetMeasures(plan, store, among);
        return IntStream.range(0, plan.settings().size()).mapToObj(of::of).toList();
    }

    /** What was measured. */
    public SweepPlan plan() {
        return plan;
    }

    /** The settings, in the order of the plan. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** How many images there are, in both halves. */
    public int images() {
        return images;
    }

    /** How many of them settings are chosen by. */
    public int chosenBy() {
        return halves.choice().length;
    }

    /** The pictures of the first images under a name of {@link SweepStore}. */
    List<Image> pictures(String name) {
        return store.pictures(name);
    }

    /** The controls' curves at a level of t_e: similarity against variance, from the reconstruction on. */
    List<CurveChart.Curve> curves(int level) {
        int[] drawn = halves.report();
        double[][] reconstruction = store.versions(SweepStore.reconstruction(level))[0];
        double all = ControlCurve.mean(reconstruction, ImageMeasure.VARIANCE, drawn);
        List<CurveChart.Curve> curves = new ArrayList<>();
        for (Control control : plan.controls()) {
            String stored = SweepStore.control(control, level);
            if (store.has(stored) && drawn.length > 0) {
                ControlCurve curve = new ControlCurve(reconstruction, store.versions(stored));
                double[] xs = Arrays.stream(curve.points(ImageMeasure.VARIANCE, drawn))
                        .map(v -> v / all)
                        .toArray();
                curves.add(new CurveChart.Curve(control.title(), xs, curve.points(ImageMeasure.SSIM, drawn)));
            }
        }
        return curves;
    }

    /** The control that is the hardest to beat among those that were measured: a localised shrink before a plain one. */
    Optional<String> strongest() {
        List<String> there = plan.controls().stream().map(Control::id).toList();
        return Stream.of(Control.LOCAL_SHRINK.id(), Control.SHRUNK.id())
                .filter(there::contains)
                .findFirst();
    }

    /** That control for a setting: one that restores the norm stands beside one that does so, too. */
    private Optional<String> strongest(SweepSetting setting) {
        Optional<String> plain = strongest();
        return plain.isPresent()
                        && setting.replacement().norm()
                        && plan.controls().contains(Control.LOCAL_SHRINK_NORM)
                ? Optional.of(Control.LOCAL_SHRINK_NORM.id())
                : plain;
    }

    /** The measure by which a setting is chosen: {@link #criterion()} beside its own control. */
    String criterion(SweepSetting setting) {
        return plan.masked() && strongest(setting).isPresent()
                ? SubsetMeasures.atEqualSsim(
                        ImageMeasure.VARIANCE.id(true), strongest(setting).orElseThrow())
                : criterion();
    }

    /** The measure by which a setting is chosen, and whether less of it is better. */
    String criterion() {
        return plan.masked() && strongest().isPresent()
                ? SubsetMeasures.atEqualSsim(
                        ImageMeasure.VARIANCE.id(true), strongest().orElseThrow())
                : plan.canDrop() ? "ami_unconditional_class" : "ami_conditional_class";
    }

    private boolean lessIsBetter() {
        return !criterion().startsWith("ami");
    }

    /** The chosen setting; empty where none is eligible. */
    public Optional<Row> chosen() {
        Comparator<Row> by = Comparator.comparingDouble(
                row -> value(row, row.choice()).map(Interval::estimate).orElseThrow());
        return rows.stream().filter(row -> ineligible(row).isEmpty()).min(lessIsBetter() ? by : by.reversed());
    }

    private Optional<Interval> value(Row row, Map<String, Interval> measures) {
        return Optional.ofNullable(measures.get(criterion(row.setting())));
    }

    /** Why a setting cannot be chosen; empty if it can. */
    String ineligible(Row row) {
        if (row.setting().replacement().norm()
                && plan.controls().contains(Control.LOCAL_SHRINK)
                && !plan.controls().contains(Control.LOCAL_SHRINK_NORM)) {
            return "not comparable: it restores the norm, and no local shrink that does so was measured";
        }
        if (value(row, row.choice()).isEmpty()) {
            return "not comparable: the control cannot change the images as it does, or there are no classes, or one image of each";
        }
        Interval difference = row.choice().get("accuracy_difference");
        if (difference != null && difference.high() < 0) {
            return "class accuracy is lost";
        }
        if (difference == null && estimate(row.choice(), ImageMeasure.SSIM.id(plan.masked())) < KEPT) {
            return "the object is lost";
        }
        if (plan.masked() && estimate(row.choice(), ImageMeasure.VARIANCE.id(true)) > VISIBLE) {
            return "too little of the background is removed to be seen";
        }
        return "";
    }

    private static double estimate(Map<String, Interval> measures, String name) {
        Interval i = measures.get(name);
        return i == null ? Double.NaN : i.estimate();
    }

    /** The rule of the choice, and what came of it, in a few sentences. */
    public String reason() {
        String kept = judged()
                ? "show no loss of class accuracy by its interval"
                : "keep an %sSSIM of at least %s".formatted(plan.masked() ? "object " : "", KEPT);
        String eligible =
                plan.masked() ? "leave at most %s of the background's variance and %s".formatted(VISIBLE, kept) : kept;
        String best = plan.masked() && strongest().isPresent()
                ? "with the least background variance beside %s%s at equal object SSIM"
                        .formatted(
                                control(strongest().orElseThrow()),
                                plan.controls().contains(Control.LOCAL_SHRINK_NORM)
                                        ? " (with its norm restored where the setting restores it)"
                                        : "")
                : "whose clusters agree most with the classes (AMI)";
        String rule = "Of the settings that %s, the one %s.".formatted(eligible, best);
        String chosen = chosen().map(row -> "Chosen on %s: %s. There, %s is %s; on the other %s: %s."
                        .formatted(
                                Numbers.count(halves.choice().length, "image"),
                                row.setting().title(varying().isEmpty() ? SweepSetting.AXES : List.copyOf(varying())),
                                criterion(row.setting()).replace('_', ' '),
                                shown(value(row, row.choice()).orElse(null)),
                                Numbers.count(halves.report().length, "image"),
                                shown(value(row, row.report()).orElse(null))))
                .orElse("No setting is eligible.");
        return rule + " " + chosen
                + (halves.choice().length < FEW ? " So few images decide little: some hundreds are needed." : "");
    }

    private boolean judged() {
        return rows.getFirst().report().containsKey("accuracy");
    }

    private String control(String id) {
        return plan.controls().stream()
                .filter(c -> c.id().equals(id))
                .map(Control::title)
                .findFirst()
                .orElse(id);
    }

    static String shown(@Nullable Interval v) {
        if (v == null) {
            return "–";
        }
        String estimate = Numbers.format(v.estimate());
        return Double.isFinite(v.low()) && Double.isFinite(v.high()) && v.low() < v.high()
                ? "%s [%s, %s]".formatted(estimate, Numbers.format(v.low()), Numbers.format(v.high()))
                : estimate;
    }

    /** The axes in which settings differ. */
    Set<String> varying() {
        Set<String> names = new LinkedHashSet<>();
        for (String axis : SweepSetting.AXES) {
            if (rows.stream()
                            .map(r -> r.setting().columns().get(axis))
                            .distinct()
                            .count()
                    > 1) {
                names.add(axis);
            }
        }
        return names;
    }

    /** The names of all measures, in the order in which they first come. */
    Set<String> measures() {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.report().keySet()));
        return names;
    }

    /** All of it, as {@code results.json} has it. */
    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("images", images);
        all.put("chosen_by", halves.choice().length);
        all.put("reported_of", halves.report().length);
        all.put("criterion", chosen().map(row -> criterion(row.setting())).orElse(criterion()));
        all.put("reason", reason());
        chosen().ifPresent(row -> all.put("chosen", row.setting().columns()));
        all.put("settings", rows.stream().map(this::map).toList());
        return JsonText.write(all);
    }

    private Map<String, Object> map(Row row) {
        Map<String, Object> m = new LinkedHashMap<>(row.setting().columns());
        m.put("own", plan.own().filter(row.setting()::equals).isPresent());
        m.put("level", row.level());
        m.put("signal", plan.sampler().signal(row.level()));
        String why = ineligible(row);
        m.put("criterion", criterion(row.setting()));
        m.put("eligible", why.isEmpty());
        if (!why.isEmpty()) {
            m.put("why_not", why);
        }
        m.put("report", intervals(row.report()));
        m.put("choice", intervals(row.choice()));
        Map<String, Object> signs = new LinkedHashMap<>();
        row.signs().forEach((sign, share) -> signs.put(sign.title(), share));
        m.put("signs_of_failure", signs);
        return m;
    }

    private static Map<String, Object> intervals(Map<String, Interval> measures) {
        Map<String, Object> m = new LinkedHashMap<>();
        measures.forEach((name, i) -> m.put(name, i.toMap()));
        return m;
    }
}
