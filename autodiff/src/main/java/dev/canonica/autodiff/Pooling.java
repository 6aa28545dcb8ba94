package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.PoolWindow;
import java.util.Arrays;
import java.util.List;

/** Pooling of planes [..., H, W], and its inverse by repetition. */
public final class Pooling {
    private Pooling() {}

    /**
     * Mean of each window; padding counts as zeros, so that every window is divided by its size.
     *
     * <pre>
     *   y[i, j] = Σ_{p, q} x[i s + p − pad, j s + q − pad] / size²      linear: dy is the same of dx
     *   x̄: u[i, j] / size² added to all of window (i, j)
     * </pre>
     */
    public static Var average(PoolWindow w, Var x) {
        double scale = 1.0 / ((double) w.size() * w.size());
        Tensor y = w.sum(scale, x.value());
        int height = x.dim(-2);
        int width = x.dim(-1);
        return Var.recordLinear(
                "averagePool", y, () -> LinearMap.of(d -> w.sum(scale, d), u -> w.spread(scale, u, height, width)), x);
    }

    /**
     * Greatest of each window; padding does not count. NaN counts as greater than any number; ties and NaN along an axis: {@link Reductions#max}.
     *
     * <pre>
     *   y[i, j] = max_{p, q} x[i s + p − pad, j s + q − pad]
     *   dy[i, j] = dx[m(i, j)]      x̄[m(i, j)] += u[i, j]      m: where the first greatest is
     * </pre>
     */
    public static Var max(PoolWindow w, Var x) {
        Tensor y = w.max(x.value());
        int height = x.dim(-2);
        int width = x.dim(-1);
        return Var.recordLinear(
                "maxPool",
                y,
                () -> {
                    Tensor m = w.argMax(x.value());
                    return LinearMap.of(d -> w.gather(d, m), u -> w.scatter(u, m, height, width));
                },
                x);
    }

    /** Mean of each plane: [..., H, W] → [...]. */
    public static Var globalAverage(Var x) {
        int[] joined = x.shape().without(-1).dims();
        joined[joined.length - 1] = Math.multiplyExact(x.dim(-2), x.dim(-1));
        return Reductions.mean(x.reshape(joined), -1);
    }

    /**
     * Nearest-neighbour upsampling: each element becomes a square of {@code factor} × {@code factor}.
     *
     * <pre>
     *   y[i, j] = x[⌊i / f⌋, ⌊j / f⌋]      linear: dy is the same of dx
     *   x̄[i, j] = Σ_{p, q &lt; f} u[f i + p, f j + q]
     * </pre>
     */
    public static Var upsample(Var x, int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("upsample: factor " + factor + " is not positive");
        }
        PoolWindow w = PoolWindow.tiles(factor);
        int height = factor * x.dim(-2);
        int width = factor * x.dim(-1);
        return Var.recordLinear(
                "upsample",
                w.spread(1, x.value(), height, width),
                () -> LinearMap.of(d -> w.spread(1, d, height, width), u -> w.sum(1, u)),
                x);
    }

    /**
     * Greatest of each window over the last axes, one window an axis: rectangles, dilation, a last window that reaches out. Padding does not count. As {@link Reductions#max} along each axis
     * after the other, those that are greatest share the derivative.
     *
     * @param axes of the last axes, such as rows and columns
     */
    public static Var max(List<AxisWindow> axes, Var x) {
        Var y = x;
        for (int i = axes.size() - 1; i >= 0; i--) {
            int axis = axis(axes, x, i);
            Var windows = axes.get(i).windows("pooling", y, axis, Double.NEGATIVE_INFINITY);
            y = Reductions.max(windows, axis + 1);
        }
        return y;
    }

    /**
     * Mean of each window over the last axes, one window an axis; padding counts as zeros, what lies beyond it not at all.
     *
     * @param axes of the last axes, such as rows and columns
     */
    public static Var average(List<AxisWindow> axes, Var x) {
        Var y = x;
        for (int i = axes.size() - 1; i >= 0; i--) {
            int axis = axis(axes, x, i);
            AxisWindow w = axes.get(i);
            double[] shares = w.counts("pooling", x.dim(axis));
            Arrays.setAll(shares, j -> 1 / shares[j]);
            Tensor t = x.value();
            int[] dims = new int[axes.size() - i];
            Arrays.fill(dims, 1);
            dims[0] = shares.length;
            Var share = Var.constant(Tensor.of(t.device(), shares, dims).to(t.dtype()));
            y = Reductions.sum(w.windows("pooling", y, axis, 0), axis + 1).times(share);
        }
        return y;
    }

    private static int axis(List<AxisWindow> axes, Var x, int i) {
        int rank = x.shape().rank();
        if (axes.isEmpty() || axes.size() > rank) {
            throw new IllegalArgumentException("pooling: " + axes.size() + " windows for shape " + x.shape());
        }
        AxisWindow w = axes.get(i);
        if (w.padding() * 2L > (long) w.dilation() * (w.size() - 1) + 1) {
            throw new IllegalArgumentException(
                    "pooling: padding " + w.padding() + " is more than half of a window of size " + w.size());
        }
        return rank - axes.size() + i;
    }
}
