package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** Several axes at once. */
final class Axes {
    private Axes() {}

    /** Axes counted from the front, ascending; refused if there is none, or one twice. */
    static int[] of(String operation, Shape s, int... axes) {
        int[] sorted = Arrays.stream(axes).map(s::axis).sorted().distinct().toArray();
        if (sorted.length != axes.length || axes.length == 0) {
            throw new IllegalArgumentException(operation + ": axes " + Arrays.toString(axes) + " of " + s
                    + ": at least one, and each once, needed");
        }
        return sorted;
    }

    /** The order that puts these axes, ascending, behind the others. */
    static int[] last(int rank, int... axes) {
        int[] order = new int[rank];
        int n = 0;
        for (int i = 0; i < rank; i++) {
            if (Arrays.binarySearch(axes, i) < 0) {
                order[n++] = i;
            }
        }
        System.arraycopy(axes, 0, order, n, axes.length);
        return order;
    }

    /** The order that undoes another. */
    static int[] inverse(int... order) {
        int[] back = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            back[order[i]] = i;
        }
        return back;
    }

    /** The product of the extents of these axes. */
    static int size(Shape s, int... axes) {
        return Math.toIntExact(Arrays.stream(axes).mapToLong(s::dim).reduce(1, Math::multiplyExact));
    }

    /** x with these axes, ascending, joined into one behind the others: [others..., n]. */
    static Var joinedLast(Var x, int... axes) {
        int[] order = last(x.shape().rank(), axes);
        Var moved = isIdentity(order) ? x : x.permute(order);
        int others = x.shape().rank() - axes.length;
        int[] dims = Arrays.copyOf(moved.shape().dims(), others + 1);
        dims[others] = size(x.shape(), axes);
        return axes.length == 1 ? moved : moved.reshape(dims);
    }

    /** A result per row of {@code reduced}, in the shape of x with extents of 1 for its axes. */
    static Var kept(Var reduced, Shape x, int... axes) {
        int[] dims = x.dims();
        for (int a : axes) {
            dims[a] = 1;
        }
        return reduced.reshape(dims);
    }

    private static boolean isIdentity(int... order) {
        for (int i = 0; i < order.length; i++) {
            if (order[i] != i) {
                return false;
            }
        }
        return true;
    }

    /** A function of the last axis that keeps its shape, along another axis. */
    static Var along(int axis, Var x, UnaryOperator<Var> f) {
        int a = x.shape().axis(axis);
        int rank = x.shape().rank();
        if (a == rank - 1) {
            return f.apply(x);
        }
        int[] order = last(rank, a);
        return f.apply(x.permute(order)).permute(inverse(order));
    }
}
