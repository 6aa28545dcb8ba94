package dev.canonica.clarid.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.ImageMeasure;
import dev.canonica.tensor.Philox;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Comparisons with curves that are known. */
class ControlCurveTest {
    private static final int N = 40;
    private static final int SSIM = ImageMeasure.SSIM.ordinal();
    private static final int VARIANCE = ImageMeasure.VARIANCE.ordinal();

    /** Images whose control has variance SSIM³ times the image's own. */
    private static double[][] rows(double ssim, double variance) {
        double[][] rows = new double[N][ImageMeasure.values().length];
        Philox random = new Philox(5);
        for (int i = 0; i < N; i++) {
            rows[i][SSIM] = ssim;
            rows[i][VARIANCE] = variance * (1 + random.uniformDouble(i));
        }
        return rows;
    }

    private static final ControlCurve CURVE =
            new ControlCurve(rows(1, 1), new double[][][] {rows(0.9, 0.8), rows(0.7, 0.4), rows(0.5, 0.1)});

    private static Optional<Interval> ratio(double[][] setting) {
        return CURVE.compare(setting, ImageMeasure.SSIM, ImageMeasure.VARIANCE, ControlCurve.By.RATIO, 1);
    }

    @Test
    void comparesAtTheSamePointOfTheCurve() {
        // Half way between the points of SSIM 0.9 and 0.7 the control has 0.6.
        assertThat(ratio(rows(0.8, 0.3)).orElseThrow().estimate()).isCloseTo(0.5, within(1e-12));
        assertThat(ratio(rows(0.7, 0.4)).orElseThrow().estimate()).isCloseTo(1, within(1e-12));
        assertThat(ratio(rows(1, 1)).orElseThrow().estimate()).isCloseTo(1, within(1e-12));
        assertThat(CURVE.compare(
                                rows(0.6, 0.3), ImageMeasure.SSIM, ImageMeasure.VARIANCE, ControlCurve.By.DIFFERENCE, 1)
                        .orElseThrow()
                        .estimate())
                .isCloseTo((0.3 - 0.25) * mean(), within(1e-12));
    }

    /** The mean of what images differ by. */
    private static double mean() {
        double sum = 0;
        for (double[] row : rows(1, 1)) {
            sum += row[VARIANCE] / N;
        }
        return sum;
    }

    @Test
    void saysNothingWhereTheControlDoesNotGo() {
        assertThat(ratio(rows(0.4, 0.1))).isEmpty();
        assertThat(ratio(rows(1.01, 1))).isEmpty();
    }

    @Test
    void hasAnIntervalAroundTheEstimate() {
        double[][] setting = rows(0.8, 0.3);
        for (int i = 0; i < N; i++) {
            setting[i][VARIANCE] *= i % 2 == 0 ? 1.5 : 0.5;
        }
        Interval i = ratio(setting).orElseThrow();
        assertThat(i.low()).isLessThan(i.estimate());
        assertThat(i.high()).isGreaterThan(i.estimate());
        assertThat(i.high() - i.low()).isBetween(0.05, 0.4);
    }
}
