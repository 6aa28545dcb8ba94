package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.NativeMemory;
import dev.canonica.tensor.Workers;

/**
 * Products of matrices of 32-bit floats in native memory, row-major: C = op(A) · op(B), or C += op(A) · op(B), where
 * op(A) is m × k, op(B) is k × n, and op is the identity or the transpose. A matrix is given by its address and the
 * distance of its rows in elements. The result must not overlap the operands.
 *
 * <p>Each element of C is one chain of fused multiply-adds in the order of the summed index: the same bits on any
 * number of threads. If k is 0, C becomes 0, or stays as it is when accumulating.
 */
public final class Sgemm {
    private Sgemm() {}

    /** One product. */
    public static void gemm(
            boolean transA,
            boolean transB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean accumulate,
            long c,
            int ldc) {
        if (m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            if (!accumulate) {
                clear(m, n, c, ldc);
            }
        } else if (n == 1 && ldc == 1) { // Cᵀ = op(B)ᵀ · op(A)ᵀ is one row
            new Product(!transB, !transA, 1, m, k, b, ldb, a, lda, accumulate, c, m).compute();
        } else {
            new Product(transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc).compute();
        }
    }

    private static void clear(int m, int n, long c, int ldc) {
        for (int i = 0; i < m; i++) {
            NativeMemory.ALL.asSlice(c + 4L * i * ldc, 4L * n).fill((byte) 0);
        }
    }

    /**
     * Products of the same shape whose operands lie at regular distances, strideA, strideB and strideC elements from
     * one to the next. An operand with stride 0 is shared by all.
     */
    public static void batched(
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
        long work = (long) m * n * k;
        if (batch == 1) { // even one job costs as much as the product of two small matrices
            gemm(transA, transB, m, n, k, a, lda, b, ldb, accumulate, c, ldc);
            return;
        }
        if (work >= Product.PARALLEL && (work >= Product.LARGE || batch < 2 * Workers.threads())) {
            for (int i = 0; i < batch; i++) {
                gemm(
                        transA,
                        transB,
                        m,
                        n,
                        k,
                        a + 4 * i * strideA,
                        lda,
                        b + 4 * i * strideB,
                        ldb,
                        accumulate,
                        c + 4 * i * strideC,
                        ldc);
            }
            return;
        }
        int group = Math.clamp(Product.PARALLEL / Math.max(1, work), 1, Math.max(1, batch));
        Workers.run((batch + group - 1) / group, job -> {
            for (int i = job * group; i < Math.min(batch, (job + 1) * group); i++) {
                gemm(
                        transA,
                        transB,
                        m,
                        n,
                        k,
                        a + 4 * i * strideA,
                        lda,
                        b + 4 * i * strideB,
                        ldb,
                        accumulate,
                        c + 4 * i * strideC,
                        ldc);
            }
        });
    }
}
