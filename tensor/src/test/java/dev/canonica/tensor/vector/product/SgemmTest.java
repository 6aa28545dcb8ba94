package dev.canonica.tensor.vector.product;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.vector.code.Emission;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Products against a triple loop in double. Operands fill their segments to the last element, so that a kernel that
 * reads on leaves them; each is surrounded by canaries.
 */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class SgemmTest {
    @Parameter
    KernelForm form;

    private Microkernels kernels() {
        return Microkernels.of(Emission.of(form));
    }

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final float CANARY = 12345.678f;
    private static final int GUARD = 80;

    /** Matrices in memory: rows of {@code width} floats at distance {@code ld}, matrices at {@code stride}. */
    private record Matrices(MemorySegment memory, int count, int height, int width, int ld, long stride) {
        static Matrices of(Arena arena, int count, int height, int width, int ld, long stride) {
            long size = height == 0 || width == 0 ? 0 : (count - 1) * stride + (height - 1L) * ld + width;
            MemorySegment memory = arena.allocate(4 * (size + 2 * GUARD), 64);
            for (long i = 0; i < size + 2 * GUARD; i++) {
                memory.setAtIndex(FLOAT, i, CANARY);
            }
            return new Matrices(memory, count, height, width, ld, stride);
        }

        Matrices random(long stream) {
            Philox philox = new Philox(1, stream);
            for (int q = 0; q < count; q++) {
                for (int i = 0; i < height; i++) {
                    for (int j = 0; j < width; j++) {
                        set(q, i, j, 2 * philox.uniform(((long) q * height + i) * width + j) - 1);
                    }
                }
            }
            return this;
        }

        private long index(int q, int i, int j) {
            return GUARD + q * stride + (long) i * ld + j;
        }

        float get(int q, int i, int j) {
            return memory.getAtIndex(FLOAT, index(q, i, j));
        }

        void set(int q, int i, int j, float value) {
            memory.setAtIndex(FLOAT, index(q, i, j), value);
        }

        long address() {
            return memory.address() + 4 * GUARD;
        }

        float[] copy() {
            return memory.toArray(FLOAT);
        }
    }

    private record Case(boolean transA, boolean transB, int m, int n, int k, boolean accumulate, int pad) {}

    static Stream<Case> shapes() {
        int[][] sizes = {
            {1, 1, 1},
            {1, 1, 7},
            {1, 7, 1},
            {7, 1, 1},
            {1, 33, 65},
            {2, 31, 17},
            {3, 17, 15},
            {4, 64, 33},
            {5, 5, 5},
            {6, 32, 32},
            {7, 16, 48},
            {8, 15, 100},
            {9, 63, 9},
            {13, 31, 16},
            {14, 32, 384},
            {15, 33, 385},
            {16, 48, 31},
            {17, 12, 64},
            {28, 65, 63},
            {29, 2, 129},
            {31, 7, 257},
            {33, 97, 33},
            {63, 63, 63},
            {65, 127, 15},
            {71, 100, 130},
            {100, 100, 100},
            {127, 1, 300},
            {129, 3, 400},
            {201, 47, 770},
            {401, 33, 17},
            {403, 70, 391},
            {500, 17, 33},
            {337, 2081, 5},
            {3400, 5, 3},
            {1, 1152, 192},
            {6, 192, 1152},
            {1, 800, 400},
            {9, 1100, 250},
            {300, 1, 90},
            {70, 20, 1024},
            {17, 40, 513},
            {404, 70, 1030},
            {90, 130, 1024},
            {402, 130, 1024},
            {1, 100, 300},
            {48, 48, 48},
            {40, 40, 40},
            {23, 45, 530},
            {130, 80, 90},
            {19, 128, 33},
            {2, 39, 5}
        };
        return Stream.of(sizes)
                .flatMap(s -> Stream.of(false, true)
                        .flatMap(ta -> Stream.of(false, true)
                                .flatMap(tb -> Stream.of(0, 3)
                                        .map(pad -> new Case(ta, tb, s[0], s[1], s[2], pad > 0 ^ ta, pad)))));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void agreesWithTheTripleLoop(Case s) {
        check(s, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 50})
    void batchesAgreeWithTheTripleLoop(int batch) {
        for (boolean transA : new boolean[] {false, true}) {
            for (boolean transB : new boolean[] {false, true}) {
                for (int[] s : new int[][] {{1, 1, 1}, {3, 17, 15}, {15, 33, 20}, {65, 31, 64}, {9, 100, 7}}) {
                    check(new Case(transA, transB, s[0], s[1], s[2], transA, 2), batch);
                }
            }
        }
    }

    private void check(Case s, int batch) {
        try (Arena arena = Arena.ofConfined()) {
            int rowsA = s.transA ? s.k : s.m;
            int widthA = s.transA ? s.m : s.k;
            int rowsB = s.transB ? s.n : s.k;
            int widthB = s.transB ? s.k : s.n;
            Matrices a = packed(arena, batch, rowsA, widthA, s.pad).random(1);
            Matrices b = packed(arena, batch, rowsB, widthB, 2 * s.pad).random(2);
            Matrices c = packed(arena, batch, s.m, s.n, s.pad).random(3);
            float[] before = c.copy();
            float[] aBefore = a.copy();
            float[] bBefore = b.copy();
            if (batch == 1) {
                gemm(s, a, b, c);
            } else {
                batched(batch, s, a, b, c);
            }
            float[] after = c.copy();
            int pa = s.transA ? a.ld : 1; // distances of p in A and B, of i in A and of j in B
            int pb = s.transB ? 1 : b.ld;
            int ia = s.transA ? 1 : a.ld;
            int jb = s.transB ? b.ld : 1;
            for (int q = 0; q < batch; q++) {
                for (int i = 0; i < s.m; i++) {
                    for (int j = 0; j < s.n; j++) {
                        int at = (int) c.index(q, i, j);
                        int x = (int) a.index(q, 0, 0) + i * ia;
                        int y = (int) b.index(q, 0, 0) + j * jb;
                        double sum = s.accumulate ? before[at] : 0;
                        double size = Math.abs(sum);
                        for (int p = 0; p < s.k; p++) {
                            double term = (double) aBefore[x + p * pa] * bBefore[y + p * pb];
                            sum += term;
                            size += Math.abs(term);
                        }
                        if (!(Math.abs(after[at] - sum) <= 1e-6 * size)) {
                            assertThat((double) after[at])
                                    .as("%s [%d, %d, %d]", s, q, i, j)
                                    .isEqualTo(sum);
                        }
                        after[at] = before[at];
                    }
                }
            }
            assertThat(after).as("around C, %s", s).isEqualTo(before);
            assertThat(a.copy()).isEqualTo(aBefore);
            assertThat(b.copy()).isEqualTo(bBefore);
        }
    }

    private static Matrices packed(Arena arena, int count, int height, int width, int pad) {
        int ld = width + pad;
        return Matrices.of(arena, count, height, width, ld, (long) height * ld + pad);
    }

    private void gemm(Case s, Matrices a, Matrices b, Matrices c) {
        batched(1, s, a, b, c);
    }

    private void batched(int batch, Case s, Matrices a, Matrices b, Matrices c) {
        Sgemm.gemm(
                kernels(),
                new MatrixBatch(a.address(), s.m, s.k, s.transA, a.ld, batch, a.stride),
                new MatrixBatch(b.address(), s.k, s.n, s.transB, b.ld, batch, b.stride),
                s.accumulate,
                new MatrixBatch(c.address(), s.m, s.n, false, c.ld, batch, c.stride));
    }

    @Test
    void operandsMayEndWhereMemoryEnds() {
        // exact segments of their own, freed before the next: a stray access leaves the allocation
        for (int size : new int[] {1, 5, 15, 16, 17, 31, 33, 100}) {
            for (int t = 0; t < 4; t++) {
                Case s = new Case((t & 1) != 0, (t & 2) != 0, size, size + 1, size + 2, false, 0);
                check(s, 1);
            }
        }
    }

    @Test
    void anOperandWithStrideZeroIsShared() {
        try (Arena arena = Arena.ofConfined()) {
            int batch = 5;
            Matrices a = Matrices.of(arena, 1, 9, 20, 20, 0).random(1);
            Matrices b = Matrices.of(arena, batch, 20, 33, 33, 20 * 33).random(2);
            Matrices c = Matrices.of(arena, batch, 9, 33, 33, 9 * 33);
            Case s = new Case(false, false, 9, 33, 20, false, 0);
            batched(batch, s, a, b, c);
            for (int q = 0; q < batch; q++) {
                Matrices one = Matrices.of(arena, 1, 9, 33, 33, 0);
                Sgemm.gemm(
                        kernels(),
                        MatrixBatch.of(a.address(), 9, 20),
                        MatrixBatch.of(b.address() + 4L * q * b.stride, 20, 33),
                        false,
                        MatrixBatch.of(one.address(), 9, 33));
                for (int i = 0; i < 9; i++) {
                    for (int j = 0; j < 33; j++) {
                        assertThat(c.get(q, i, j)).isEqualTo(one.get(0, i, j));
                    }
                }
            }
        }
    }

    static Stream<Arguments> largeShapes() {
        return Stream.of(
                Arguments.of(1, 150, 333, 600),
                Arguments.of(1, 450, 1000, 400),
                Arguments.of(1, 450, 200, 1100),
                Arguments.of(1, 1, 3000, 200),
                Arguments.of(1, 2000, 70, 65),
                Arguments.of(1, 4, 3000, 200),
                Arguments.of(1, 3000, 40, 70),
                Arguments.of(1, 3000, 1, 300),
                Arguments.of(1, 300, 100, 70),
                Arguments.of(12, 65, 65, 64),
                Arguments.of(3, 300, 200, 400));
    }

    @ParameterizedTest
    @MethodSource("largeShapes")
    void theNumberOfThreadsChangesNoBit(int batch, int m, int n, int k) {
        for (int t = 0; t < 4; t++) {
            Case s = new Case((t & 1) != 0, (t & 2) != 0, m, n, k, t == 3, 0);
            try (Arena arena = Arena.ofShared()) {
                Matrices a = packed(arena, batch, s.transA ? k : m, s.transA ? m : k, 0)
                        .random(1);
                Matrices b = packed(arena, batch, s.transB ? n : k, s.transB ? k : n, 0)
                        .random(2);
                float[] expected = null;
                for (int threads : new int[] {1, 2, 3, 5}) {
                    Matrices c = packed(arena, batch, m, n, 0).random(3);
                    Session.current().withThreads(threads).run(() -> batched(batch, s, a, b, c));
                    if (expected == null) {
                        expected = c.copy();
                    } else {
                        assertThat(c.copy()).as("%s on %d threads", s, threads).isEqualTo(expected);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withNothingToSumTheResultIsZeroOrStays(boolean accumulate) {
        try (Arena arena = Arena.ofConfined()) {
            Matrices c = Matrices.of(arena, 1, 5, 7, 9, 0).random(3);
            float[] before = c.copy();
            Sgemm.gemm(
                    kernels(),
                    MatrixBatch.of(c.address(), 5, 0),
                    MatrixBatch.of(c.address(), 0, 7),
                    accumulate,
                    new MatrixBatch(c.address(), 5, 7, false, 9));
            if (!accumulate) {
                for (int i = 0; i < 5; i++) {
                    for (int j = 0; j < 7; j++) {
                        before[(int) c.index(0, i, j)] = 0;
                    }
                }
            }
            assertThat(c.copy()).isEqualTo(before);
        }
    }

    @Test
    void emptyResultsTouchNothing() {
        try (Arena arena = Arena.ofConfined()) {
            Matrices c = Matrices.of(arena, 1, 5, 7, 7, 0).random(3);
            float[] before = c.copy();
            long p = c.address();
            Sgemm.gemm(kernels(), MatrixBatch.of(0, 0, 5), MatrixBatch.of(p, 5, 7), false, MatrixBatch.of(p, 0, 7));
            Sgemm.gemm(
                    kernels(),
                    MatrixBatch.of(p, 7, 5).transpose(),
                    MatrixBatch.of(0, 0, 7).transpose(),
                    false,
                    MatrixBatch.of(p, 5, 0));
            Sgemm.gemm(
                    kernels(),
                    MatrixBatch.of(0, 5, 3).times(0, 15),
                    MatrixBatch.of(0, 3, 7).times(0, 21),
                    false,
                    MatrixBatch.of(p, 5, 7).times(0, 35));
            assertThat(c.copy()).isEqualTo(before);
        }
    }

    @Test
    void notANumberAndInfinityStayInTheirRowsAndColumns() {
        int m = 37;
        int n = 45;
        int k = 21;
        for (int t = 0; t < 4; t++) {
            Case s = new Case((t & 1) != 0, (t & 2) != 0, m, n, k, false, 0);
            try (Arena arena = Arena.ofConfined()) {
                Matrices a =
                        packed(arena, 1, s.transA ? k : m, s.transA ? m : k, 0).random(1);
                Matrices b =
                        packed(arena, 1, s.transB ? n : k, s.transB ? k : n, 0).random(2);
                Matrices c = packed(arena, 1, m, n, 0);
                put(s.transA, a, 36, 20, Float.NaN);
                put(s.transB, b, 3, 44, Float.POSITIVE_INFINITY);
                gemm(s, a, b, c);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        float value = c.get(0, i, j);
                        if (i == 36) {
                            assertThat(value).isNaN();
                        } else if (j == 44) {
                            assertThat(Math.abs(value)).isEqualTo(Float.POSITIVE_INFINITY);
                        } else {
                            assertThat(value).isFinite();
                        }
                    }
                }
            }
        }
    }

    private static void put(boolean transposed, Matrices x, int i, int j, float value) {
        x.set(0, transposed ? j : i, transposed ? i : j, value);
    }
}
