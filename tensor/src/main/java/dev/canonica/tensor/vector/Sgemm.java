package dev.canonica.tensor.vector;

import dev.canonica.tensor.kernel.ScalarKernels;

/** Products of 32-bit matrices, until the packed kernels are in. */
final class Sgemm {
    private Sgemm() {}

    static void batched(
            int batch,
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long strideA,
            long b,
            int ldb,
            long strideB,
            boolean accumulate,
            long c,
            int ldc,
            long strideC) {
        ScalarKernels.F32.gemm(batch, transA, transB, m, n, k, a, lda, strideA, b, ldb, strideB, accumulate, c, ldc, strideC);
    }
}
