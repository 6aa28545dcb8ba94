package dev.canonica.tensor.kernel;

import dev.canonica.tensor.memory.Workers;

/** Splits ranges into jobs by their size alone, so that results do not depend on the number of threads. */
public final class Split {
    /** Elements of cheap work that are worth a job of their own. */
    public static final long GRAIN = 1 << 14;

    /** Pieces at least, where they are not too small: so that threads end at about the same time. */
    private static final long PIECES = 16;

    /** Pieces of more than this many are of a multiple of it: whole cache lines, where they are elements. */
    private static final long LINES = 64;

    private Split() {}

    /** Work on the half-open range [from, to). */
    @FunctionalInterface
    public interface Body {
        /** Does the work of [from, to). */
        void run(long from, long to);
    }

    /** Runs {@code body} on [0, n) in pieces of at most {@code grain}, in parallel; where they would be few, in some down to a quarter of it. */
    public static void range(long n, long grain, Body body) {
        if (n <= grain) {
            if (n > 0) {
                body.run(0, n);
            }
            return;
        }
        long piece = piece(n, grain);
        long jobs = Math.ceilDiv(n, piece);
        if (jobs > Integer.MAX_VALUE) {
            range(n, grain * 2, body);
            return;
        }
        Workers.run((int) jobs, j -> body.run(j * piece, Math.min(n, (j + 1) * piece)));
    }

    private static long piece(long n, long grain) {
        long even = Math.clamp(Math.ceilDiv(n, PIECES), Math.max(1, grain / 4), grain);
        return even <= LINES ? even : Math.min(grain, Math.ceilDiv(even, LINES) * LINES);
    }

    /** Runs {@code body} on {@code rows} rows of {@code width} elements each, some rows a job. */
    public static void rows(long rows, long width, Body body) {
        range(rows, Math.max(1, GRAIN / Math.max(1, width)), body);
    }
}
