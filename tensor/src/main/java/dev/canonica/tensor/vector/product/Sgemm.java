package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.memory.Workers;

/**
 * Products of matrices of 32-bit floats in native memory: C = A · B, or C += A · B, where A is m × k and B is k × n, each as it lies or transposed. The
 * result must not overlap the operands.
 *
 * <p>Each element of C is one chain of fused multiply-adds in the order of the summed index: the same bits on any
 * number of threads. If k is 0, C becomes 0, or stays as it is when accumulating.
 */
public final class Sgemm {
    private static final int BYTES = Float.BYTES;

    private Sgemm() {}

    /** For each matrix of C, which is not transposed. */
    public static void gemm(Microkernels kernels, MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        int batch = c.count();
        if (batch == 1) { // even one job costs as much as the product of two small matrices
            one(kernels, a, b, accumulate, c);
            return;
        }
        long work = (long) c.rows() * c.columns() * a.columns();
        if (work >= Product.PARALLEL && (work >= Product.LARGE || batch < 2 * Workers.threads())) {
            for (int i = 0; i < batch; i++) {
                one(kernels, a.at(i, BYTES), b.at(i, BYTES), accumulate, c.at(i, BYTES));
            }
            return;
        }
        int group = Math.clamp(Product.PARALLEL / Math.max(1, work), 1, Math.max(1, batch));
        Workers.run((batch + group - 1) / group, job -> {
            for (int i = job * group; i < Math.min(batch, (job + 1) * group); i++) {
                one(kernels, a.at(i, BYTES), b.at(i, BYTES), accumulate, c.at(i, BYTES));
            }
        });
    }

    private static void one(Microkernels kernels, MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        int m = c.rows();
        int n = c.columns();
        if (m == 0 || n == 0) {
            return;
        }
        if (a.columns() == 0) {
            if (!accumulate) {
                clear(c);
            }
        } else if (n == 1 && c.rowStride() == 1) { // Cᵀ = Bᵀ · Aᵀ is one row
            new Product(kernels, b.transpose(), a.transpose(), accumulate, MatrixBatch.of(c.address(), 1, m)).compute();
        } else {
            new Product(kernels, a, b, accumulate, c).compute();
        }
    }

    private static void clear(MatrixBatch c) {
        for (int i = 0; i < c.rows(); i++) {
            long row = c.address() + 4L * i * c.rowStride();
            NativeMemory.ALL.asSlice(row, 4L * c.columns()).fill((byte) 0);
        }
    }
}
