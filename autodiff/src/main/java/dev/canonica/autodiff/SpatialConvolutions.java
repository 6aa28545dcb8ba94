package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.operation.Convolution;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions of any number of axes, with a stride, a padding and a dilation for each: put together of {@link Convolutions}. All axes but the last are unfolded into channels, so that
 * what is multiplied takes the product of their filter sizes times the memory of the input.
 */
public final class SpatialConvolutions {
    private SpatialConvolutions() {}

    /**
     * Convolution of x [B, C, n₁, …, nₘ] with filters w [O, C/groups, k₁, …, kₘ], zeros put around x; m = 1 for sequences, 3 for volumes.
     *
     * <pre>
     *   y[b, o, i₁, …] = Σ_{c, p₁, …} w[o, c, p₁, …] · x[b, c, i₁ · stride₁ + p₁ · dilation₁ − padding₁, …]
     * </pre>
     *
     * @param axes of each axis its window, whose size is that of the filters; not to the {@linkplain AxisWindow#ceiling ceiling}
     * @return [B, O, n′₁, …, n′ₘ]
     */
    public static Var convolution(List<AxisWindow> axes, int groups, Var x, Var w) {
        int m = axes.size();
        Shape sx = x.shape();
        Shape sw = w.shape();
        if (axes.stream().anyMatch(AxisWindow::ceil)) {
            throw new IllegalArgumentException(
                    "convolution: windows that reach beyond the padding (ceiling) are for pooling; pad by more entries instead");
        }
        boolean fit = m > 0 && sx.rank() == m + 2 && sw.rank() == m + 2;
        for (int i = 0; fit && i < m; i++) {
            fit = axes.get(i).size() == sw.dim(i + 2);
        }
        if (!fit || groups < 1 || sw.dim(0) % groups != 0 || sx.dim(1) != (long) sw.dim(1) * groups) {
            throw new IllegalArgumentException("convolution: x [B, C, …] and filters [O, C/groups, …] of " + m
                    + " axes, as large as their windows, needed in " + groups + " groups, not " + sx + " and " + sw);
        }
        Var unfolded = x;
        int[] out = new int[m];
        for (int i = 0; i < m; i++) {
            out[i] = axes.get(i).positions("convolution", sx.dim(i + 2));
        }
        for (int i = m - 2; i >= 0; i--) {
            unfolded = axes.get(i).windows("convolution", unfolded, i + 2, 0);
        }
        // [B, C, n′₁, k₁, n′₂, k₂, …, nₘ] → [B, n′₁, n′₂, …, C, k₁, k₂, …, nₘ]
        int rank = unfolded.shape().rank();
        int[] order = new int[rank];
        order[m] = 1;
        order[rank - 1] = rank - 1;
        for (int i = 0; i < m - 1; i++) {
            order[i + 1] = 2 + 2 * i;
            order[m + 1 + i] = 3 + 2 * i;
        }
        int images = sx.dim(0);
        int elements = 1;
        for (int i = 0; i < m - 1; i++) {
            images = Math.multiplyExact(images, out[i]);
            elements = Math.multiplyExact(elements, sw.dim(i + 2));
        }
        AxisWindow last = axes.get(m - 1);
        Convolution c = new Convolution(last.stride(), 0, 0, last.padding(), last.padding(), last.dilation(), groups);
        Var y = Convolutions.convolution(
                c,
                unfolded.permute(order).reshape(images, Math.multiplyExact(sx.dim(1), elements), 1, sx.dim(m + 1)),
                w.reshape(sw.dim(0), Math.multiplyExact(sw.dim(1), elements), 1, sw.dim(m + 1)));
        // [B · n′₁ ⋯, O, 1, n′ₘ] → [B, O, n′₁, …, n′ₘ]
        int[] dims = new int[m + 2];
        dims[0] = sx.dim(0);
        System.arraycopy(out, 0, dims, 1, m - 1);
        dims[m] = sw.dim(0);
        dims[m + 1] = out[m - 1];
        int[] back = new int[m + 2];
        Arrays.setAll(back, i -> i == 0 ? 0 : i == 1 ? m : i == m + 1 ? m + 1 : i - 1);
        return y.reshape(dims).permute(back);
    }
}
