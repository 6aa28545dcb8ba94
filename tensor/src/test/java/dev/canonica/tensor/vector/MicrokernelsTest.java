package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Lanes.L;
import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Philox;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each kernel against its definition, a chain of fused multiply-adds, to the last bit. */
class MicrokernelsTest {
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
        for (int columns = 1; columns <= Microkernels.COLUMNS; columns++) {
            check(Microkernels.of(rows, columns), rows, columns);
        }
    }

    static IntStream rows() {
        return IntStream.rangeClosed(1, Microkernels.ROWS);
    }

    @ParameterizedTest
    @MethodSource("generatedRows")
    void narrowTilesInABuffer(int rows) {
        for (int columns : new int[] {1, L - 1, L + 1, 2 * L - 1}) {
            check(new NarrowMicrokernel(rows, columns), rows, columns);
        }
    }

    @ParameterizedTest
    @MethodSource("generatedRows")
    void plainLoops(int rows) {
        check(new ScalarMicrokernel(rows, 2 * L - 1), rows, 2 * L - 1);
    }

    private static void check(Microkernel kernel, int rows, int columns) {
        try (Arena arena = Arena.ofConfined()) {
            for (int k : new int[] {0, 1, 2, 7, 33}) {
                for (int spread : new int[] {0, 3}) { // elements between rows
                    int widthA = rows + spread;
                    int widthB = Math.ceilDiv(columns, L) * L + spread;
                    int widthC = columns + spread;
                    MemorySegment a = random(arena, k * widthA, 1);
                    MemorySegment b = random(arena, k * widthB, 2);
                    for (boolean accumulate : new boolean[] {false, true}) {
                        MemorySegment c = random(arena, rows * widthC, 3);
                        float[] expected = c.toArray(FLOAT);
                        for (int i = 0; i < rows; i++) {
                            for (int j = 0; j < columns; j++) {
                                int at = i * widthC + j;
                                float sum = accumulate ? expected[at] : 0;
                                for (int p = 0; p < k; p++) {
                                    float x = a.getAtIndex(FLOAT, p * widthA + i);
                                    sum = Math.fma(x, b.getAtIndex(FLOAT, p * widthB + j), sum);
                                }
                                expected[at] = sum;
                            }
                        }
                        kernel.run(
                                k,
                                a.address(),
                                4L * widthA,
                                b.address(),
                                4L * widthB,
                                c.address(),
                                4L * widthC,
                                accumulate);
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
