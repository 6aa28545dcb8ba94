package dev.canonica.clarid.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

    private static List<String> labels(Axis axis) {
        return Arrays.stream(axis.ticks()).mapToObj(axis::label).toList();
    }

    @Test
    void endsAtRoundNumbersAroundTheValues() {
        assertThat(labels(Axis.round("", 0.03, 0.97))).containsExactly("0.0", "0.2", "0.4", "0.6", "0.8", "1.0");
        assertThat(labels(Axis.round("", -0.17, 0.9)))
                .containsExactly("−0.2", "0.0", "0.2", "0.4", "0.6", "0.8", "1.0");
        assertThat(labels(Axis.round("", 3, Double.NaN, 61)))
                .containsExactly("0", "10", "20", "30", "40", "50", "60", "70");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5, 5", "-3e-9, -3e-9", "1e9, 1000000001", "0.1, 0.1000001", "-1e-7, 1e-7", "NaN, NaN"})
    void holdsWhateverItIsGiven(double low, double high) {
        Axis axis = Axis.round("", low, high);
        assertThat(axis.low()).isLessThan(axis.high());
        assertThat(axis.ticks()).hasSizeBetween(2, 9).isSorted();
        if (!Double.isNaN(low)) {
            assertThat(axis.fraction(low)).isBetween(-1e-6, 1 + 1e-6);
            assertThat(axis.fraction(high)).isBetween(-1e-6, 1 + 1e-6);
        }
    }

    @Test
    void integersHaveRoomOnBothSidesAndNotTooManyTicks() {
        Axis axis = Axis.integers("k", 1, 1);
        assertThat(axis.fraction(1)).isCloseTo(0.5, within(1e-12));
        assertThat(labels(Axis.integers("k", 0, 10)))
                .hasSize(11)
                .startsWith("0", "1")
                .endsWith("10");
        assertThat(labels(Axis.integers("k", 0, 100))).hasSizeLessThan(14).startsWith("0");
    }
}
