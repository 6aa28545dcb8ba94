package dev.canonica.tensor.kernel;

import dev.canonica.tensor.Workers;

/** Splits ranges into jobs by their size alone, so that results do not depend on the number of threads. */
public final class Split {
    /** Elements of cheap work that are worth a job of their own. */
    public static final long GRAIN = 1 << 14;

    private Split() {}

    /** Work on the half-open range [from, to). */
    @FunctionalInterface
    public interface Body {
        /** Does the work of [from, to). */
        void run(long from, long to);
    }

    /** Runs {@code body} on [0, n) in pieces of at most {@code grain}, in parallel. */
    public static void range(long n, long grain, Body body) {
        if (n <= grain) {
            if (n > 0) {
                body.run(0, n);
            }
            return;
        }
        long jobs = (n + grain - 1) / grain;
        if (jobs > Integer.MAX_VALUE) {
            range(n, grain * 2, body);
            return;
        }
        Workers.run((int) jobs, j -> body.run(j * grain, Math.min(n, (j + 1) * grain)));
    }

    /** Runs {@code body} on {@code rows} rows of {@code width} elements each, some rows a job. */
    public static void rows(long rows, long width, Body body) {
        range(rows, Math.max(1, GRAIN / Math.max(1, width)), body);
    }
}
