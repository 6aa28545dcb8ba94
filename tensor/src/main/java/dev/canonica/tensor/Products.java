package dev.canonica.tensor;

import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.memory.Addresses;

/** Matrix products. */
final class Products {
    private Products() {}

    static Tensor matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
        Operands.sameType("matmul", a, b);
        if (a.rank() < 2 || b.rank() < 2) {
            throw new IllegalArgumentException("matmul: matrices needed: " + a.shape() + " x " + b.shape());
        }
        int m = a.dim(transposeA ? -1 : -2);
        int k = a.dim(transposeA ? -2 : -1);
        int n = b.dim(transposeB ? -2 : -1);
        if (k != b.dim(transposeB ? -1 : -2)) {
            throw new IllegalArgumentException(
                    "matmul: inner dimensions differ: " + described(a, transposeA) + " x " + described(b, transposeB));
        }
        Shape batchA = a.shape().slice(0, a.rank() - 2);
        Shape batchB = b.shape().slice(0, b.rank() - 2);
        Shape batch = Shape.broadcast("matmul", batchA, batchB);
        Tensor c = a.like(Shape.of(m, n).prepend(batch.dims()));
        try (Addresses at = Addresses.open()) {
            MatrixBatch left = matrix(at, a, transposeA);
            MatrixBatch right = matrix(at, b, transposeB);
            MatrixBatch result = matrix(at, c, false);
            if (!transposeA && batchB.size() == 1) { // one matrix for all rows: a single product
                int rows = Math.toIntExact(batch.size() * m);
                MatrixBatch all = MatrixBatch.of(left.address(), rows, k);
                a.kernels().gemm(all, right, false, MatrixBatch.of(result.address(), rows, n));
                return c;
            }
            Walk walk = Elementwise.walk(batch, batchA, batchB);
            MatrixBatch part = result.times(Math.toIntExact(walk.inner()), (long) m * n);
            int bytes = a.dtype().bytes();
            for (long o = 0; o < walk.outer(); o++) {
                MatrixBatch target = part.in(part.address() + bytes * part.stride() * part.count() * o);
                a.kernels().gemm(part(left, walk, 0, o, bytes), part(right, walk, 1, o, bytes), false, target);
            }
        }
        return c;
    }

    /** The matrices that an operand has at row o of a walk over batches. */
    private static MatrixBatch part(MatrixBatch one, Walk walk, int operand, long o, int bytes) {
        long size = (long) one.rows() * one.columns();
        return one.in(one.address() + bytes * size * walk.offset(operand, o))
                .times(Math.toIntExact(walk.inner()), size * walk.innerStride(operand));
    }

    /** The first matrix of a tensor [..., rows, columns], or its transpose. */
    static MatrixBatch matrix(Addresses at, Tensor t, boolean transposed) {
        MatrixBatch m = MatrixBatch.of(at.of(t), t.dim(-2), t.dim(-1));
        return transposed ? m.transpose() : m;
    }

    private static String described(Tensor t, boolean transposed) {
        return t.shape() + (transposed ? "ᵀ" : "");
    }
}
