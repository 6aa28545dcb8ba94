package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Primitives that move elements: linear maps that are their own derivatives. */
public final class Layouts {
    private Layouts() {}

    /** The same elements under another shape; one extent may be −1. The adjoint is the reshape back. */
    public static Var reshape(Var x, int... dims) {
        Tensor y = x.value().reshape(dims);
        Shape from = x.shape();
        Shape to = y.shape();
        return Var.recordLinear(
                "reshape",
                y,
                () -> LinearMap.of(d -> d.reshape(to.prepend(d.dim(0))), u -> u.reshape(from.prepend(u.dim(0)))),
                x);
    }

    /** Axes in another order: axis i of the result is axis {@code axes[i]} of x. The adjoint is the inverse order. */
    public static Var permute(Var x, int... axes) {
        Tensor y = x.value().permute(axes);
        return Var.recordLinear(
                "permute",
                y,
                () -> {
                    int rank = axes.length;
                    int[] forth = new int[rank + 1];
                    int[] back = new int[rank + 1];
                    for (int i = 0; i < rank; i++) {
                        int a = x.shape().axis(axes[i]);
                        forth[i + 1] = a + 1;
                        back[a + 1] = i + 1;
                    }
                    return LinearMap.of(d -> d.permute(forth), u -> u.permute(back));
                },
                x);
    }

    /** The last two axes exchanged, which is {@link #permute}. */
    public static Var transpose(Var x) {
        int rank = x.shape().rank();
        if (rank < 2) {
            throw new IllegalArgumentException("transpose: [..., m, n] needed, shape is " + x.shape());
        }
        int[] axes = new int[rank];
        Arrays.setAll(axes, i -> i);
        axes[rank - 1] = rank - 2;
        axes[rank - 2] = rank - 1;
        return permute(x, axes);
    }

    /** Entries [from, to) along an axis. The adjoint pads with zeros. */
    public static Var slice(Var x, int axis, int from, int to) {
        int a = x.shape().axis(axis);
        int extent = x.dim(a);
        return Var.recordLinear(
                "slice",
                x.value().slice(a, from, to),
                () -> LinearMap.of(d -> d.slice(a + 1, from, to), u -> u.pad(a + 1, from, extent - to)),
                x);
    }

    /** So many zeros before the entries of an axis, and so many after them. The adjoint is the slice between. */
    public static Var pad(Var x, int axis, int before, int after) {
        int a = x.shape().axis(axis);
        int extent = x.dim(a);
        return Var.recordLinear(
                "pad",
                x.value().pad(a, before, after),
                () -> LinearMap.of(d -> d.pad(a + 1, before, after), u -> u.slice(a + 1, before, before + extent)),
                x);
    }

    /** Repeated to a greater shape. The adjoint sums over the repeated axes. */
    public static Var broadcastTo(Var x, Shape target) {
        Shape from = x.shape();
        return Var.recordLinear(
                "broadcastTo",
                x.value().broadcastTo(target),
                () -> LinearMap.of(d -> Blocks.broadcast(d, target), u -> Blocks.sumTo(u, from)),
                x);
    }

    /** Joined along an axis, one after the other; the other extents are equal. The adjoint cuts apart. */
    public static Var concatenate(int axis, Var... parts) {
        Tensor y = Tensor.concatenate(axis, Arrays.stream(parts).map(Var::value).toArray(Tensor[]::new));
        int a = y.shape().axis(axis);
        return Var.recordLinear(
                "concatenate",
                y,
                () -> {
                    LinearMap.Partial[] maps = new LinearMap.Partial[parts.length];
                    int at = 0;
                    for (int i = 0; i < parts.length; i++) {
                        int from = at;
                        int to = from + parts[i].dim(a);
                        maps[i] =
                                parts[i].partial(d -> d.pad(a + 1, from, y.dim(a) - to), u -> u.slice(a + 1, from, to));
                        at = to;
                    }
                    return LinearMap.sum(maps);
                },
                parts);
    }

