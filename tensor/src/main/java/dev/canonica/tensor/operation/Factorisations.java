package dev.canonica.tensor.operation;

import dev.canonica.tensor.Tensor;

/**
 * What a device does of {@link LinearAlgebra} itself. Operands are on that device, of one real type, finite and not empty, with one leading axis
 * of a batch; results are on it, too, and of that type. The scope that is open owns all that is made.
 */
public interface Factorisations {
    /** {@link LinearAlgebra#lq} of a [batch, m, n], m ≤ n. */
    LinearAlgebra.Lq lq(Tensor a);

    /** {@link LinearAlgebra#svd} of a [batch, m, n]. */
    LinearAlgebra.Svd svd(Tensor a);

    /**
     * {@link LinearAlgebra#randomizedSvd} of a [m, n], with {@code rank + oversample} less than m and n; put together of products and the
     * other two where there is nothing better.
     */
    default LinearAlgebra.Svd randomizedSvd(Tensor a, int rank, int oversample, int iterations, long seed) {
        return LinearAlgebra.subspaceIteration(a, rank, oversample, iterations, seed);
    }
}
