package dev.canonica.autodiff.optim;

import java.util.List;

/** A learning rate for every step, counted from 0. */
@FunctionalInterface
public interface LearningRate {
    /** The rate of a step. */
    double at(long step);

    /** Always the same. */
    static LearningRate constant(double rate) {
        return step -> rate;
    }

    /** Linearly up to {@code rate}, which step {@code warmup} − 1 is the first to have, and constant from there. */
    static LearningRate warmup(double rate, long warmup) {
        checkSteps(warmup, Long.MAX_VALUE);
        return step -> step < warmup ? rate * (step + 1) / warmup : rate;
    }

    /**
     * Linearly up to {@code peak} in {@code warmup} steps, then down half a cosine (Loshchilov &amp; Hutter 2017, equation 5) to {@code floor},
     * which step {@code total} is the first to have:
     *
     * <pre>
     *   floor + (peak − floor) (1 + cos π p) / 2      p = (step − warmup) / (total − warmup)
     * </pre>
     */
    static LearningRate warmupCosine(double peak, long warmup, long total, double floor) {
        checkSteps(warmup, total);
        LearningRate start = warmup(peak, warmup);
        return step -> {
            if (step < warmup) {
                return start.at(step);
            }
            if (step >= total) {
                return floor;
            }
            double p = (double) (step - warmup) / (total - warmup);
            return floor + (peak - floor) * (1 + Math.cos(Math.PI * p)) / 2;
        };
    }

    /**
     * Linearly up to {@code peak} in {@code warmup} steps, then constant, and at each of some steps times {@code factor} (He et al., 2016, Section 4.2).
     *
     * @param milestones the first steps with a lower rate, ascending, none within the warm-up
     */
    static LearningRate warmupSteps(double peak, long warmup, List<Long> milestones, double factor) {
        checkSteps(warmup, Long.MAX_VALUE);
        List<Long> at = List.copyOf(milestones);
        long before = warmup - 1;
        for (long m : at) {
            if (m <= before) {
                throw new IllegalArgumentException(
                        "learning rate: milestones " + at + " after " + warmup + " steps of warmup: they must ascend");
            }
            before = m;
        }
        if (!(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException("learning rate: a factor of " + factor + " at a milestone");
        }
        LearningRate start = warmup(peak, warmup);
        return step -> start.at(step)
                * Math.pow(factor, at.stream().filter(m -> m <= step).count());
    }

    private static void checkSteps(long warmup, long total) {
        if (warmup < 0 || total < warmup) {
            throw new IllegalArgumentException("learning rate: " + warmup + " steps of warmup within " + total);
        }
    }
}
