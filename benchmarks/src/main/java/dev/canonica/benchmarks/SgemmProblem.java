package dev.canonica.benchmarks;

import ai.djl.ndarray.NDArray;
import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * Matrix products C = op(A) op(B), for Canonica and for its peers, on the same operands. Making it checks that OpenBLAS gives the same result.
 *
 * <p>Written {@code M,N,K}, with {@code ,t} after it for op(A) = Aᵀ and {@code ,T} for op(B) = Bᵀ, and {@code B×} in front for a batch.
 */
final class SgemmProblem implements AutoCloseable {
    private static final int LINE = 64 / Float.BYTES;
    private static final Kernels SIMD = Device.cpu().kernels(DType.F32);

    private final int batch;
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
        int cross = shape.indexOf('×');
        batch = cross < 0 ? 1 : Integer.parseInt(shape.substring(0, cross));
        String[] parts = shape.substring(cross + 1).split(",");
        m = Integer.parseInt(parts[0]);
        n = Integer.parseInt(parts[1]);
        k = Integer.parseInt(parts[2]);
        transA = parts.length > 3 && parts[3].contains("t");
        transB = parts.length > 3 && parts[3].contains("T");
        lda = transA ? m : k;
        ldb = transB ? k : n;
        a = random(batch * m * k);
        b = random(batch * k * n);
        c = random(batch * m * n);
        d = random(batch * m * n);
        theirs();
        checkOurs(shape + ", OpenBLAS", i -> d.get(i));
    }

    /** Element i of a result to compare with. */
    @FunctionalInterface
    interface Expected {
        float at(int i);
    }

    private void checkOurs(String what, Expected expected) {
        ours();
        for (int i = 0; i < batch * m * n; i++) { // of k terms of at most 1/4
            if (!(Math.abs(c.get(i) - expected.at(i)) <= 1e-6 * k)) {
                throw new IllegalStateException(
                        String.format(Locale.ROOT, "%s: %g is not %g", what, c.get(i), expected.at(i)));
            }
        }
    }

    /** The same by libtorch, once it has given the same result. */
    Runnable libtorch(Libtorch torch) {
        NDArray left = torch.array(values(a, batch * m * k), batch, transA ? k : m, transA ? m : k);
        NDArray right = torch.array(values(b, batch * k * n), batch, transB ? n : k, transB ? k : n);
        NDArray x = operand(left, transA);
        NDArray y = operand(right, transB);
        float[] result = Libtorch.values(() -> x.matMul(y));
        checkOurs("libtorch", i -> result[i]);
        return Libtorch.work(() -> x.matMul(y));
    }

    /** A view, as PyTorch's users would write it: of two axes where there is no batch. */
    private NDArray operand(NDArray x, boolean transposed) {
        NDArray one = batch == 1 ? x.squeeze(0) : x;
        return transposed
                ? one.swapAxes(one.getShape().dimension() - 2, one.getShape().dimension() - 1)
                : one;
    }

    private static float[] values(FloatPointer memory, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = memory.get(i);
        }
        return values;
    }

    /** As Java programmers write a product, on arrays, once it has given the same result; without a batch, and B not transposed. */
    Runnable loops() {
        float[] left = values(a, m * k);
        float[] right = values(b, k * n);
        float[] product = new float[m * n];
        Runnable loops = () -> loops(left, right, product, m, n, k);
        loops.run();
        checkOurs("plain loops", i -> product[i]);
        return loops;
    }

    private static void loops(float[] a, float[] b, float[] c, int m, int n, int k) {
        Arrays.fill(c, 0);
        for (int i = 0; i < m; i++) {
            for (int q = 0; q < k; q++) {
                float v = a[i * k + q];
                for (int j = 0; j < n; j++) {
                    c[i * n + j] += v * b[q * n + j];
                }
            }
        }
    }

    /** Sets the number of threads of both. */
    static void threads(int threads) {
        Machine.threads(threads);
        peerThreads(threads);
    }

    /**
     * Sets the number of threads of OpenBLAS.
     *
     * @throws IllegalStateException in an environment in which it cannot choose its best kernels
     */
    static void peerThreads(int threads) {
        for (String variable : new String[] {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}) {
            if (System.getenv(variable) != null) {
                throw new IllegalStateException(variable + " is set: OpenBLAS would not choose its best kernels");
            }
        }
        openblas.blas_set_num_threads(threads);
    }

    /** Floating-point operations of a product. */
    double operations() {
        return 2.0 * batch * m * n * k;
    }

    void ours() {
        ours(SIMD);
    }

    /** With other kernels. */
    void ours(Kernels kernels) {
        kernels.gemm(
                new MatrixBatch(address(a), m, k, transA, lda, batch, (long) m * k),
                new MatrixBatch(address(b), k, n, transB, ldb, batch, (long) k * n),
                false,
                new MatrixBatch(address(c), m, n, false, n, batch, (long) m * n));
    }

    void theirs() {
        int ta = transA ? openblas.CblasTrans : openblas.CblasNoTrans;
        int tb = transB ? openblas.CblasTrans : openblas.CblasNoTrans;
        for (int i = 0; i < batch; i++) {
            FloatPointer x = batch == 1 ? a : a.getPointer((long) i * m * k);
            FloatPointer y = batch == 1 ? b : b.getPointer((long) i * k * n);
            FloatPointer z = batch == 1 ? d : d.getPointer((long) i * m * n);
            openblas.cblas_sgemm(openblas.CblasRowMajor, ta, tb, m, n, k, 1, x, lda, y, ldb, 0, z, n);
        }
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
