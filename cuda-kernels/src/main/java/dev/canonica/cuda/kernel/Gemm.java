package dev.canonica.cuda.kernel;

import dev.canonica.tensor.kernel.MatrixBatch;
import jcuda.driver.CUstream;

/** Matrix products on a device, as {@link dev.canonica.tensor.kernel.Kernels#gemm} says; no extent is 0. */
public interface Gemm {
    /** Queues C = A B, or C += A B, on matrices of F64 if {@code wide}, else of F32. */
    void gemm(boolean wide, MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c);

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

    /** Whether a library takes them, rather than this project's own kernel. */
    boolean isLibrary();

    /** For {@code canonica info}. */
    String describe();
}
