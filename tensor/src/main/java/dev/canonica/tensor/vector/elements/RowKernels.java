package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.S;
import static dev.canonica.tensor.vector.code.Lanes.exp;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.code.Lanes.tail;
import static dev.canonica.tensor.vector.code.Lanes.whole;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Kernels that work on rows of n contiguous floats: sums, softmax and normalisation with their derivatives. They are {@link EmittedRows} where that takes
 * such rows, else by the Vector API, as here.
 */
public final class RowKernels {
    private final boolean emitted;

    /** Those that run on this: emitted ones need AVX-512. */
    public RowKernels(Emission emission) {
        emitted = emission.avx512();
    }

    boolean emitted() {
        return emitted;
    }

    /** Whether rows of n floats are done by {@link EmittedRows}. */
    boolean emits(long n) {
        return emitted && EmittedRows.take(n);
    }

    /** The float at an address, which need not be aligned. */
    public static float get(long address) {
        return NativeMemory.ALL.get(JAVA_FLOAT_UNALIGNED, address);
    }

    /** Writes a float to an address, which need not be aligned. */
    public static void set(long address, float v) {
        NativeMemory.ALL.set(JAVA_FLOAT_UNALIGNED, address, v);
    }

    static FloatVector splatAt(long address) {
        return FloatVector.broadcast(S, get(address));
    }

