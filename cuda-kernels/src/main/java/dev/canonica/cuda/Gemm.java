package dev.canonica.cuda;

import jcuda.driver.CUstream;

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

    /** Bytes of the workspace that products on a capturing stream need. */
    default long workspaceBytes() {
        return 0;
    }

    /**
     * Makes ready for products that are captured.
     *
     * @param stream that captures
     * @param workspace of {@link #workspaceBytes}, which lives as long as what is captured
     */
    default void captureOn(CUstream stream, long workspace) {}

    /** For {@code canonica info}. */
    String describe();
}
