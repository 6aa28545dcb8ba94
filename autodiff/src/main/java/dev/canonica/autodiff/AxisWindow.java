package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;

/**
 * A window that slides along one axis of n entries: element p at position i is entry i · stride + p · dilation − padding.
 *
 * @param size elements of the window
 * @param padding entries before and after the axis
 * @param ceil whether a last window that reaches beyond the padding counts, provided that it begins before the padding after the axis
 */
public record AxisWindow(int size, int stride, int padding, int dilation, boolean ceil) {
    /** Checks that size, stride and dilation are at least 1 and the padding at least 0. */
    public AxisWindow {
        if (size < 1 || stride < 1 || dilation < 1 || padding < 0) {
            throw new IllegalArgumentException("window: size " + size + ", stride " + stride + " and dilation "
                    + dilation + " must be positive, padding " + padding + " not negative");
        }
    }

    /** Without padding and dilation. */
    public static AxisWindow of(int size, int stride) {
        return new AxisWindow(size, stride, 0, 1, false);
    }

    /** Padded. */
    public AxisWindow padded(int entries) {
        return new AxisWindow(size, stride, entries, dilation, ceil);
    }

    /** With elements so far apart. */
    public AxisWindow dilated(int distance) {
        return new AxisWindow(size, stride, padding, distance, ceil);
    }

    /** With a last window that reaches beyond the padding. */
    public AxisWindow ceiling() {
        return new AxisWindow(size, stride, padding, dilation, true);
    }

    /**
     * The number of positions on n entries.
     *
     * @throws IllegalArgumentException if there is none
     */
    int positions(String operation, int n) {
        long room = n + 2L * padding - (long) dilation * (size - 1) - 1;
        long positions = (ceil ? Math.ceilDiv(room, stride) : Math.floorDiv(room, stride)) + 1;
        if (ceil && (positions - 1) * stride >= n + (long) padding) {
            positions--;
        }
        if (room < 0 || n == 0 || positions < 1) {
            throw new IllegalArgumentException(operation + ": a window of size " + size
                    + (dilation == 1 ? "" : " with dilation " + dilation) + " does not fit on an axis of " + n
                    + " with padding " + padding);
        }
        return Math.toIntExact(positions);
    }

    /** The windows of an axis of x, with {@code outside} for what is not there: the axis becomes two, positions and elements. */
    Var windows(String operation, Var x, int axis, double outside) {
        int n = x.dim(axis);
        int positions = positions(operation, n);
        long reach = (positions - 1L) * stride + (long) dilation * (size - 1) + 1 - padding;
        Var padded = Padding.constant(x, axis, padding, Math.toIntExact(Math.max(0, reach - n)), outside);
        long[] index = new long[Math.multiplyExact(positions, size)];
        for (int i = 0; i < index.length; i++) {
            index[i] = (long) (i / size) * stride + (long) (i % size) * dilation;
        }
        Var taken = Indexing.take(padded, axis, Tensor.of(index, index.length));
        int[] dims = taken.shape().dims();
        int[] apart = new int[dims.length + 1];
        System.arraycopy(dims, 0, apart, 0, axis);
        apart[axis] = positions;
        apart[axis + 1] = size;
        System.arraycopy(dims, axis + 1, apart, axis + 2, dims.length - axis - 1);
        return taken.reshape(apart);
    }

    /** How many elements of each window lie on n entries or their padding. */
    double[] counts(String operation, int n) {
        double[] counts = new double[positions(operation, n)];
        for (int i = 0; i < counts.length; i++) {
            for (int p = 0; p < size; p++) {
                counts[i] += (long) i * stride + (long) p * dilation < n + 2L * padding ? 1 : 0;
            }
        }
        return counts;
    }
}
