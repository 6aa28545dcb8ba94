package dev.canonica.cuda;

/** Matrix products on a device, as {@link dev.canonica.tensor.kernel.Kernels#gemm} says; no extent is 0. */
interface Gemm {
    void gemm(
            boolean wide,
            int batch,
            boolean transposeA,
            boolean transposeB,
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
            long strideC);

    /** For {@code canonica info}. */
    String describe();
}
