package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;

/**
 * Planes [..., H, W] brought to another size by weights of their neighbours, rows and columns each by a matrix: y = R x Cᵀ, which is linear. Pixels are squares
 * whose centres lie at halves, as in PyTorch's {@code interpolate} without antialiasing; {@link Pooling#upsample} repeats them.
 */
public final class Resampling {
    private static final double A = -0.75; // the cubic's, as PyTorch and OpenCV have it

    private Resampling() {}

    /**
     * By the two nearest in each direction, with weights 1 − t and t.
     *
     * @param alignCorners whether the centres of the outermost pixels meet, instead of the edges of the planes
     * @return [..., height, width]
     */
    public static Var bilinear(Var x, int height, int width, boolean alignCorners) {
        return resized("bilinear", x, height, width, alignCorners, false);
    }

    /**
     * By the four nearest in each direction, with the weights of cubic convolution (Keys 1981, a = −3/4); those outside are the outermost again.
     *
     * @param alignCorners whether the centres of the outermost pixels meet, instead of the edges of the planes
     * @return [..., height, width]
     */
    public static Var bicubic(Var x, int height, int width, boolean alignCorners) {
        return resized("bicubic", x, height, width, alignCorners, true);
    }

    private static Var resized(String operation, Var x, int height, int width, boolean align, boolean cubic) {
        if (x.shape().rank() < 2 || x.dim(-2) == 0 || x.dim(-1) == 0) {
            throw new IllegalArgumentException(operation + ": planes [..., H, W] needed, shape is " + x.shape());
        }
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(operation + ": size " + height + " x " + width + " is not positive");
        }
        Var rows = weights(x.value(), x.dim(-2), height, align, cubic);
        Var columns = weights(x.value(), x.dim(-1), width, align, cubic);
        return rows.matmul(x.matmul(columns.transpose()));
    }

    /** The matrix [to, from] of weights. */
    private static Var weights(Tensor like, int from, int to, boolean align, boolean cubic) {
        double[] w = new double[Math.multiplyExact(to, from)];
        double step = align ? (to == 1 ? 0 : (from - 1.0) / (to - 1)) : (double) from / to;
        for (int i = 0; i < to; i++) {
            double at = align ? i * step : (i + 0.5) * step - 0.5;
            at = cubic ? at : Math.max(at, 0);
            int first = (int) Math.floor(at);
            double t = at - first;
            double[] near = cubic ? cubic(t) : new double[] {1 - t, t};
            for (int k = 0; k < near.length; k++) {
                int j = Math.clamp(first + k - (cubic ? 1 : 0), 0, from - 1);
                w[i * from + j] += near[k];
            }
        }
        return Var.constant(Tensor.of(like.device(), w, to, from).to(like.dtype()));
    }

    private static double[] cubic(double t) {
        return new double[] {outer(1 + t), inner(t), inner(1 - t), outer(2 - t)};
    }

    private static double inner(double d) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
    }

    private static double outer(double d) {
        return ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
    }
}
