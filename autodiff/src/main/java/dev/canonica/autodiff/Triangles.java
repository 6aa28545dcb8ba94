package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/** Square matrices of ones and zeros, of the type and on the device of another tensor. */
final class Triangles {
    private Triangles() {}

    static Tensor identity(Tensor like, int n) {
        return of(like, n, 0, 1);
    }

    /** 1 below the diagonal, a number on it, 0 above. */
    static Tensor lower(Tensor like, int n, double diagonal) {
        return of(like, n, 1, diagonal);
    }

    /** The triangle that is read of triangular matrices, with its diagonal. */
    static Tensor triangle(Tensor like, int n, boolean upper) {
        Tensor lower = lower(like, n, 1);
        return upper ? lower.transpose() : lower;
    }

    private static Tensor of(Tensor like, int n, double below, double diagonal) {
        double[] x = new double[n * n];
        for (int i = 0; i < n; i++) {
            Arrays.fill(x, i * n, i * n + i, below);
            x[i * (n + 1)] = diagonal;
        }
        return Tensor.of(like.device(), x, n, n).to(like.dtype());
    }
}
