package dev.canonica.tensor.vector.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.canonica.tensor.kernel.Bfloat16;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.vector.Twins;
import dev.canonica.tensor.vector.code.Emission;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmittedNarrowingTest {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final short UNTOUCHED = 0x5555;
    private static final int GAP = 3; // floats between rows of x

    @BeforeEach
    void whereThereAreSuchInstructions() {
        assumeThat(Emission.of(KernelForm.EMITTED).bf16()).isTrue();
    }

    private static float[] numbers(int n) {
        float[] x = Twins.random(n, n);
        float[] extremes = {
            0f,
            -0f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.MIN_NORMAL,
            Float.intBitsToFloat(0x3f808000), // ties
            Float.intBitsToFloat(0x3f818000),
            Float.intBitsToFloat(0x3f808001)
        };
        for (int i = 0; i < Math.min(n, extremes.length); i++) {
            x[i * 7 % n] = extremes[i];
        }
        return x;
    }

    private static MemorySegment untouched(Arena arena, long shorts) {
        short[] s = new short[Math.toIntExact(shorts)];
        Arrays.fill(s, UNTOUCHED);
        MemorySegment y = arena.allocate(2 * shorts, 64);
        MemorySegment.copy(s, 0, y, SHORT, 0, s.length);
        return y;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 30, 31, 32, 33, 47, 63, 64, 65, 384, 2048, 33000})
    void rows(int n) {
        int rows = 5;
        int width = n + GAP;
        float[] x = numbers(rows * width);
        int step = EmittedNarrowing.step(n);
        assertThat(step).isGreaterThanOrEqualTo(2 * n);
        assertThat(step % 4096).isNotZero();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment y = untouched(arena, rows * step / 2);
            EmittedNarrowing.rows(arena.allocateFrom(FLOAT, x).address(), 4L * width, y.address(), step, rows, n);
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < step / 2; i++) {
                    int expected = i < n ? Bfloat16.bits(x[r * width + i]) : i == n && n % 2 == 1 ? 0 : UNTOUCHED;
                    assertThat(y.getAtIndex(SHORT, r * step / 2 + i))
                            .as("row %d [%d]", r, i)
                            .isEqualTo((short) expected);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 15, 16, 17, 31, 32})
    void columns(int n) {
        int width = n + GAP;
        int step = 2 * 32 + 4; // shorts
        for (int rows : new int[] {1, 2, 3, 8, 4099}) {
            float[] x = numbers(rows * width);
            int pairs = (rows + 1) / 2;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment y = untouched(arena, (long) pairs * step);
                long from = arena.allocateFrom(FLOAT, x).address();
                EmittedNarrowing.columns(from, 4L * width, rows, n, y.address(), 2L * step);
                for (int p = 0; p < pairs; p++) {
                    for (int i = 0; i < step; i++) {
                        int row = 2 * p + i % 2;
                        int expected = i >= 2 * n ? UNTOUCHED : row < rows ? Bfloat16.bits(x[row * width + i / 2]) : 0;
                        assertThat(y.getAtIndex(SHORT, p * step + i))
                                .as("pair %d [%d]", p, i)
                                .isEqualTo((short) expected);
                    }
                }
            }
        }
    }

    @Test
    void subnormalNumbersAreZero() {
        float[] x = {Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL / 2, 1};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment y = untouched(arena, 32);
            EmittedNarrowing.rows(arena.allocateFrom(FLOAT, x).address(), 16, y.address(), 64, 1, x.length);
            assertThat(Arrays.copyOf(y.toArray(SHORT), x.length)).containsExactly(0, 0x8000, 0, 0x3f80);
        }
    }
}
