package dev.canonica.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The extents of a dense, row-major tensor, outermost first. A scalar has rank 0 and size 1; an extent of 0 is allowed. Axes may be
 * counted from the end: axis −1 is the last.
 */
public final class Shape {
    /** The shape of a scalar. */
    public static final Shape SCALAR = new Shape(new int[0]);

    private static final long MAX_SIZE = Long.MAX_VALUE / 8; // so that a size in bytes never overflows

    private final int[] dims;
    private final long size;

    private Shape(int[] dims) {
        this.dims = dims;
        long n = 1;
        for (int d : dims) {
            if (d < 0) {
                throw new IllegalArgumentException("shape: negative extent in " + Arrays.toString(dims));
            }
            if (d > 0 && n > MAX_SIZE / d) {
                throw new IllegalArgumentException(
                        "shape: more elements than can be addressed in " + Arrays.toString(dims));
            }
            n *= d;
        }
        this.size = n;
    }

    /** The shape with these extents. */
    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    /** Number of axes. */
    public int rank() {
        return dims.length;
    }

    /** Number of elements. */
    public long size() {
        return size;
    }

    /** The extent of an axis; negative axes count from the end. */
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /** A copy of the extents. */
    public int[] dims() {
        return dims.clone();
    }

    /** The axis counted from the front, checked. */
    public int axis(int axis) {
        int a = axis < 0 ? axis + dims.length : axis;
        if (a < 0 || a >= dims.length) {
            throw new IllegalArgumentException("axis " + axis + " does not exist in shape " + this);
        }
        return a;
    }

    /** This shape with {@code extents} put before it. */
    public Shape prepend(int... extents) {
        int[] d = Arrays.copyOf(extents, extents.length + dims.length);
        System.arraycopy(dims, 0, d, extents.length, dims.length);
        return new Shape(d);
    }

    /** The axes from {@code from} (inclusive) to {@code to} (exclusive), both counted from the front. */
    public Shape slice(int from, int to) {
        return from == 0 && to == dims.length ? this : new Shape(Arrays.copyOfRange(dims, from, to));
    }

    /** This shape with the extent of one axis replaced. */
    public Shape with(int axis, int extent) {
        int[] d = dims.clone();
        d[axis(axis)] = extent;
        return new Shape(d);
    }

    /** This shape without one axis. */
    public Shape without(int axis) {
        int a = axis(axis);
        int[] d = new int[dims.length - 1];
        System.arraycopy(dims, 0, d, 0, a);
        System.arraycopy(dims, a + 1, d, a, d.length - a);
        return new Shape(d);
    }

    /** This shape with extents of 1 for the axes from {@code from} (inclusive) to {@code to} (exclusive). */
    public Shape withOnes(int from, int to) {
        int[] d = dims.clone();
        Arrays.fill(d, from, to, 1);
        return new Shape(d);
    }

    /** Product of the extents of the axes from {@code from} (inclusive) to {@code to} (exclusive). */
    public long size(int from, int to) {
        long n = 1;
        for (int i = from; i < to; i++) {
            n *= dims[i];
        }
        return n;
    }

    /**
     * The common shape of two operands, by NumPy's rule: axes are aligned at the end, and an extent of 1 stretches.
     *
     * @throws IllegalArgumentException if two extents differ and neither is 1
     */
    public static Shape broadcast(String operation, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] d = new int[rank];
        for (int i = 0; i < rank; i++) {
            int x = i < rank - a.rank() ? 1 : a.dims[i - rank + a.rank()];
            int y = i < rank - b.rank() ? 1 : b.dims[i - rank + b.rank()];
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException(operation + ": shapes do not broadcast: " + a + " and " + b);
            }
            d[i] = x == 1 ? y : x;
        }
        return new Shape(d);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape s && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** This shape after an axis of any extent, in words: {@code [B, 3, 32, 32]}. */
    public String after(String leading) {
        return rank() == 0
                ? "[" + leading + "]"
                : "[" + leading + ", " + toString().substring(1);
    }

    /** As in error messages: {@code [2, 3]}. */
    @Override
    public String toString() {
        return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
