package org.example;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** How much a layer can change. */
public final class Sensitivity {
    private Sensitivity() {}

    /** The greatest singular values of the derivative of GELU(x Wᵀ) at a sample of n numbers. */
    public static double[] of(int n, int rank) {
        Tensor x = Tensor.normal(DType.F32, Shape.of(1, n), new Philox(1));
        Tensor w = Tensor.normal(DType.F32, Shape.of(2 * n, n), new Philox(2));
        Tensor b = Tensor.zeros(DType.F32, Shape.of(2 * n));
        Linearization f = Autodiff.linearize((Var v) -> v.linear(Var.constant(w), Var.constant(b)).gelu(), x);
        RandomizedSvd.Triples t =
                RandomizedSvd.ofRank(rank).solve(LinearOperator.jacobian(f, x.shape())).samples().getFirst();
        if (t.certified(1e-3) < rank) {
            throw new IllegalStateException(t.certified(1e-3) + " of " + rank + " certified");
        }
        return t.sigma();
    }
}
