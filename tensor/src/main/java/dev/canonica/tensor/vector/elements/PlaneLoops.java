package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.S;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.elements.RowKernels.get;
import static dev.canonica.tensor.vector.elements.RowKernels.set;

import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.vector.code.Workspace;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What {@link VectorChannelNorm} does with the planes of a row: sums over each of them, and results from numbers of each of them. A thread has one at a time. Where
 * code is emitted, all planes are one call.
 */
final class PlaneLoops {
    private final RowKernels kernels;
    private final int planes;
    private final int n;
    private final long first; // bytes to the row's first plane
    private final long step; // bytes to the next
    private final long sums;
    private final long dots;
    private final long factors;
    private final long constants;

    PlaneLoops(RowKernels kernels, ChannelNorm c, int row) {
        this.kernels = kernels;
        planes = c.planes();
        n = c.inner();
        first = 4L * n * c.plane(row, 0);
        step = planes > 1 ? 4L * n * (c.plane(row, 1) - c.plane(row, 0)) : 0;
        sums = Workspace.own().tile(16L * Math.max(1, planes));
        dots = sums + 4L * planes;
        factors = dots + 4L * planes;
        constants = factors + 4L * planes;
    }

    /** Sums of each plane ← Σ x. */
    void sum(long x) {
        if (kernels.emits(n)) {
            EmittedRows.sum(x + first, step, sums, planes, n);
            return;
        }
        for (int p = 0; p < planes; p++) {
            kernels.sum(plane(x, p), sums + 4L * p, 1, n);
        }
    }

    /** Sums of each plane ← Σ (x − mean)². */
    void centredSquares(long x, float mean) {
        if (kernels.emits(n)) {
            EmittedRows.centredSquares(x + first, step, mean, sums, planes, n);
            return;
        }
        for (int p = 0; p < planes; p++) {
            set(sums + 4L * p, RowKernels.centredSquares(plane(x, p), mean, n));
        }
    }

    /** Sums of each plane ← Σ d, and dots ← Σ (x − mean) d. */
    void centredDots(long x, float mean, long d) {
        if (kernels.emits(n)) {
            EmittedRows.centredDots(x + first, d + first, step, mean, sums, dots, planes, n);
            return;
        }
        for (int p = 0; p < planes; p++) {
            kernels.sum(plane(d, p), sums + 4L * p, 1, n);
            set(dots + 4L * p, RowKernels.centredDot(plane(x, p), mean, plane(d, p), n));
        }
    }

    double sum(int plane) {
        return get(sums + 4L * plane);
    }

    double dot(int plane) {
        return get(dots + 4L * plane);
    }

    double total() {
        double total = 0;
        for (int p = 0; p < planes; p++) {
            total += sum(p);
        }
        return total;
    }

    /** Sets the factor a and the constant b of a plane. */
    void numbers(int plane, float a, float b) {
        set(factors + 4L * plane, a);
        set(constants + 4L * plane, b);
    }

    /** y = (x − mean) a + b. */
    void centred(long x, float mean, long y) {
        if (kernels.emitted()) {
            Emitted.CENTRED.run(x + first, step, factors, 4, constants, 4, y + first, step, n, planes, mean, 0);
            return;
        }
        FloatVector m = splat(mean);
        for (int p = 0; p < planes; p++) {
            FloatVector a = splat(get(factors + 4L * p));
            FloatVector b = splat(get(constants + 4L * p));
            for (int i = 0; i < n; i += L) {
                VectorMask<Float> k = S.indexInRange(i, n);
                store(load(plane(x, p) + 4L * i, k).sub(m).fma(a, b), plane(y, p) + 4L * i, k);
            }
        }
    }

    /** y += (d − mean) a. */
    void add(long d, float mean, long y) {
        if (kernels.emitted()) {
            Emitted.ADD.run(d + first, step, y + first, step, factors, 4, y + first, step, n, planes, mean, 0);
            return;
        }
        FloatVector m = splat(mean);
        for (int p = 0; p < planes; p++) {
            FloatVector a = splat(get(factors + 4L * p));
            for (int i = 0; i < n; i += L) {
                VectorMask<Float> k = S.indexInRange(i, n);
                long to = plane(y, p) + 4L * i;
                store(load(plane(d, p) + 4L * i, k).sub(m).fma(a, load(to, k)), to, k);
            }
        }
    }

    /** y += (a u − mean) s. */
    void addScaled(long u, float mean, float s, long y) {
        if (kernels.emitted()) {
            Emitted.ADD_SCALED.run(u + first, step, y + first, step, factors, 4, y + first, step, n, planes, mean, s);
            return;
        }
        FloatVector m = splat(mean);
        FloatVector scale = splat(s);
        for (int p = 0; p < planes; p++) {
            FloatVector a = splat(get(factors + 4L * p));
            for (int i = 0; i < n; i += L) {
                VectorMask<Float> k = S.indexInRange(i, n);
                long to = plane(y, p) + 4L * i;
                store(load(plane(u, p) + 4L * i, k).mul(a).sub(m).fma(scale, load(to, k)), to, k);
            }
        }
    }

    private long plane(long x, int p) {
        return x + first + p * step;
    }

    /** Emitted when first used. */
    private static final class Emitted {
        static final EmittedElements CENTRED =
                new EmittedElements("centred", (f, v) -> v[0].sub(v[3]).fma(v[1], v[2]), 1, false, true, true);
        static final EmittedElements ADD =
                new EmittedElements("add", (f, v) -> v[0].sub(v[3]).fma(v[2], v[1]), 1, false, false, true);
        static final EmittedElements ADD_SCALED = new EmittedElements(
                "addScaled", (f, v) -> v[0].mul(v[2]).sub(v[3]).fma(v[4], v[1]), 2, false, false, true);
    }
}
