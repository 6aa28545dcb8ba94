package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What moves elements does so for every type. */
class LayoutTypesTest {
    @ParameterizedTest
    @EnumSource(names = "BOOL", mode = EnumSource.Mode.EXCLUDE)
    void moves(DType type) {
        Tensor x = Tensor.of(new long[] {1, 2, 3, 4, 5, 6}, 2, 3).to(type);
        holds(x.pad(1, 1, 2), type, "[2, 6]", 0, 1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0);
        holds(x.pad(0, 1, 0), type, "[3, 3]", 0, 0, 0, 1, 2, 3, 4, 5, 6);
        holds(x.transpose(), type, "[3, 2]", 1, 4, 2, 5, 3, 6);
        holds(x.slice(1, 1, 3), type, "[2, 2]", 2, 3, 5, 6);
        holds(Tensor.concatenate(1, x, x), type, "[2, 6]", 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6);
        Tensor index = Tensor.of(new long[] {1, 0, 1}, 3, 1);
        holds(x.gather(index), type, "[3, 1, 3]", 4, 5, 6, 1, 2, 3, 4, 5, 6);
        holds(x.gather(Tensor.of(new long[0], 0)), type, "[0, 3]");
        holds(x.rows(1, 2).gather(Tensor.of(new long[] {0, 0}, 2)), type, "[2, 3]", 4, 5, 6, 4, 5, 6);
    }

    @ParameterizedTest
    @EnumSource
    void onlyRealTypesAreSummed(DType type) {
        Tensor x = Tensor.of(new long[] {1, 0, 1}, 3).to(type);
        Tensor index = Tensor.of(new long[] {1, 1, 0}, 3);
        if (type.isReal()) {
            holds(x.scatterAdd(index, 3), type, "[3]", 1, 1, 0);
        } else {
            assertThatThrownBy(() -> x.scatterAdd(index, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no arithmetic on " + type + ": convert to F32 or F64 first");
        }
    }

    private static void holds(Tensor t, DType type, String shape, double... values) {
        assertThat(t.dtype()).isEqualTo(type);
        assertThat(t.shape()).hasToString(shape);
        assertThat(t.toDoubles()).containsExactly(values);
    }
}
