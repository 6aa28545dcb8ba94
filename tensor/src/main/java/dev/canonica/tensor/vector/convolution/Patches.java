package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.S;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.elements.RowKernels.get;
import static dev.canonica.tensor.vector.elements.RowKernels.set;

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
    /** Channels unfolded at a time. */
    private static final int CHANNELS = 8;

    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(S, i -> 2 * i % L);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(S, mask(L) & ~mask(L / 2));
    private static final VectorShuffle<Float> LOW_TWICE = VectorShuffle.fromOp(S, i -> i / 2);
    private static final VectorShuffle<Float> HIGH_TWICE = VectorShuffle.fromOp(S, i -> (L + i) / 2);

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
        this(w, first, count, false);
    }

    /** As {@link #Patches(Window, int, int)}; if turned, with each channel's rows from the last (p, q) to the first. */
    Patches(Window w, int first, int count, boolean turned) {
        this.w = w;
        this.first = first;
        this.count = count;
        vectors = Math.ceilDiv(count, L);
        int window = w.kernelSize();
        starts = new int[window * vectors + 1];
        for (int e = 0; e < window; e++) {
            int element = turned ? window - 1 - e : e;
            for (int v = 0; v < vectors; v++) {
                find(element / w.kernelWidth(), element % w.kernelWidth(), v, e * vectors + v);
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
        // Some channels at a time: enough to make up for finding a piece's lanes, few enough that their pixels stay in
        // the cache.
        for (int c = k0 / window; c * window < k1; c += CHANNELS) {
            for (int e = 0; e < window; e++) {
                int from = Math.max(c, Math.ceilDiv(k0 - e, window));
                int n = Math.min(c + CHANNELS, Math.ceilDiv(k1 - e, window)) - from;
                long plane = x + 4L * from * w.planeSize();
                long target = y + 4L * stride * (from * window + e - k0);
                for (int v = 0; v < vectors; v++) {
                    column(e * vectors + v, plane, n, target + 4L * v * L, 4L * stride * window);
                }
            }
        }
    }

    /** One vector of one element of the window, for n channels. */
    private void column(int slot, long plane, int n, long y, long step) {
        int first = starts[slot];
        int end = starts[slot + 1];
        if (first == end) {
            for (int i = 0; i < n; i++, y += step) {
                store(splat(0), y);
            }
            return;
        }
        piece(offsets[first], lanes[first], plane, n, y, step);
        for (int more = first + 1; more < end; more++) {
            add(offsets[more], lanes[more], plane, n, y, step);
        }
    }

    /** The lanes of one piece, and 0 in the others. */
    private void piece(int offset, long mask, long plane, int n, long y, long step) {
        long source = plane + 4L * offset;
        long planeBytes = 4 * w.planeSize();
        if (w.stride() == 1) {
            VectorMask<Float> m = VectorMask.fromLong(S, mask);
            for (int i = 0; i < n; i++, source += planeBytes, y += step) {
                store(load(source, m), y);
            }
        } else if (w.stride() == 2) {
            VectorMask<Float> low = VectorMask.fromLong(S, spread(mask) & mask(L));
            VectorMask<Float> high = VectorMask.fromLong(S, spread(mask) >>> L & mask(L));
            for (int i = 0; i < n; i++, source += planeBytes, y += step) {
                store(evenOf(load(source, low), load(source + 4L * L, high)), y);
            }
        } else {
            for (int i = 0; i < n; i++, y += step) {
                store(splat(0), y);
            }
            add(offset, mask, plane, n, y - n * step, step);
        }
    }

    /** Writes the lanes of a further piece alone. */
    private void add(int offset, long mask, long plane, int n, long y, long step) {
        for (int i = 0; i < n; i++, plane += 4 * w.planeSize(), y += step) {
            for (long rest = mask; rest != 0; rest &= rest - 1) {
                long lane = Long.numberOfTrailingZeros(rest);
                set(y + 4 * lane, get(plane + 4 * (offset + lane * w.stride())));
            }
        }
    }

    /** Elements 0, 2, 4, … of two vectors. */
    private static FloatVector evenOf(FloatVector low, FloatVector high) {
        return low.rearrange(EVEN).blend(high.rearrange(EVEN), UPPER);
    }

    /** Bit i to bit 2i. */
    private static long spread(long mask) {
        return Long.expand(mask, 0x5555555555555555L);
    }

    /** The adjoint of {@link #unfold}: adds each element of y to the pixel that it came from, in the order of rows. */
    void fold(long y, int stride, int k0, int k1, long x) {
        for (int k = k0; k < k1; k++, y += 4L * stride) {
            long plane = x + 4L * (k / w.kernelSize()) * w.planeSize();
            int slot = k % w.kernelSize() * vectors;
            for (int v = 0; v < vectors; v++) {
                for (int n = starts[slot + v]; n < starts[slot + v + 1]; n++) {
                    foldPiece(y + 4L * v * L, lanes[n], plane + 4L * offsets[n]);
                }
            }
        }
    }

    private void foldPiece(long y, long mask, long x) {
        if (w.stride() == 2) {
            FloatVector v = load(y);
            addTo(x, v.rearrange(LOW_TWICE), spread(mask) & mask(L));
            addTo(x + 4L * L, v.rearrange(HIGH_TWICE), spread(mask) >>> L & mask(L));
            return;
        }
        for (long rest = mask; rest != 0; rest &= rest - 1) {
            long lane = Long.numberOfTrailingZeros(rest);
            long to = x + 4 * lane * w.stride();
            set(to, get(to) + get(y + 4 * lane));
        }
    }

    private static void addTo(long x, FloatVector v, long mask) {
        VectorMask<Float> m = VectorMask.fromLong(S, mask);
        store(load(x, m).add(v), x, m);
    }
}
