package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.elements.RowKernels.get;
import static dev.canonica.tensor.vector.elements.RowKernels.set;

import dev.canonica.tensor.vector.code.EmittedCode;
import dev.canonica.tensor.vector.code.RowCode;
import dev.canonica.tensor.vector.code.RowLoop;
import dev.canonica.tensor.vector.code.Workspace;
import java.util.function.Supplier;

/** Kernels of rows as machine code for AVX-512, many rows a call; {@link RowKernels} is the same by the Vector API. */
public final class EmittedRows {
    /** Floats in the longest row: a call should take less than some hundred microseconds, since the virtual machine cannot stop a thread in it. */
    private static final long LONGEST = 1 << 17;

    /** Floats of one call where rows are short. */
    private static final long MOST = 1 << 15;

    /** Rows of one call where a number of each is worked on afterwards. */
    private static final int MOST_ROWS = 256;

    private EmittedRows() {}

    /** Whether rows of n floats are done here. */
    static boolean take(long n) {
        return n > 0 && n <= LONGEST;
    }

    /** y[r] = Σ x[r]. */
    static void sum(long x, long y, long rows, long n) {
        sum(x, 4 * n, y, rows, n);
    }

    /** y[r] = max x[r], NaN if any of its numbers is. */
    static void max(long x, long y, long rows, long n) {
        Kernel.MAX.run(x, 4 * n, y, 4, 0, 0, 0, 0, n, rows, 0, 0);
    }

    /** y = softmax(scale · x), and log Σ exp(scale · x) to {@code logSumExp} where that is not 0. */
    static void softmax(float scale, long x, long y, long logSumExp, long rows, int n) {
        long sums = Workspace.own().row(4L * MOST_ROWS + 4);
        long unused = sums + 4L * MOST_ROWS;
        if (logSumExp == 0) {
            Kernel.SOFTMAX.run(x, 4L * n, y, 4L * n, unused, 0, sums, 0, n, rows, scale, 0);
            return;
        }
        for (long r = 0; r < rows; r += MOST_ROWS) {
            long some = Math.min(MOST_ROWS, rows - r);
            long l = logSumExp + 4 * r;
            Kernel.SOFTMAX.run(x + 4 * r * n, 4L * n, y + 4 * r * n, 4L * n, l, 4, sums, 4, n, some, scale, 0);
            for (long i = 0; i < some; i++) {
                set(l + 4 * i, get(l + 4 * i) + (float) Math.log(get(sums + 4 * i)));
            }
        }
    }

    /** y = exp(scale · x − logSumExp). */
    static void softmaxFrom(float scale, long x, long logSumExp, long y, long rows, int n) {
        From.CODE.run(x, 4L * n, logSumExp, 4, y, 4L * n, 0, 0, n, rows, scale, 0);
    }

    /** r = scale · y ⊙ (d − ⟨y, d⟩). */
    static void softmaxDerivative(float scale, long y, long d, long r, long rows, int n) {
        Kernel.SOFTMAX_DERIVATIVE.run(y, 4L * n, d, 4L * n, r, 4L * n, 0, 0, n, rows, scale, 0);
    }

    /** y = (x − mean) · s, s = 1/√(variance + ε). */
    static void normalize(double epsilon, long x, long y, long s, long rows, int n) {
        Kernel.NORMALIZE.run(x, 4L * n, y, 4L * n, s, 4, 0, 0, n, rows, 1f / n, (float) epsilon);
    }

    /** r = s (d − mean(d) − y · mean(y ⊙ d)). */
    static void normalizeDerivative(long y, long s, long d, long r, long rows, int n) {
        Kernel.NORMALIZE_DERIVATIVE.run(y, 4L * n, s, 4, d, 4L * n, r, 4L * n, n, rows, 1f / n, 0);
    }

    /** y[r] = Σ x[r], for rows so many bytes apart. */
    static void sum(long x, long step, long y, long rows, long n) {
        Kernel.SUM.run(x, step, y, 4, 0, 0, 0, 0, n, rows, 0, 0);
    }

    /** y[r] = Σ (x[r] − mean)². */
    static void centredSquares(long x, long step, float mean, long y, long rows, long n) {
        Kernel.CENTRED_SQUARES.run(x, step, y, 4, 0, 0, 0, 0, n, rows, mean, 0);
    }

    /** y[r] = Σ d[r], z[r] = Σ (x[r] − mean) d[r]. */
    static void centredDots(long x, long d, long step, float mean, long y, long z, long rows, long n) {
        Kernel.CENTRED_DOTS.run(x, step, d, step, y, 4, z, 4, n, rows, mean, 0);
    }

    /** Emitted when first used. */
    private static final class From {
        static final EmittedElements CODE =
                new EmittedElements("softmaxFrom", (f, v) -> RowCode.softmaxFrom(f, v[0], v[1], v[2]), 1, false, true);
    }

    private enum Kernel {
        SUM(RowCode::sum),
        MAX(RowCode::max),
        SOFTMAX(RowCode::softmax),
        SOFTMAX_DERIVATIVE(RowCode::softmaxDerivative),
        NORMALIZE(RowCode::normalize),
        NORMALIZE_DERIVATIVE(RowCode::normalizeDerivative),
        CENTRED_SQUARES(RowCode::centredSquares),
        CENTRED_DOTS(RowCode::centredDots);

        private final Supplier<byte[]> code;
        private volatile long entry;

        Kernel(Supplier<byte[]> code) {
            this.code = code;
        }

        /** Rows of up to four arrays, with their steps in bytes; what is not needed is 0. */
        void run(
                long p0,
                long step0,
                long p1,
                long step1,
                long p2,
                long step2,
                long p3,
                long step3,
                long n,
                long rows,
                float a,
                float b) {
            long at = entry;
            if (at == 0) { // if two threads come here, either's code serves
                at = EmittedCode.install("rows " + this, code.get());
                entry = at;
            }
            long most = Math.max(1, MOST / n);
            for (long r = 0; r < rows; r += most) {
                EmittedCode.call(
                        at,
                        p0 + r * step0,
                        p1 + r * step1,
                        p2 + r * step2,
                        p3 + r * step3,
                        n,
                        Math.min(most, rows - r),
                        step0,
                        step1,
                        step2,
                        step3,
                        RowLoop.mask(n),
                        Float.floatToRawIntBits(a),
                        Float.floatToRawIntBits(b));
            }
        }
    }
}