    /** Tensors of one shape, side by side along a new axis, which may be the last. */
    public static Var stack(int axis, Var... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("stack: nothing to stack");
        }
        Var[] each = new Var[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].shape().equals(parts[0].shape())) {
                throw new IllegalArgumentException(
                        "stack: shapes differ: " + parts[0].shape() + " and " + parts[i].shape());
            }
            each[i] = unsqueeze(parts[i], axis);
        }
        return concatenate(axis, each);
    }

    /** Cut along an axis into parts of these sizes, whose sum is its extent. */
    public static List<Var> split(Var x, int axis, int... sizes) {
        int a = x.shape().axis(axis);
        long sum = Arrays.stream(sizes).asLongStream().sum();
        if (sum != x.dim(a) || Arrays.stream(sizes).anyMatch(n -> n < 0)) {
            throw new IllegalArgumentException(
                    "split: sizes " + Arrays.toString(sizes) + " do not add up to axis " + axis + " of " + x.shape());
        }
        List<Var> parts = new ArrayList<>();
        int from = 0;
        for (int n : sizes) {
            parts.add(slice(x, a, from, from + n));
            from += n;
        }
        return List.copyOf(parts);
    }

    /** The entries of axes from the last to the first. */
    public static Var flip(Var x, int... axes) {
        Var y = x;
        for (int a : Axes.of("flip", x.shape(), axes)) {
            y = Indexing.take(y, a, Indexing.reversed(x.dim(a)));
        }
        return y;
    }

    /** The entries of an axis moved on by a number of places, which may be negative; those that leave at one end come in at the other. */
    public static Var roll(Var x, int axis, int places) {
        int a = x.shape().axis(axis);
        int n = x.dim(a);
        int from = n == 0 ? 0 : Math.floorMod(-(long) places, n);
        return from == 0 ? x : concatenate(a, slice(x, a, from, n), slice(x, a, 0, from));
    }

    /** A new axis of extent 1 at this place; −1 puts it last. */
    public static Var unsqueeze(Var x, int axis) {
        int rank = x.shape().rank() + 1;
        int a = axis < 0 ? axis + rank : axis;
        if (a < 0 || a >= rank) {
            throw new IllegalArgumentException("unsqueeze: no axis " + axis + " in " + rank + " axes");
        }
        Shape s = x.shape();
        return reshape(
                x, s.slice(a, s.rank()).prepend(1).prepend(s.slice(0, a).dims()).dims());
    }

    /** Without an axis of extent 1. */
    public static Var squeeze(Var x, int axis) {
        if (x.dim(axis) != 1) {
            throw new IllegalArgumentException("squeeze: axis " + axis + " of " + x.shape() + " has not extent 1");
        }
        return reshape(x, x.shape().without(axis).dims());
    }

    /**
     * Rows {@code index} (I64) of x [rows, ...]: y[i] = x[index[i]]. The adjoint adds row i to row index[i].
     */
    public static Var gather(Var x, Tensor index) {
        Tensor y = x.value().gather(index);
        int rows = x.dim(0);
        Shape sx = x.shape();
        Shape sy = y.shape();
        return Var.recordLinear(
                "gather",
                y,
                () -> LinearMap.of(
                        d -> gathered(d, rows, index).reshape(sy.prepend(d.dim(0))),
                        u -> scattered(u, index, rows).reshape(sx.prepend(u.dim(0)))),
                x);
    }

    /** Rows of each table of a block [K, rows, ...]: [K, n, m]. Directions go behind the rows, so that one index of n is all. */
    static Tensor gathered(Tensor block, int rows, Tensor index) {
        int width = Math.toIntExact(block.shape().size(2, block.rank()));
        Tensor table = exchanged(block.reshape(block.dim(0), rows, width));
        return exchanged(table.gather(index.reshape(count(index))));
    }

    /** Its adjoint: [K, *index, ...] added up to [K, rows, m]. */
    static Tensor scattered(Tensor block, Tensor index, int rows) {
        int width = Math.toIntExact(block.shape().size(1 + index.rank(), block.rank()));
        Tensor parts = exchanged(block.reshape(block.dim(0), count(index), width));
        return exchanged(parts.scatterAdd(index.reshape(count(index)), rows));
    }

    private static int count(Tensor index) {
        return Math.toIntExact(index.size());
    }

    /** [a, b, m] → [b, a, m]. */
    private static Tensor exchanged(Tensor t) {
        return t.dim(0) == 1 || t.dim(1) == 1 ? t.reshape(t.dim(1), t.dim(0), t.dim(2)) : t.permute(1, 0, 2);
    }
}
