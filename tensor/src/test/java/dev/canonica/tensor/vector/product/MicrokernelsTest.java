package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.product.EmittedMicrokernels.End;
import dev.canonica.tensor.vector.product.Microkernel.Tiles;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kernel against its definition, a chain of fused multiply-adds, to the last bit. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class MicrokernelsTest {
    @Parameter
    KernelForm form;

    private Microkernels kernels() {
        return Microkernels.of(Emission.of(form));
    }

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    @ParameterizedTest
    @MethodSource("generatedRows")
    void vectorCode(int rows) {
        for (int vectors = 1; vectors <= Microkernels.VECTORS; vectors++) {
            check(GeneratedMicrokernels.generated(rows, vectors), rows, vectors * L);
        }
    }

    static IntStream generatedRows() {
        return IntStream.rangeClosed(1, GeneratedMicrokernels.ROWS);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void whatIsUsed(int rows) {
        assumeThat(rows).isLessThanOrEqualTo(kernels().tallest());
        for (int columns = 1; columns <= kernels().widest() && rows <= kernels().tallest(columns); columns++) {
            check(kernels().of(rows, columns), rows, columns, false, kernels().beginWithRows());
        }
    }

    static IntStream rows() {
        return IntStream.rangeClosed(1, EmittedTile.tallest(L));
    }

    @ParameterizedTest
    @MethodSource("generatedRows")
    void narrowTilesInABuffer(int rows) {
        for (int columns : new int[] {1, L - 1, L + 1, 2 * L - 1}) {
            check(new NarrowMicrokernel(kernels(), rows, columns), rows, columns);
        }
    }

    @ParameterizedTest
    @MethodSource("generatedRows")
    void plainLoops(int rows) {
        check(new ScalarMicrokernel(rows, 2 * L - 1), rows, 2 * L - 1);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void rowsOfAAsTheyLie(int rows) {
        assumeThat(kernels().readRows()).isTrue();
        for (int columns = 1; columns <= kernels().widest() && rows <= kernels().tallest(columns); columns += 3) {
            check(
                    kernels().ofRows(rows, columns),
                    rows,
                    columns,
                    true,
                    kernels().beginWithRows());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 9})
    void endings(int rows) {
        assumeThat(kernels().emission().avx512()).isTrue();
        int k = 7;
        for (int columns = 1; columns <= kernels().widest(); columns++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment a = random(arena, rows * k, 1);
                MemorySegment b = random(arena, k * columns, 2);
                MemorySegment added = random(arena, rows * columns, 3);
                for (End end : new End[] {End.RECTIFIED, End.ADDED_AND_RECTIFIED}) {
                    float[] expected = new float[rows * columns];
                    for (int at = 0; at < expected.length; at++) {
                        float sum = 0;
                        for (int p = 0; p < k; p++) {
                            float x = a.getAtIndex(FLOAT, at / columns * k + p);
                            sum = Math.fma(x, b.getAtIndex(FLOAT, p * columns + at % columns), sum);
                        }
                        float whole = end == End.RECTIFIED ? sum : sum + added.getAtIndex(FLOAT, at);
                        expected[at] = Math.max(whole, 0);
                    }
                    MemorySegment c = arena.allocate(4L * rows * columns, 64);
                    long step = 4L * columns;
                    EmittedMicrokernels.ending(rows, columns, true, end)
                            .sweep(
                                    Microkernel.ZERO,
                                    1,
                                    k,
                                    new Tiles(a.address(), 4L * k, 0),
                                    new Tiles(b.address(), step, added.address() - c.address()),
                                    new Tiles(c.address(), step, 0));
                    assertThat(c.toArray(FLOAT))
                            .as("%d columns, %s", columns, end)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static void check(Microkernel kernel, int rows, int columns) {
        check(kernel, rows, columns, false, false);
    }

    /** What the rows of C begin with. */
    private enum Begin {
        ZERO,
        OWN,
        ROW
    }

    /** Computes three tiles below each other, of A's rows, and checks all of C, the tiles and what is between their rows. */
    private static void check(Microkernel kernel, int rows, int columns, boolean rowsOfA, boolean withRow) {
        int m = 3 * rows;
        try (Arena arena = Arena.ofConfined()) {
            for (int k : new int[] {0, 1, 2, 7, 33, 127, 128, 131}) { // from 128 on C is fetched by the way
                for (int spread : new int[] {0, 3}) { // elements between rows
                    int widthA = (rowsOfA ? k : m) + spread;
                    int widthB = Math.ceilDiv(columns, L) * L + spread;
                    int widthC = columns + spread;
                    MemorySegment a = random(arena, (rowsOfA ? m : k) * widthA, 1);
                    MemorySegment b = random(arena, k * widthB, 2);
                    MemorySegment first = random(arena, columns, 4);
                    for (Begin begin : Begin.values()) {
                        if (begin == Begin.ROW && !withRow) {
                            continue;
                        }
                        MemorySegment c = random(arena, m * widthC, 3);
                        float[] expected = c.toArray(FLOAT);
                        for (int i = 0; i < m; i++) {
                            for (int j = 0; j < columns; j++) {
                                int at = i * widthC + j;
                                float sum = switch (begin) {
                                    case ZERO -> 0;
                                    case OWN -> expected[at];
                                    case ROW -> first.getAtIndex(FLOAT, j);
                                };
                                for (int p = 0; p < k; p++) {
                                    float x = a.getAtIndex(FLOAT, rowsOfA ? i * widthA + p : p * widthA + i);
                                    sum = Math.fma(x, b.getAtIndex(FLOAT, p * widthB + j), sum);
                                }
                                expected[at] = sum;
                            }
                        }
                        long nextA = 4L * rows * (rowsOfA ? widthA : 1);
                        long nextC = 4L * rows * widthC;
                        long stepA = 4L * widthA;
                        long stepB = 4L * widthB;
                        long stepC = 4L * widthC;
                        long at = c.address();
                        long with = switch (begin) {
                            case ZERO -> Microkernel.ZERO;
                            case OWN -> Microkernel.OWN;
                            case ROW -> first.address();
                        };
                        kernel.sweep(
                                with,
                                3,
                                k,
                                new Tiles(a.address(), stepA, nextA),
                                new Tiles(b.address(), stepB, 0),
                                new Tiles(at, stepC, nextC));
                        assertThat(c.toArray(FLOAT)).isEqualTo(expected);
                    }
                }
            }
        }
    }

    private static MemorySegment random(Arena arena, int size, int stream) {
        MemorySegment memory = arena.allocate(4L * size, 64);
        Philox philox = new Philox(5, stream);
        for (int i = 0; i < size; i++) {
            memory.setAtIndex(FLOAT, i, philox.uniform(i) - 0.5f);
        }
        return memory;
    }
}
