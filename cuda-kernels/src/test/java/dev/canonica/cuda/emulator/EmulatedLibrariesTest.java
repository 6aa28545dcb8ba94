package dev.canonica.cuda.emulator;

import static dev.canonica.cuda.emulator.Planted.allocate;
import static dev.canonica.cuda.emulator.Planted.download;
import static dev.canonica.cuda.emulator.Planted.upload;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stand-ins of cuBLAS and cuSOLVER compute what the libraries compute. Matrices are column-major. */
@Tag("emulator")
@EnabledIf(value = "dev.canonica.cuda.emulator.Emulator#isBuilt", disabledReason = Emulator.MISSING)
class EmulatedLibrariesTest {
    private final Random random = new Random(3);

    @BeforeEach
    void useDevice() {
        Planted.useDevice();
        JCublas2.setExceptionsEnabled(true);
    }

    private float[] matrix(int rows, int columns) {
        float[] a = new float[rows * columns];
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextGaussian();
        }
        return a;
    }

    /** Element (i, j) of op(A), where A has so many rows. */
    private static double at(float[] a, int rows, int transposed, int i, int j) {
        return transposed == 0 ? a[i + j * rows] : a[j + i * rows];
    }

    /** Σ_l a_il b_lj, with A m×k and B k×n. */
    private static float[] product(float[] a, float[] b, int m, int n, int k) {
        float[] c = new float[m * n];
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < m; i++) {
                double sum = 0;
                for (int l = 0; l < k; l++) {
                    sum += (double) a[i + l * m] * b[l + j * k];
                }
                c[i + j * m] = (float) sum;
            }
        }
        return c;
    }

    private static float[] transpose(float[] a, int rows, int columns) {
        float[] t = new float[a.length];
        for (int j = 0; j < columns; j++) {
            for (int i = 0; i < rows; i++) {
                t[j + i * columns] = a[i + j * rows];
            }
        }
        return t;
    }

    private static void assertClose(float[] actual, float[] expected, float tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static void assertOrthonormal(float[] q, int rows, int columns) {
        float[] identity = new float[columns * columns];
        for (int i = 0; i < columns; i++) {
            identity[i + i * columns] = 1;
        }
        assertClose(product(transpose(q, rows, columns), q, columns, columns, rows), identity, 1e-5f);
    }

    /** C = 2 op(A) op(B) + 3 C for a batch of two, whose second C begins one element after the first one's end. */
    private static float[] sgemm(
            cublasHandle handle, int ta, int tb, int m, int n, int k, float[] a, float[] b, float[] c) {
        CUdeviceptr pa = upload(a);
        CUdeviceptr pb = upload(b);
        CUdeviceptr pc = upload(c);
        JCublas2.cublasSgemmStridedBatched(
                handle,
                ta,
                tb,
                m,
                n,
                k,
                Pointer.to(new float[] {2}),
                pa,
                ta == 0 ? m : k,
                (long) m * k,
                pb,
                tb == 0 ? k : n,
                (long) k * n,
                Pointer.to(new float[] {3}),
                pc,
                m,
                (long) m * n + 1,
                2);
        return download(pc, c.length);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "1, 0", "1, 1"})
    void productsOfABatch(int ta, int tb) {
        int m = 7;
        int n = 5;
        int k = 9;
        float[] a = matrix(m, 2 * k);
        float[] b = matrix(k, 2 * n);
        float[] c = matrix(1, 2 * m * n + 1);
        float[] expected = c.clone();
        for (int q = 0; q < 2; q++) {
            float[] aq = Arrays.copyOfRange(a, q * m * k, (q + 1) * m * k);
            float[] bq = Arrays.copyOfRange(b, q * k * n, (q + 1) * k * n);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = 0;
                    for (int l = 0; l < k; l++) {
                        sum += at(aq, ta == 0 ? m : k, ta, i, l) * at(bq, tb == 0 ? k : n, tb, l, j);
                    }
                    int element = q * (m * n + 1) + i + j * m;
                    expected[element] = (float) (2 * sum + 3.0 * c[element]);
                }
            }
        }
        var handle = new cublasHandle();
        JCublas2.cublasCreate(handle);
        assertClose(sgemm(handle, ta, tb, m, n, k, a, b, c), expected, 1e-5f);
        JCublas2.cublasDestroy(handle);
    }

    @Test
    void tf32KeepsTenBitsOfAnOperand() {
        var handle = new cublasHandle();
        JCublas2.cublasCreate(handle);
        float[] a = {1 + 1f / 1024 + 1f / 4096, 1}; // the last bit that is set is the twelfth
        float[] ones = {1, 1};
        assertThat(sgemm(handle, 0, 0, 1, 1, 1, a, ones, new float[3])[0]).isEqualTo(2 * a[0]);
        JCublas2.cublasSetMathMode(handle, cublasMath.CUBLAS_TF32_TENSOR_OP_MATH);
        assertThat(sgemm(handle, 0, 0, 1, 1, 1, a, ones, new float[3])[0]).isEqualTo(2 + 2f / 1024);
        JCublas2.cublasDestroy(handle);
    }

    @Test
    void qrDecomposition() {
        int m = 9;
        int n = 5;
        float[] a = matrix(m, n);
        CUdeviceptr pa = upload(a);
        CUdeviceptr tau = allocate(n);
        CUdeviceptr work = allocate(32 * n);
        CUdeviceptr info = allocate(1);
        try (var solver = new Solver()) {
            solver.solve("cusolverDnSgeqrf", m, n, pa, m, tau, work, 32 * n, info);
            float[] r = download(pa, n * m);
            solver.solve("cusolverDnSorgqr", m, n, n, pa, m, tau, work, 32 * n, info);
            float[] q = download(pa, n * m);
            assertOrthonormal(q, m, n);
            float[] upper = new float[n * n];
            for (int j = 0; j < n; j++) {
                System.arraycopy(r, j * m, upper, j * n, j + 1);
            }
            assertClose(product(q, upper, m, n, n), a, 1e-5f);
        }
    }

    /** Full: all columns of U; economy: the first min(m, n). gesvd wants m ≥ n. */
    @ParameterizedTest
    @CsvSource({"9, 5, true", "9, 5, false", "6, 6, true", "5, 9, true", "5, 9, false"})
    void singularValueDecompositions(int m, int n, boolean economy) {
        int k = Math.min(m, n);
        int uColumns = economy ? k : m;
        int vColumns = economy ? k : n;
        float[] a = matrix(m, n);
        CUdeviceptr s = allocate(k);
        CUdeviceptr u = allocate(m * uColumns);
        CUdeviceptr v = allocate(n * n);
        CUdeviceptr work = allocate(200);
        CUdeviceptr info = allocate(1);
        try (var solver = new Solver()) {
            solver.solve(
                    "cusolverDnSgesvdj",
                    1,
                    economy ? 1 : 0,
                    m,
                    n,
                    upload(a),
                    m,
                    s,
                    u,
                    m,
                    v,
                    n,
                    work,
                    200,
                    info,
                    solver.jacobi());
            checkSvd(a, m, n, download(s, k), download(u, m * uColumns), download(v, n * vColumns));
            if (m >= n) {
                byte job = (byte) (economy ? 'S' : 'A');
                solver.solve(
                        "cusolverDnSgesvd",
                        job,
                        job,
                        m,
                        n,
                        upload(a),
                        m,
                        s,
                        u,
                        m,
                        v,
                        n,
                        work,
                        200,
                        MemorySegment.NULL,
                        info);
                float[] vt = download(v, n * n);
                checkSvd(a, m, n, download(s, k), download(u, m * uColumns), transpose(vt, n, n));
            }
        }
    }

    /** Two matrices, all columns of U and V. */
    @Test
    void singularValueDecompositionsOfABatch() {
        int m = 7;
        int n = 4;
        float[] a = matrix(m, 2 * n);
        CUdeviceptr s = allocate(2 * n);
        CUdeviceptr u = allocate(2 * m * m);
        CUdeviceptr v = allocate(2 * n * n);
        CUdeviceptr work = allocate(200);
        CUdeviceptr info = allocate(2);
        try (var solver = new Solver()) {
            MemorySegment settings = solver.jacobi();
            solver.solve(
                    "cusolverDnSgesvdjBatched", 1, m, n, upload(a), m, s, u, m, v, n, work, 200, info, settings, 2);
            for (int b = 0; b < 2; b++) {
                checkSvd(
                        Arrays.copyOfRange(a, b * m * n, (b + 1) * m * n),
                        m,
                        n,
                        Arrays.copyOfRange(download(s, 2 * n), b * n, (b + 1) * n),
                        Arrays.copyOfRange(download(u, 2 * m * m), b * m * m, (b + 1) * m * m),
                        Arrays.copyOfRange(download(v, 2 * n * n), b * n * n, (b + 1) * n * n));
            }
            assertThat(solver.status(
                            "cusolverDnSgesvdjBatched",
                            1,
                            33,
                            n,
                            upload(a),
                            33,
                            s,
                            u,
                            33,
                            v,
                            n,
                            work,
                            200,
                            info,
                            settings,
                            1))
                    .isEqualTo(3); // 32 rows at most
        }
    }

    @Test
    void leadingSingularTriples() {
        int m = 9;
        int n = 6;
        int k = 2;
        float[] a = product(matrix(m, k), matrix(k, n), m, n, k); // rank 2: nothing is lost
        CUdeviceptr s = allocate(k);
        CUdeviceptr u = allocate(m * k);
        CUdeviceptr v = allocate(n * k);
        CUdeviceptr info = allocate(1);
        try (var solver = new Solver();
                Arena arena = Arena.ofConfined()) {
            MemorySegment there = arena.allocate(JAVA_LONG);
            MemorySegment here = arena.allocate(JAVA_LONG);
            MemorySegment params = solver.create("cusolverDnCreateParams");
            byte job = 'S';
            CUdeviceptr pa = upload(a);
            solver.solve(
                    "cusolverDnXgesvdr_bufferSize",
                    params,
                    job,
                    job,
                    (long) m,
                    (long) n,
                    (long) k,
                    3L,
                    1L,
                    0,
                    pa,
                    (long) m,
                    0,
                    s,
                    0,
                    u,
                    (long) m,
                    0,
                    v,
                    (long) n,
                    0,
                    there,
                    here);
            long bytes = there.get(JAVA_LONG, 0);
            CUdeviceptr work = allocate((int) (bytes / 4) + 1);
            MemorySegment host = arena.allocate(here.get(JAVA_LONG, 0));
            for (long oversample : new long[] {3, 5}) { // the second is more than there are columns
                int status = solver.status(
                        "cusolverDnXgesvdr",
                        params,
                        job,
                        job,
                        (long) m,
                        (long) n,
                        (long) k,
                        oversample,
                        1L,
                        0,
                        pa,
                        (long) m,
                        0,
                        s,
                        0,
                        u,
                        (long) m,
                        0,
                        v,
                        (long) n,
                        0,
                        work,
                        bytes,
                        host,
                        host.byteSize(),
                        info);
                assertThat(status).isEqualTo(oversample == 3 ? 0 : 3);
            }
            checkSvd(a, m, n, download(s, k), download(u, m * k), download(v, n * k));
            Solver.call("cusolverDnDestroyParams", params);
        }
    }

    private static void checkSvd(float[] a, int m, int n, float[] s, float[] u, float[] v) {
        assertOrthonormal(u, m, u.length / m);
        assertOrthonormal(v, n, v.length / n);
        float[] us = Arrays.copyOf(u, m * s.length);
        for (int j = 0; j < s.length; j++) {
            assertThat(s[j]).isBetween(0f, j == 0 ? Float.MAX_VALUE : s[j - 1]);
            for (int i = 0; i < m; i++) {
                us[i + j * m] *= s[j];
            }
        }
        float[] vt = transpose(Arrays.copyOf(v, n * s.length), n, s.length);
        assertClose(product(us, vt, m, n, s.length), a, 1e-5f);
    }

    /** cuSOLVER's functions by name, past JCusolver, whose bindings are tested with what uses them. */
    private static final class Solver implements AutoCloseable {
        private static final SymbolLookup LIBRARY = SymbolLookup.libraryLookup("libcusolver.so.11", Arena.global());
        private final MemorySegment handle;

        Solver() {
            handle = create("cusolverDnCreate");
        }

        static MemorySegment create(String name) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment cell = arena.allocate(ADDRESS);
                call(name, cell);
                return cell.get(ADDRESS, 0);
            }
        }

        MemorySegment jacobi() {
            return create("cusolverDnCreateGesvdjInfo");
        }

        void solve(String name, Object... arguments) {
            assertThat(status(name, arguments)).as(name).isEqualTo(0);
        }

        int status(String name, Object... arguments) {
            return invoke(
                    name,
                    Stream.concat(Stream.of(handle), Arrays.stream(arguments)).toArray());
        }

        static void call(String name, Object... arguments) {
            assertThat(invoke(name, arguments)).as(name).isEqualTo(0);
        }

        private static int invoke(String name, Object... arguments) {
            Object[] values = Arrays.stream(arguments)
                    .map(a -> a instanceof CUdeviceptr p ? MemorySegment.ofAddress(Planted.address(p)) : a)
                    .toArray();
            MemoryLayout[] types = Arrays.stream(values)
                    .map(a -> switch (a) {
                        case Integer _ -> JAVA_INT;
                        case Long _ -> JAVA_LONG;
                        case Byte _ -> JAVA_BYTE;
                        default -> ADDRESS;
                    })
                    .toArray(MemoryLayout[]::new);
            try {
                return (int) Linker.nativeLinker()
                        .downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, types))
                        .invokeWithArguments(values);
            } catch (Throwable e) {
                throw new AssertionError(name, e);
            }
        }

        @Override
        public void close() {
            call("cusolverDnDestroy", handle);
        }
    }
}
