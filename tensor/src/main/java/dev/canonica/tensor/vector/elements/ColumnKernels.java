package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;

import dev.canonica.tensor.kernel.Split;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums and maxima along an axis that others follow, [outer, n, inner] to [outer, inner]; a job has a strip of some columns. */
public final class ColumnKernels {
    private static final long WIDTH = 16L * L;

    private ColumnKernels() {}

    /** y[o, i] = Σ x[o, ·, i]. */
    public static void sum(Emission emission, long x, long y, long outer, long n, long inner) {
        strips(
                outer,
                n,
                inner,
                (o, i, width) -> sumStrip(emission, at(x, o * n, inner, i), at(y, o, inner, i), n, inner, width));
    }

    /** y[o, i] = max x[o, ·, i]. */
    public static void max(long x, long y, long outer, long n, long inner) {
        strips(outer, n, inner, (o, i, width) -> maxStrip(at(x, o * n, inner, i), at(y, o, inner, i), n, inner, width));
    }

    private static long at(long matrix, long row, long inner, long column) {
        return matrix + 4 * (row * inner + column);
    }

    @FunctionalInterface
    private interface Strip {
        void run(long outer, long column, long width);
    }

    private static void strips(long outer, long n, long inner, Strip body) {
        long strips = (inner + WIDTH - 1) / WIDTH;
        Split.rows(outer * strips, n * WIDTH, (from, to) -> {
            for (long q = from; q < to; q++) {
                long i = q % strips * WIDTH;
                body.run(q / strips, i, Math.min(WIDTH, inner - i));
            }
        });
    }

    private static void sumStrip(Emission emission, long x, long y, long n, long inner, long width) {
        if (emission.avx512()) {
            RowKernels.fill(0, y, width);
            EmittedLoops.accumulate(x, 4 * inner, y, n, width);
            return;
        }
        for (long i = 0; i < width; i += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(i, width);
            FloatVector a = splat(0);
            for (long j = 0; j < n; j++) {
                a = a.add(load(x + 4 * (j * inner + i), m));
            }
            store(a, y + 4 * i, m);
        }
    }

    private static void maxStrip(long x, long y, long n, long inner, long width) {
        for (long i = 0; i < width; i += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(i, width);
            FloatVector a = splat(Float.NEGATIVE_INFINITY);
            for (long j = 0; j < n; j++) {
                a = a.max(load(x + 4 * (j * inner + i), m));
            }
            store(a, y + 4 * i, m);
        }
    }
}
