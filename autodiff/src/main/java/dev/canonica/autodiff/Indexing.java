package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.AxisIndex;
import dev.canonica.tensor.operation.Ordering;
import java.util.Arrays;

/** Elements looked up and put by index, along any axis. Nothing is differentiated by an index, which is I64 and may be on any device. */
public final class Indexing {
    private Indexing() {}

    /**
     * Entries of an axis, in any order and number: y[…, i, …] = x[…, index[i], …].
     *
     * @param index [n], within the axis
     * @return x's shape with n for the axis
     */
    public static Var take(Var x, int axis, Tensor index) {
        if (index.rank() != 1) {
            throw new IllegalArgumentException("take: indices [n] needed, not " + index.described());
        }
        int a = x.shape().axis(axis);
        int rank = x.shape().rank();
        if (a == 0) {
            return Layouts.gather(x, index);
        }
        int[] order = new int[rank];
        Arrays.setAll(order, i -> i == 0 ? a : i <= a ? i - 1 : i);
        return Layouts.gather(x.permute(order), index).permute(Axes.inverse(order));
    }

    /**
     * One element for each of the index, as {@code torch.gather}: with axis 1 for an example, y[i, j] = x[i, index[i, j]].
     *
     * @param index of x's rank, its extents at most x's but for the axis
     * @return the index's shape
     */
    public static Var gather(Var x, int axis, Tensor index) {
        long[] places = AxisIndex.places("gather", x.shape(), axis, index);
        Var flat = x.reshape(Math.toIntExact(x.shape().size()));
        return Layouts.gather(flat, Tensor.of(places, places.length))
                .reshape(index.shape().dims());
    }

    /**
     * x with elements of another tensor added, as {@code torch.scatter_add}, the adjoint of {@link #gather}: with axis 1 for an example, y = x, then
     * y[i, index[i, j]] += source[i, j].
     *
     * @param index of x's rank, its extents at most x's but for the axis
     * @param source of the index's shape
     */
    public static Var scatterAdd(Var x, int axis, Tensor index, Var source) {
        return x.plus(put(x.shape(), places("scatterAdd", x, axis, index, source), source));
    }

    /**
     * x with elements put in the place of its own, as {@code torch.scatter}: with axis 1 for an example, y = x, then y[i, index[i, j]] = source[i, j].
     *
     * @param index of x's rank, its extents at most x's but for the axis, without repetition
     * @param source of the index's shape
     * @throws IllegalArgumentException if two elements of the index mean the same place
     */
    public static Var scatter(Var x, int axis, Tensor index, Var source) {
        long[] places = places("scatter", x, axis, index, source);
        if (Arrays.stream(places).distinct().count() != places.length) {
            throw new IllegalArgumentException(
                    "scatter: two indices along axis " + axis + " mean the same place; scatterAdd adds there");
        }
        Tensor ones = Tensor.full(x.value().device(), x.value().dtype(), index.shape(), 1);
        Tensor replaced = put(x.shape(), places, Var.constant(ones)).value();
        return Selections.where(replaced, put(x.shape(), places, source), x);
    }

    private static long[] places(String operation, Var x, int axis, Tensor index, Var source) {
        long[] places = AxisIndex.places(operation, x.shape(), axis, index);
        if (!source.shape().equals(index.shape())) {
            throw new IllegalArgumentException(
                    operation + ": source " + source.shape() + " for indices " + index.shape() + ": one shape needed");
        }
        return places;
    }

    /** Zeros of shape s with the source's elements added at their places. */
    private static Var put(Shape s, long[] places, Var source) {
        int size = Math.toIntExact(s.size());
        Tensor at = Tensor.of(places, places.length);
        Shape from = source.shape();
        return Var.recordLinear(
                "put",
                source.value().reshape(places.length).scatterAdd(at, size).reshape(s),
                () -> LinearMap.of(
                        d -> Layouts.scattered(d.reshape(d.dim(0), places.length), at, size)
                                .reshape(s.prepend(d.dim(0))),
                        u -> Layouts.gathered(u.reshape(u.dim(0), size), size, at)
                                .reshape(from.prepend(u.dim(0)))),
                source);
    }

    /**
     * The elements along an axis in order, with where they were.
     *
     * @param values of x's shape, or with the number asked for along the axis
     * @param index I64 of that shape; {@code gather(x, axis, index)} is {@code values}
     */
    public record Sorted(Var values, Tensor index) {}

    /** Sorted along an axis, NaN as greater than any number, equal elements in their order; the derivative follows the elements. */
    public static Sorted sort(Var x, int axis, boolean descending) {
        return sorted(x, axis, Ordering.argSort(x.value(), axis, descending));
    }

    /** The k greatest along an axis, the greatest first; NaN counts as greater than any number. */
    public static Sorted topK(Var x, int axis, int k) {
        return sorted(x, axis, Ordering.topK(x.value(), axis, k));
    }

    private static Sorted sorted(Var x, int axis, Tensor index) {
        return new Sorted(gather(x, axis, index), index);
    }

    /** The entries of an axis from the last to the first. */
    static Tensor reversed(int n) {
        long[] index = new long[n];
        Arrays.setAll(index, i -> n - 1 - i);
        return Tensor.of(index, n);
    }
}
