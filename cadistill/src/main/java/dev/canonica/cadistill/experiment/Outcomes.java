package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came out of one kind of student on one measure, beside that of vanilla students of the same seeds.
 *
 * @param subject the images
 * @param arm the kind
 * @param measure a test, or the difference of two
 * @param seeds the value of each seed
 * @param mean of the seeds, with Student's t
 * @param pooled the share of all answers of all seeds; null-like of zero count where the measure is no share
 * @param difference to vanilla, seed by seed, with Student's t; of zero count for vanilla itself
 * @param p of the paired t-test of these differences
 * @param mcNemar of the pooled images, against vanilla; NaN where the measure is no share
 * @param toControl difference to {@link Arm#control}, as that to vanilla; of zero count where there is none
 */
record Outcomes(
        Subject subject,
        Arm arm,
        String measure,
        double[] seeds,
        Interval mean,
        Interval pooled,
        Interval difference,
        double p,
        double mcNemar,
        Interval toControl) {
    private static final Interval NONE =
            new Interval(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Interval.LEVEL, 0);

    /**
     * Of shares: right answers by seed, of this kind and of vanilla.
     *
     * @param control the shares of its control; null for none
     */
    static Outcomes ofShares(
            Subject subject,
            Arm arm,
            String measure,
            List<boolean[]> right,
            List<boolean[]> vanilla,
            double @Nullable [] control) {
        double[] own = shares(right);
        double[] other = shares(vanilla);
        boolean same = arm.equals(Arm.VANILLA);
        Paired paired = Paired.of(joined(vanilla), joined(right));
        return new Outcomes(
                subject,
                arm,
                measure,
                own,
                Means.of(own),
                Proportion.of(joined(right)).wilson(),
                same ? NONE : Means.ofDifferences(other, own),
                same ? Double.NaN : Means.pairedT(other, own),
                same ? Double.NaN : paired.mcNemar(),
                control == null ? NONE : Means.ofDifferences(control, own));
    }

    /** Of other numbers, by seed. */
    static Outcomes ofNumbers(
            Subject subject, Arm arm, String measure, double[] own, double[] vanilla, double @Nullable [] control) {
        boolean same = arm.equals(Arm.VANILLA);
        return new Outcomes(
                subject,
                arm,
                measure,
                own,
                Means.of(own),
                NONE,
                same ? NONE : Means.ofDifferences(vanilla, own),
                same ? Double.NaN : Means.pairedT(vanilla, own),
                Double.NaN,
                control == null ? NONE : Means.ofDifferences(control, own));
    }

    static double[] shares(List<boolean[]> right) {
        return right.stream().mapToDouble(r -> Proportion.of(r).estimate()).toArray();
    }

    private static boolean[] joined(List<boolean[]> all) {
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
        if (difference.count() > 0) {
            m.put("difference_to_vanilla", difference.toMap());
        }
        if (Double.isFinite(p)) {
            m.put("p_paired_t", p);
        }
        if (Double.isFinite(mcNemar)) {
            m.put("p_mcnemar", mcNemar);
        }
        if (toControl.count() > 0) {
            m.put("control", control());
            m.put("difference_to_control", toControl.toMap());
        }
        return m;
    }

    /** The name of the control that this is set beside; empty for none. */
    String control() {
        return toControl.count() == 0 ? "" : arm.control().orElseThrow().name();
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
