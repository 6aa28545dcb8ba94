package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Walk;

/** Matrix products. */
final class Products {
    private Products() {}

    static Tensor matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
        Elementwise.sameType("matmul", a, b);
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
        int lda = a.dim(-1);
        int ldb = b.dim(-1);
        try (Addresses at = Addresses.open()) {
            long pa = at.of(a);
            long pb = at.of(b);
            long pc = at.of(c);
            if (!transposeA && batchB.size() == 1) { // one matrix for all rows: a single product
                int rows = Math.toIntExact(batch.size() * m);
                a.kernels().gemm(1, false, transposeB, rows, n, k, pa, lda, 0, pb, ldb, 0, false, pc, n, 0);
            } else {
                Walk walk = Walk.broadcast(batch, batchA, batchB);
                int inner = Math.toIntExact(walk.inner());
                int bytes = a.dtype().bytes();
                long sizeA = (long) m * k;
                long sizeB = (long) k * n;
                long sizeC = (long) m * n;
                for (long o = 0; o < walk.outer(); o++) {
                    a.kernels()
                            .gemm(
                                    inner,
                                    transposeA,
                                    transposeB,
                                    m,
                                    n,
                                    k,
                                    pa + bytes * sizeA * walk.offset(0, o),
                                    lda,
                                    sizeA * walk.innerStride(0),
                                    pb + bytes * sizeB * walk.offset(1, o),
                                    ldb,
                                    sizeB * walk.innerStride(1),
                                    false,
                                    pc + bytes * sizeC * inner * o,
                                    n,
                                    sizeC);
                }
            }
        }
        return c;
    }

    private static String described(Tensor t, boolean transposed) {
        return t.shape() + (transposed ? "ᵀ" : "");
    }
}
