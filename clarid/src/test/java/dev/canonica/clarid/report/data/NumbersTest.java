package dev.canonica.clarid.report.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.8684, 0.868",
        "-0.8684, −0.868",
        "1, 1.00",
        "9.876, 9.88",
        "12.34, 12.3",
        "40, 40",
        "123.4, 123",
        "12345.6, 12\u202f346",
        "0.0005, 0.001",
        "0.000023, 2.3 × 10⁻⁵",
        "-0.000023, −2.3 × 10⁻⁵",
        "0.0000999999, 1.0 × 10⁻⁴",
        "1.5e12, 1.5 × 10¹²",
        "NaN, –",
        "Infinity, ∞",
        "-Infinity, −∞"
    })
    void writesWhatMatters(double value, String text) {
        assertThat(Numbers.format(value)).isEqualTo(text);
    }

    @Test
    void scientificWhereTheOrderOfMagnitudeMatters() {
        assertThat(Numbers.scientific(1e-3)).isEqualTo("1.0 × 10⁻³");
        assertThat(Numbers.scientific(0)).isEqualTo("0");
        assertThat(Numbers.scientific(Double.NaN)).isEqualTo("–");
    }

    @Test
    void countsInWords() {
        assertThat(Numbers.count(0, "image")).isEqualTo("0 images");
        assertThat(Numbers.count(1, "image")).isEqualTo("1 image");
        assertThat(Numbers.count(12000, "image")).isEqualTo("12\u202f000 images");
    }

    @Test
    void quantilesAreThoseOfTheFiniteValues() {
        double[] values = {Double.NaN, 4, 1, Double.POSITIVE_INFINITY, 3, 2};
        assertThat(Numbers.quantile(values, 0)).isEqualTo(1);
        assertThat(Numbers.quantile(values, 0.25)).isEqualTo(1.75);
        assertThat(Numbers.median(values)).isEqualTo(2.5);
        assertThat(Numbers.quantile(values, 1)).isEqualTo(4);
        assertThat(Numbers.median(new double[] {7})).isEqualTo(7);
        assertThat(Numbers.median(new double[] {Double.NaN})).isNaN();
        assertThat(Numbers.median(new double[0])).isNaN();
    }
}
