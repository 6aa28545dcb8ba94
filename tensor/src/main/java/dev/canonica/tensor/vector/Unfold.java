package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Lanes.L;
import static dev.canonica.tensor.vector.Lanes.load;
import static dev.canonica.tensor.vector.Lanes.splat;
import static dev.canonica.tensor.vector.Lanes.store;
import static dev.canonica.tensor.vector.Lanes.tail;
import static dev.canonica.tensor.vector.Lanes.whole;

import dev.canonica.tensor.kernel.Window;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Parts of the patch matrix of an image, and back: row k = (c, p, q) holds, for each position (i, j) of the window, the pixel of channel c
 * under element (p, q) of the window, and 0 outside the image. Convolution is a product with this matrix, which is never made whole.
 */
final class Unfold {
    private final Window w;
    private final int[] first;
    private final int[] end;

    Unfold(Window w) {
        this.w = w;
        first = new int[w.kernelWidth()];
        end = new int[w.kernelWidth()];
        for (int q = 0; q < first.length; q++) {
            first[q] = w.firstColumn(q);
            end[q] = w.endColumn(q);
        }
    }

    /**
     * y[k − k0, n − n0] = patches[k, n] for rows [k0, k1) and positions [n0, n1), n = i · columns + j.
     *
     * @param x the image's first channel
     * @param stride from one row of y to the next, in floats
     */
    void unfold(long x, int k0, int k1, int n0, int n1, long y, long stride) {
        int c = k0 / w.kernelSize();
        int p = k0 / w.kernelWidth() % w.kernelHeight();
        int q = k0 % w.kernelWidth();
        int i0 = n0 / w.columns();
        int j0 = n0 % w.columns();
        for (int k = k0; k < k1; k++, y += 4 * stride) {
            long plane = x + 4 * c * w.planeSize();
            long to = y;
            for (int i = i0, j = j0, left = n1 - n0; left > 0; i++, j = 0) {
                int n = Math.min(left, w.columns() - j);
                int row = w.row(i, p);
                if (w.hasRow(row)) {
                    int from = Math.clamp(first[q], j, j + n);
                    int until = Math.clamp(end[q], from, j + n);
                    long source = plane + 4 * ((long) row * w.width() + w.column(from, q));
                    zero(to, from - j);
                    pick(source, w.stride(), to + 4L * (from - j), until - from);
                    zero(to + 4L * (until - j), j + n - until);
                } else {
                    zero(to, n);
                }
                to += 4L * n;
                left -= n;
            }
            if (++q == w.kernelWidth()) {
                q = 0;
                if (++p == w.kernelHeight()) {
                    p = 0;
                    c++;
                }
            }
        }
    }

    /** The adjoint of {@link #unfold}: adds each element of y to the pixel that it came from, in the order of k, then n. */
    void fold(long y, long stride, int k0, int k1, int n0, int n1, long x) {
        int i0 = n0 / w.columns();
        int j0 = n0 % w.columns();
        for (int k = k0; k < k1; k++, y += 4 * stride) {
            int p = k / w.kernelWidth() % w.kernelHeight();
            int q = k % w.kernelWidth();
            long plane = x + 4 * (k / w.kernelSize()) * w.planeSize();
            long at = y;
            for (int i = i0, j = j0, left = n1 - n0; left > 0; i++, j = 0) {
                int n = Math.min(left, w.columns() - j);
                int row = w.row(i, p);
                if (w.hasRow(row)) {
                    int from = Math.clamp(first[q], j, j + n);
                    int until = Math.clamp(end[q], from, j + n);
                    long target = plane + 4 * ((long) row * w.width() + w.column(from, q));
                    add(at + 4L * (from - j), target, w.stride(), until - from);
                }
                at += 4L * n;
                left -= n;
            }
        }
    }

    private static void zero(long y, int n) {
        FloatVector zero = splat(0);
        int i = 0;
        for (int end = (int) whole(n); i < end; i += L) {
            store(zero, y + 4L * i);
        }
        if (i < n) {
            store(zero, y + 4L * i, tail(n));
        }
    }

    /** y[i] = x[i · step]. */
    private static void pick(long x, int step, long y, int n) {
        if (step != 1) {
            for (long i = 0; i < n; i++) {
                RowKernels.set(y + 4 * i, RowKernels.get(x + 4 * i * step));
            }
            return;
        }
        int i = 0;
        for (int end = (int) whole(n); i < end; i += L) {
            store(load(x + 4L * i), y + 4L * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(x + 4L * i, m), y + 4L * i, m);
        }
    }

    /** x[i · step] += y[i]. */
    private static void add(long y, long x, int step, int n) {
        if (step != 1) {
            for (long i = 0; i < n; i++) {
                long to = x + 4 * i * step;
                RowKernels.set(to, RowKernels.get(to) + RowKernels.get(y + 4 * i));
            }
            return;
        }
        int i = 0;
        for (int end = (int) whole(n); i < end; i += L) {
            store(load(x + 4L * i).add(load(y + 4L * i)), x + 4L * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(load(x + 4L * i, m).add(load(y + 4L * i, m)), x + 4L * i, m);
        }
    }
}
