package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Lanes.L;
import static dev.canonica.tensor.vector.Lanes.load;
import static dev.canonica.tensor.vector.Lanes.splat;
import static dev.canonica.tensor.vector.Lanes.store;
import static dev.canonica.tensor.vector.RowKernels.get;
import static dev.canonica.tensor.vector.RowKernels.set;

import dev.canonica.tensor.kernel.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Some columns of the patch matrix of an image, which is never made whole. Its row k = (c, p, q) holds, for each position (i, j) of the
 * window, the pixel of channel c under element (p, q) of the window, and 0 where that lies outside the image. Convolution is the product
 * of the filters with this matrix.
 *
 * <p>Which pixels a vector of columns takes, and where it takes zeros, is the same for each channel, and found out once. Neighbouring
 * rows of the image need no vectors of their own where the window keeps the image's width: then a position's pixel lies at the same
 * distance from it in every row.
 */
final class Patches {
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(Lanes.S, i -> 2 * i);

    private final Window w;
    private final int first;
    private final int count;
    private final int vectors;

    // The pieces of vector v of element e of the window: [starts[e · vectors + v], starts[e · vectors + v + 1]).
    private final int[] starts;
    private int[] offsets = new int[32]; // floats from the plane's start to lane 0, which the piece need not have
    private long[] lanes = new long[32];

    /** Columns [first, first + count), position (i, j) being column i · columns + j. */
    Patches(Window w, int first, int count) {
        this.w = w;
        this.first = first;
        this.count = count;
        vectors = Math.ceilDiv(count, L);
        starts = new int[w.kernelSize() * vectors + 1];
        for (int p = 0; p < w.kernelHeight(); p++) {
            for (int q = 0; q < w.kernelWidth(); q++) {
                for (int v = 0; v < vectors; v++) {
                    find(p, q, v, (p * w.kernelWidth() + q) * vectors + v);
                }
            }
        }
    }

    /** Floats from one row to the next that {@link #unfold} needs: {@code count}, rounded up to whole vectors. */
    int stride() {
        return vectors * L;
    }

    private void find(int p, int q, int v, int slot) {
        int n = starts[slot];
        int end = Math.min(count, (v + 1) * L);
        for (int at = v * L; at < end; ) {
            int i = (first + at) / w.columns();
            int j = (first + at) % w.columns();
            int run = Math.min(end - at, w.columns() - j); // along one row of positions
            int from = Math.clamp(w.firstColumn(q), j, j + run);
            int until = Math.clamp(w.endColumn(q), from, j + run);
            if (w.hasRow(w.row(i, p)) && from < until) {
                int lane = at - v * L - j; // of position 0 in the row
                int offset = w.row(i, p) * w.width() + w.column(0, q) - lane * w.stride();
                long mask = mask(lane + until) & ~mask(lane + from);
                if (n > starts[slot] && offsets[n - 1] == offset) {
                    lanes[n - 1] |= mask;
                } else {
                    if (n == offsets.length) {
                        offsets = Arrays.copyOf(offsets, 2 * n);
                        lanes = Arrays.copyOf(lanes, 2 * n);
                    }
                    offsets[n] = offset;
                    lanes[n++] = mask;
                }
            }
            at += run;
        }
        starts[slot + 1] = n;
    }

    private static long mask(int lanes) {
        return lanes == 64 ? -1 : (1L << lanes) - 1;
    }

    /**
     * Writes rows [k0, k1), with zeros after them up to whole vectors.
     *
     * @param x the address of the image's first channel
     * @param stride floats from one row of y to the next, at least {@link #stride}
     */
    void unfold(long x, int k0, int k1, long y, int stride) {
        int window = w.kernelSize();
        int element = k0 % window;
        long plane = x + 4 * (k0 / window) * w.planeSize();
        for (int k = k0; k < k1; k++, y += 4L * stride) {
            switch (w.stride()) {
                case 1 -> row(plane, element * vectors, y);
                case 2 -> rowOfEvery2nd(plane, element * vectors, y);
                default -> rowOfFew(plane, element * vectors, y);
            }
            if (++element == window) {
                element = 0;
                plane += 4 * w.planeSize();
            }
        }
    }

    private void row(long plane, int slot, long y) {
        for (int v = 0; v < vectors; v++) {
            FloatVector r = splat(0);
            for (int n = starts[slot + v]; n < starts[slot + v + 1]; n++) {
                VectorMask<Float> m = VectorMask.fromLong(Lanes.S, lanes[n]);
                r = r.blend(load(plane + 4L * offsets[n], m), m);
            }
            store(r, y + 4L * v * L);
        }
    }

    private void rowOfEvery2nd(long plane, int slot, long y) {
        for (int v = 0; v < vectors; v++) {
            FloatVector r = splat(0);
            for (int n = starts[slot + v]; n < starts[slot + v + 1]; n++) {
                long spread = Long.expand(lanes[n], 0x5555555555555555L);
                FloatVector low = load(plane + 4L * offsets[n], VectorMask.fromLong(Lanes.S, spread & mask(L)));
                FloatVector high =
                        load(plane + 4L * (offsets[n] + L), VectorMask.fromLong(Lanes.S, spread >>> L & mask(L)));
                r = r.blend(low.rearrange(EVEN, high), VectorMask.fromLong(Lanes.S, lanes[n]));
            }
            store(r, y + 4L * v * L);
        }
    }

    private void rowOfFew(long plane, int slot, long y) {
        for (int v = 0; v < vectors; v++) {
            long to = y + 4L * v * L;
            store(splat(0), to);
            for (int n = starts[slot + v]; n < starts[slot + v + 1]; n++) {
                for (long rest = lanes[n]; rest != 0; rest &= rest - 1) {
                    long lane = Long.numberOfTrailingZeros(rest);
                    set(to + 4 * lane, get(plane + 4 * (offsets[n] + lane * w.stride())));
                }
            }
        }
    }

    /** The adjoint of {@link #unfold}: adds each element of y to the pixel that it came from, in the order of rows. */
    void fold(long y, int stride, int k0, int k1, long x) {
        for (int k = k0; k < k1; k++, y += 4L * stride) {
            long plane = x + 4 * (k / w.kernelSize()) * w.planeSize();
            int slot = k % w.kernelSize() * vectors;
            for (int v = 0; v < vectors; v++) {
                for (int n = starts[slot + v]; n < starts[slot + v + 1]; n++) {
                    for (long rest = lanes[n]; rest != 0; rest &= rest - 1) {
                        long lane = Long.numberOfTrailingZeros(rest);
                        long to = plane + 4 * (offsets[n] + lane * w.stride());
                        set(to, get(to) + get(y + 4 * (v * L + lane)));
                    }
                }
            }
        }
    }
}
