package dev.canonica.autodiff.optim;

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
     * Linearly up to {@code peak} in {@code warmup} steps, then down half a cosine (Loshchilov &amp; Hutter 2017, Eq. 5) to {@code floor},
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

    private static void checkSteps(long warmup, long total) {
        if (warmup < 0 || total < warmup) {
            throw new IllegalArgumentException("learning rate: " + warmup + " steps of warmup within " + total);
        }
    }
}
