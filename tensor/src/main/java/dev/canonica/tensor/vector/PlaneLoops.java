package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Lanes.L;
import static dev.canonica.tensor.vector.Lanes.S;
import static dev.canonica.tensor.vector.Lanes.load;
import static dev.canonica.tensor.vector.Lanes.splat;
import static dev.canonica.tensor.vector.Lanes.store;
import static dev.canonica.tensor.vector.RowKernels.get;
import static dev.canonica.tensor.vector.RowKernels.set;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums over a plane and what is written to one, for {@link VectorChannelNorm}; with a thread's place for two numbers. */
final class PlaneLoops {
    private final long at = Workspace.own().tile(8);

    /** Σ x. */
    double sum(long x, int n) {
        RowKernels.sum(x, at, 1, n);
        return first();
    }

    /** Σ (x − mean)². */
    double centredSquares(long x, float mean, int n) {
        RowKernels.centredSquares(x, mean, at, n);
        return first();
    }

    /** The first number ← Σ d, the second ← Σ (x − mean) d. */
    void centredDot(long x, float mean, long d, int n) {
        RowKernels.centredDot(x, mean, d, at, n);
    }

    double first() {
        return get(at);
    }

    double second() {
        return get(at + 4);
    }

    /** y = (x − mean) a + b. */
    void centred(long x, float mean, float a, float b, long y, int n) {
        if (EmittedCode.avx512()) {
            set(at, mean);
            Emitted.CENTRED.run(x, 0, at, 0, y, 0, 0, 0, n, 1, a, b);
            return;
        }
        FloatVector m = splat(mean);
        FloatVector factor = splat(a);
        FloatVector constant = splat(b);
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> k = S.indexInRange(i, n);
            store(load(x + 4L * i, k).sub(m).fma(factor, constant), y + 4L * i, k);
        }
    }

    /** y += (g d − mean) a. */
    void add(long d, float g, float mean, float a, long y, int n) {
        if (EmittedCode.avx512()) {
            set(at, mean);
            Emitted.ADD.run(d, 0, y, 0, at, 0, y, 0, n, 1, g, a);
            return;
        }
        FloatVector factor = splat(g);
        FloatVector m = splat(mean);
        FloatVector scale = splat(a);
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> k = S.indexInRange(i, n);
            FloatVector v = load(d + 4L * i, k).mul(factor).sub(m);
            store(v.fma(scale, load(y + 4L * i, k)), y + 4L * i, k);
        }
    }

    /** Emitted when first used. */
    private static final class Emitted {
        static final EmittedElements CENTRED =
                new EmittedElements((f, v) -> v[0].sub(v[1]).fma(v[2], v[3]), 2, false, true);
        static final EmittedElements ADD =
                new EmittedElements((f, v) -> v[0].mul(v[3]).sub(v[2]).fma(v[4], v[1]), 2, false, false, true);
    }
}