    /** y[i] = value. */
    public static void fill(float value, long y, long n) {
        FloatVector v = splat(value);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(v, y + 4 * i);
        }
        if (i < n) {
            store(v, y + 4 * i, tail(n));
        }
    }

    /** y = scale · x + shift. */
    public void affine(float scale, float shift, long x, long y, long n) {
        if (emitted) {
            EmittedLoops.affine(scale, shift, x, y, n);
            return;
        }
        FloatVector a = splat(scale);
        FloatVector b = splat(shift);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(load(x + 4 * i).fma(a, b), y + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(x + 4 * i, m).fma(a, b), y + 4 * i, m);
        }
    }

    /** y += scale · x. */
    public void axpy(float scale, long x, long y, long n) {
        if (emitted) {
            EmittedLoops.axpy(scale, x, y, 0, 1, n);
            return;
        }
        FloatVector a = splat(scale);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(load(x + 4 * i).fma(a, load(y + 4 * i)), y + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(x + 4 * i, m).fma(a, load(y + 4 * i, m)), y + 4 * i, m);
        }
    }

    /** Σ x, by four running vectors. */
    private static float sum(long x, long n) {
        FloatVector a = splat(0);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long i = 0;
        for (; i + 4L * L <= n; i += 4L * L) {
            a = a.add(load(x + 4 * i));
            b = b.add(load(x + 4 * (i + L)));
            c = c.add(load(x + 4 * (i + 2L * L)));
            d = d.add(load(x + 4 * (i + 3L * L)));
        }
        for (long end = whole(n); i < end; i += L) {
            a = a.add(load(x + 4 * i));
        }
        if (i < n) {
            b = b.add(load(x + 4 * i, tail(n)));
        }
        return Lanes.sum(a.add(b).add(c.add(d)));
    }

    /** y[r] = Σ x[r] for rows of x. */
    public void sum(long x, long y, long rows, long n) {
        if (emits(n)) {
            EmittedRows.sum(x, y, rows, n);
            return;
        }
        for (long r = 0; r < rows; r++) {
            set(y + 4 * r, sum(x + 4 * r * n, n));
        }
    }

    /** y[r] = max x[r] for rows of x, NaN if any of its numbers is. */
    public void max(long x, long y, long rows, long n) {
        if (emits(n)) {
            EmittedRows.max(x, y, rows, n);
            return;
        }
        for (long r = 0; r < rows; r++) {
            set(y + 4 * r, max(x + 4 * r * n, n));
        }
    }

    private static float max(long x, long n) {
        FloatVector a = splat(Float.NEGATIVE_INFINITY);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            a = a.max(load(x + 4 * i));
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            a = a.lanewise(VectorOperators.MAX, load(x + 4 * i, m), m);
        }
        return a.reduceLanes(VectorOperators.MAX);
    }

    /** Rows: y = softmax(scale · x), and log Σ exp(scale · x) to {@code logSumExp} where that is not 0. */
    public void softmax(float scale, long x, long y, long logSumExp, long rows, int n) {
        if (emits(n)) {
            EmittedRows.softmax(scale, x, y, logSumExp, rows, n);
            return;
        }
        for (long r = 0; r < rows; r++) {
            float l = softmax(scale, x + 4 * r * n, y + 4 * r * n, n);
            if (logSumExp != 0) {
                set(logSumExp + 4 * r, l);
            }
        }
    }

    private static float softmax(float scale, long x, long y, int n) {
        float top = scale >= 0 ? scale * max(x, n) : softmaxTop(scale, x, n);
        FloatVector k = splat(scale);
        FloatVector shift = splat(-top);
        FloatVector s = splat(0);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            FloatVector e = exp(load(x + 4 * i).fma(k, shift));
            store(e, y + 4 * i);
            s = s.add(e);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            FloatVector e = exp(load(x + 4 * i, m).fma(k, shift));
            store(e, y + 4 * i, m);
            s = s.add(e, m);
        }
        float sum = Lanes.sum(s);
        scale(1 / sum, y, n);
        return top + (float) Math.log(sum);
    }

    private static float softmaxTop(float scale, long x, int n) {
        float top = Float.NEGATIVE_INFINITY;
        for (long i = 0; i < n; i++) {
            top = Math.max(top, scale * get(x + 4 * i));
        }
        return top;
    }

    private static void scale(float by, long y, long n) {
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(load(y + 4 * i).mul(by), y + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(y + 4 * i, m).mul(by), y + 4 * i, m);
        }
    }

    /** Rows: y = exp(scale · x − logSumExp). */
    public void softmaxFrom(float scale, long x, long logSumExp, long y, long rows, int n) {
        if (emits(n)) {
            EmittedRows.softmaxFrom(scale, x, logSumExp, y, rows, n);
            return;
        }
        for (long r = 0; r < rows; r++) {
            softmaxFrom(scale, x + 4 * r * n, get(logSumExp + 4 * r), y + 4 * r * n, n);
        }
    }

    private static void softmaxFrom(float scale, long x, float logSumExp, long y, long n) {
        FloatVector k = splat(scale);
        FloatVector shift = splat(-logSumExp);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(exp(load(x + 4 * i).fma(k, shift)), y + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(exp(load(x + 4 * i, m).fma(k, shift)), y + 4 * i, m);
        }
    }

    private static float dot(long x, long y, long n) {
        FloatVector a = splat(0);
        FloatVector b = a;
        long i = 0;
        for (; i + 2L * L <= n; i += 2L * L) {
            a = load(x + 4 * i).fma(load(y + 4 * i), a);
            b = load(x + 4 * (i + L)).fma(load(y + 4 * (i + L)), b);
        }
        for (long end = whole(n); i < end; i += L) {
            a = load(x + 4 * i).fma(load(y + 4 * i), a);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            b = load(x + 4 * i, m).fma(load(y + 4 * i, m), b);
        }
        return Lanes.sum(a.add(b));
    }

    /** Σ (x − mean)². */
    static float centredSquares(long x, float mean, long n) {
        FloatVector m = splat(mean);
        FloatVector a = splat(0);
        FloatVector b = a;
        long i = 0;
        for (; i + 2L * L <= n; i += 2L * L) {
            FloatVector v = load(x + 4 * i).sub(m);
            FloatVector w = load(x + 4 * (i + L)).sub(m);
            a = v.fma(v, a);
            b = w.fma(w, b);
        }
        for (; i < n; i += L) {
            VectorMask<Float> k = S.indexInRange(i, n);
            FloatVector v = load(x + 4 * i, k).sub(m);
            a = a.add(v.mul(v), k);
        }
        return Lanes.sum(a.add(b));
    }

    /** Σ (x − mean) d. */
    static float centredDot(long x, float mean, long d, long n) {
        FloatVector m = splat(mean);
        FloatVector a = splat(0);
        FloatVector b = a;
        long i = 0;
        for (; i + 2L * L <= n; i += 2L * L) {
            a = load(x + 4 * i).sub(m).fma(load(d + 4 * i), a);
            b = load(x + 4 * (i + L)).sub(m).fma(load(d + 4 * (i + L)), b);
        }
        for (; i < n; i += L) {
            VectorMask<Float> k = S.indexInRange(i, n);
            a = load(x + 4 * i, k).sub(m).fma(load(d + 4 * i, k), a);
        }
        return Lanes.sum(a.add(b));
    }

    /** Rows: r = scale · y ⊙ (d − ⟨y, d⟩). */
    public void softmaxDerivative(float scale, long y, long d, long r, long rows, int n) {
        if (emits(n)) {
            EmittedRows.softmaxDerivative(scale, y, d, r, rows, n);
            return;
        }
        for (long q = 0; q < rows; q++) {
            softmaxDerivative(scale, y + 4 * q * n, d + 4 * q * n, r + 4 * q * n, n);
        }
    }

    private static void softmaxDerivative(float scale, long y, long d, long r, long n) {
        float dot = dot(y, d, n);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(load(d + 4 * i).sub(dot).mul(load(y + 4 * i).mul(scale)), r + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(d + 4 * i, m).sub(dot).mul(load(y + 4 * i, m).mul(scale)), r + 4 * i, m);
        }
    }

    /** Rows: y = (x − mean) · s, s = 1/√(variance + ε). */
    public void normalize(double epsilon, long x, long y, long s, long rows, int n) {
        if (emits(n)) {
            EmittedRows.normalize(epsilon, x, y, s, rows, n);
            return;
        }
        for (long r = 0; r < rows; r++) {
            set(s + 4 * r, normalize(epsilon, x + 4 * r * n, y + 4 * r * n, n));
        }
    }

    private static float normalize(double epsilon, long x, long y, int n) {
        float mean = sum(x, n) / n;
        FloatVector v = splat(0);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            FloatVector e = load(x + 4 * i).sub(mean);
            v = e.fma(e, v);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            FloatVector e = load(x + 4 * i, m).sub(mean);
            v = v.add(e.mul(e), m);
        }
        float s = (float) (1 / Math.sqrt(Lanes.sum(v) / n + epsilon));
        i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(load(x + 4 * i).sub(mean).mul(s), y + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(x + 4 * i, m).sub(mean).mul(s), y + 4 * i, m);
        }
        return s;
    }

    /** Rows: r = s (d − mean(d) − y · mean(y ⊙ d)). */
    public void normalizeDerivative(long y, long s, long d, long r, long rows, int n) {
        if (emits(n)) {
            EmittedRows.normalizeDerivative(y, s, d, r, rows, n);
            return;
        }
        for (long q = 0; q < rows; q++) {
            normalizeDerivative(y + 4 * q * n, get(s + 4 * q), d + 4 * q * n, r + 4 * q * n, n);
        }
    }

    private static void normalizeDerivative(long y, float s, long d, long r, int n) {
        float mean = sum(d, n) / n;
        FloatVector c = splat(-dot(y, d, n) / n);
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(load(y + 4 * i).fma(c, load(d + 4 * i).sub(mean)).mul(s), r + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(y + 4 * i, m).fma(c, load(d + 4 * i, m).sub(mean)).mul(s), r + 4 * i, m);
        }
    }
}
