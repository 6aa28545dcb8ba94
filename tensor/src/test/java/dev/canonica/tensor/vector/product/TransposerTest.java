package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.vector.code.Emission;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransposerTest {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    @Test
    void vectorCodeTransposes() {
        check(Transposer.generated());
    }

    @Test
    void whateverIsUsedNowTransposes() {
        for (Emission emission : forms()) {
            check(Transposer.of(emission).get());
        }
    }

    private static Set<Emission> forms() {
        return EnumSet.of(Emission.NONE, Emission.of(KernelForm.EMITTED));
    }

    private static void check(Transposer transposer) {
        int sourceWidth = L + 3;
        try (Arena arena = Arena.ofConfined()) {
            for (int rows = 1; rows <= L; rows++) {
                for (int targetWidth : new int[] {L, L + 5}) {
                    MemorySegment source = arena.allocate(4L * ((rows - 1) * sourceWidth + L), 64);
                    MemorySegment target = arena.allocate(4L * L * targetWidth, 64);
                    int[] expected = new int[L * targetWidth]; // 0 between the rows
                    for (int i = 0; i < L; i++) {
                        for (int p = 0; p < L; p++) {
                            int value = 1 + Math.min(i, rows - 1) * L + p;
                            source.setAtIndex(INT, Math.min(i, rows - 1) * sourceWidth + p, value);
                            expected[p * targetWidth + i] = value;
                        }
                    }
                    transposer.run(source.address(), 4L * sourceWidth, rows, target.address(), 4L * targetWidth);
                    assertThat(target.toArray(INT)).as("%d rows", rows).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void rowsAreWrittenInAscendingOrder() {
        // rows one element apart overlap: each is cut short by the next
        try (Arena arena = Arena.ofConfined()) {
            for (Transposer transposer : List.of(
                    Transposer.generated(),
                    Transposer.of(Emission.NONE).get(),
                    Transposer.of(Emission.of(KernelForm.EMITTED)).get())) {
                MemorySegment source = arena.allocate(4L * L * L, 64);
                for (int i = 0; i < L * L; i++) {
                    source.setAtIndex(INT, i, i);
                }
                MemorySegment target = arena.allocate(8L * L, 64);
                transposer.run(source.address(), 4L * L, L, target.address(), 4);
                for (int p = 0; p < L; p++) {
                    assertThat(target.getAtIndex(INT, p)).isEqualTo(p);
                }
            }
        }
    }
}
