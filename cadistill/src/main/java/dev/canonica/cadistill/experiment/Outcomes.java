package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came out of one kind of student on one measure, beside vanilla students and its control of the same seeds.
 *
 * @param subject the images
 * @param arm the kind
 * @param measure a test, a part of one, or the difference of two
 * @param seeds the value of each seed
 * @param mean of the seeds, with Student's t
 * @param pooled the share of all answers of all seeds; null-like of zero count where the measure is no share
 * @param vanilla what it is beside vanilla; {@link Beside#NONE} for vanilla itself
 * @param control what it is beside {@link Arm#control}; {@link Beside#NONE} where there is none
 */
record Outcomes(
        Subject subject,
        Arm arm,
        String measure,
        double[] seeds,
        Interval mean,
        Interval pooled,
        Beside vanilla,
        Beside control) {
    /**
     * Of shares: right answers by seed.
     *
     * @param vanilla those of vanilla
     * @param control those of its control; empty for none
     */
    static Outcomes ofShares(
            Subject subject,
            Arm arm,
            String measure,
            List<boolean[]> right,
            List<boolean[]> vanilla,
            Optional<List<boolean[]>> control) {
        double[] own = shares(right);
        return new Outcomes(
                subject,
                arm,
                measure,
                own,
                Means.of(own),
                Proportion.of(joined(right)).wilson(),
                arm.equals(Arm.VANILLA) ? Beside.NONE : Beside.ofShares(vanilla, right),
                control.map(c -> Beside.ofShares(c, right)).orElse(Beside.NONE));
    }

    /** Of other numbers, by seed. */
    static Outcomes ofNumbers(
            Subject subject, Arm arm, String measure, double[] own, double[] vanilla, Optional<double[]> control) {
        return new Outcomes(
                subject,
                arm,
                measure,
                own,
                Means.of(own),
                Beside.NONE.difference(),
                arm.equals(Arm.VANILLA) ? Beside.NONE : Beside.ofNumbers(vanilla, own),
                control.map(c -> Beside.ofNumbers(c, own)).orElse(Beside.NONE));
    }

    static double[] shares(List<boolean[]> right) {
        return right.stream().mapToDouble(r -> Proportion.of(r).estimate()).toArray();
    }

    static boolean[] joined(List<boolean[]> all) {
        boolean[] joined = new boolean[all.stream().mapToInt(a -> a.length).sum()];
        int at = 0;
        for (boolean[] one : all) {
            System.arraycopy(one, 0, joined, at, one.length);
            at += one.length;
        }
        return joined;
    }

    Map<String, Object> toMap() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("data", subject.data());
        subject.rho().ifPresent(rho -> m.put("rho", rho));
        m.put("student", arm.name());
        m.put("measure", measure);
        m.put("seeds", Arrays.stream(seeds).boxed().toList());
        m.put("mean", mean.toMap());
        if (pooled.count() > 0) {
            m.put("pooled", pooled.toMap());
        }
        if (vanilla.isThere()) {
            m.put("difference_to_vanilla", vanilla.difference().toMap());
            p(m, "p_paired_t", vanilla.pairedT());
            p(m, "p_mcnemar", vanilla.mcNemar());
        }
        if (control.isThere()) {
            m.put("control", controlName());
            m.put("difference_to_control", control.difference().toMap());
            p(m, "p_paired_t_control", control.pairedT());
            p(m, "p_mcnemar_control", control.mcNemar());
        }
        return m;
    }

    private static void p(Map<String, Object> m, String name, double p) {
        if (Double.isFinite(p)) {
            m.put(name, p);
        }
    }

    /** The name of the control that this is set beside; empty for none. */
    String controlName() {
        return control.isThere() ? arm.control().orElseThrow().name() : "";
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Outcomes other && toMap().equals(other.toMap());
    }

    @Override
    public int hashCode() {
        return toMap().hashCode();
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
