package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/** Primitives that move elements: linear maps that are their own derivatives. */
public final class Layouts {
    private Layouts() {}

    /** The same elements under another shape; one extent may be −1. The adjoint is the reshape back. */
    public static Var reshape(Var x, int... dims) {
        Tensor y = x.value().reshape(dims);
        Shape from = x.shape();
        Shape to = y.shape();
        return Var.record(
                "reshape",
                y,
                () -> LinearMap.of(d -> d.reshape(to.prepend(d.dim(0))), u -> u.reshape(from.prepend(u.dim(0)))),
                x);
    }

    /** Axes in another order. The adjoint is the inverse order. */
    public static Var permute(Var x, int... axes) {
        Tensor y = x.value().permute(axes);
        return Var.record(
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
        return Var.record(
                "slice",
                x.value().slice(a, from, to),
                () -> LinearMap.of(d -> d.slice(a + 1, from, to), u -> u.pad(a + 1, from, extent - to)),
                x);
    }

    /** Zeros before and after along an axis. The adjoint is the slice between. */
    public static Var pad(Var x, int axis, int before, int after) {
        int a = x.shape().axis(axis);
        int extent = x.dim(a);
        return Var.record(
                "pad",
                x.value().pad(a, before, after),
                () -> LinearMap.of(d -> d.pad(a + 1, before, after), u -> u.slice(a + 1, before, before + extent)),
                x);
    }

    /** Repeated to a greater shape. The adjoint sums over the repeated axes. */
    public static Var broadcastTo(Var x, Shape target) {
        Shape from = x.shape();
        return Var.record(
                "broadcastTo",
                x.value().broadcastTo(target),
                () -> LinearMap.of(d -> Blocks.broadcast(d, target), u -> Blocks.sumTo(u, from)),
                x);
    }

    /** Joined along an axis. The adjoint cuts apart. */
    public static Var concatenate(int axis, Var... parts) {
        Tensor y = Tensor.concatenate(axis, Arrays.stream(parts).map(Var::value).toArray(Tensor[]::new));
        int a = y.shape().axis(axis);
        return Var.record(
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

    /**
     * Rows {@code index} (I64) of x [rows, ...]: y[i] = x[index[i]]. The adjoint adds row i to row index[i]; a block is looked up as one
     * table of K · rows rows.
     */
    public static Var gather(Var x, Tensor index) {
        Tensor y = x.value().gather(index);
        int rows = x.dim(0);
        Shape sx = x.shape();
        Shape sy = y.shape();
        return Var.record(
                "gather",
                y,
                () -> LinearMap.of(
                        d -> d.reshape(sx.with(0, rows * d.dim(0)))
                                .gather(repeated(index, rows, d.dim(0)))
                                .reshape(sy.prepend(d.dim(0))),
                        u -> u.scatterAdd(repeated(index, rows, u.dim(0)), rows * u.dim(0))
                                .reshape(sx.prepend(u.dim(0)))),
                x);
    }

    private static Tensor repeated(Tensor index, int rows, int k) {
        long[] one = index.toLongs();
        long[] all = new long[one.length * k];
        for (int d = 0; d < k; d++) {
            for (int i = 0; i < one.length; i++) {
                all[d * one.length + i] = one[i] + (long) d * rows;
            }
        }
        return Tensor.of(all, index.shape().prepend(k).dims());
    }
}
