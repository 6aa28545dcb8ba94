package dev.canonica.benchmarks;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Workers;
import dev.canonica.tensor.vector.Sgemm;
import java.util.Locale;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * One matrix product C = op(A) op(B), for Canonica and for OpenBLAS, on the same operands. Making it checks that both give the same result.
 *
 * <p>Written {@code M,N,K}, with {@code ,t} after it for op(A) = Aᵀ and {@code ,T} for op(B) = Bᵀ.
 */
final class SgemmProblem implements AutoCloseable {
    private static final int LINE = 64 / Float.BYTES;

    private final boolean transA;
    private final boolean transB;
    private final int m;
    private final int n;
    private final int k;
    private final int lda;
    private final int ldb;
    private final FloatPointer a;
    private final FloatPointer b;
    private final FloatPointer c;
    private final FloatPointer d;

    SgemmProblem(String shape) {
        String[] parts = shape.split(",");
        m = Integer.parseInt(parts[0]);
        n = Integer.parseInt(parts[1]);
        k = Integer.parseInt(parts[2]);
        transA = parts.length > 3 && parts[3].contains("t");
        transB = parts.length > 3 && parts[3].contains("T");
        lda = transA ? m : k;
        ldb = transB ? k : n;
        a = random(m * k);
        b = random(k * n);
        c = random(m * n);
        d = random(m * n);
        ours();
        theirs();
        for (int i = 0; i < m * n; i++) { // of k terms of at most 1/4
            if (!(Math.abs(c.get(i) - d.get(i)) <= 1e-6 * k)) {
                throw new IllegalStateException(
                        String.format(Locale.ROOT, "%s: %g is not %g, as OpenBLAS says", shape, c.get(i), d.get(i)));
            }
        }
    }

    /** Sets the number of threads of both; an environment in which OpenBLAS cannot choose its best kernels is refused. */
    static void threads(int threads) {
        for (String variable : new String[] {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}) {
            if (System.getenv(variable) != null) {
                throw new IllegalStateException(variable + " is set: OpenBLAS would not choose its best kernels");
            }
        }
        Workers.setThreads(threads);
        openblas.blas_set_num_threads(threads);
    }

    /** Floating-point operations of a product. */
    double operations() {
        return 2.0 * m * n * k;
    }

    void ours() {
        Sgemm.gemm(transA, transB, m, n, k, address(a), lda, address(b), ldb, false, address(c), n);
    }

    void theirs() {
        int ta = transA ? openblas.CblasTrans : openblas.CblasNoTrans;
        int tb = transB ? openblas.CblasTrans : openblas.CblasNoTrans;
        openblas.cblas_sgemm(openblas.CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, 0, d, n);
    }

    @Override
    public void close() {
        for (FloatPointer p : new FloatPointer[] {a, b, c, d}) {
            p.close();
        }
    }

    /** Random numbers between −1/2 and 1/2, 64-byte aligned. */
    private static FloatPointer random(int size) {
        FloatPointer memory = new FloatPointer(size + LINE);
        memory.position((LINE - memory.address() / Float.BYTES % LINE) % LINE);
        Philox philox = new Philox(1, size);
        for (int i = 0; i < size; i++) {
            memory.put(i, philox.uniform(i) - 0.5f);
        }
        return memory;
    }

    private static long address(FloatPointer memory) {
        return memory.address() + memory.position() * Float.BYTES;
    }
}
