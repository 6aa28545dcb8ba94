package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ElbowTest {
    @Test
    void farthestFromTheLine() {
        Elbow elbow = Elbow.of(5, 5, 5, 0.5, 0.5, 0.5, 0.5);
        assertThat(elbow.k()).isEqualTo(3);
        assertThat(elbow.evr()[2]).isCloseTo(75 / 76.0, within(1e-15));
        // By hand: the vertical gap at k = 3 times the cosine of the line's slope.
        double slope = (1 - 25 / 76.0) / 6;
        double gap = 75 / 76.0 - (25 / 76.0 + 2 * slope);
        assertThat(elbow.distance()[2]).isCloseTo(gap / Math.hypot(1, slope), within(1e-15));
        assertThat(elbow.distance()[0]).isZero();
        assertThat(elbow.distance()[6]).isZero();
    }

    @Test
    void scaleDoesNotMatterEvenWhereSquaresOverflowOrVanish() {
        double[] s = {9, 4, 1.5, 1, 0.25};
        for (double scale : new double[] {0x1p-700, 0x1p700}) {
            double[] scaled = new double[5];
            for (int i = 0; i < 5; i++) {
                scaled[i] = s[i] * scale;
            }
            assertThat(Elbow.of(scaled).evr()).containsExactly(Elbow.of(s).evr());
            assertThat(Elbow.of(scaled).k()).isEqualTo(Elbow.of(s).k());
        }
    }

    @Test
    void nothingToFindAnElbowIn() {
        assertThat(Elbow.of(0, 0, 0).evr()).containsOnly(0);
        assertThat(Elbow.of(0, 0, 0).k()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(Elbow::of).withMessage("elbow: no singular values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Elbow.of(1, Double.NaN))
                .withMessage("elbow: a singular value is NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Elbow.of(1, -0.5))
                .withMessage("elbow: a singular value is -0.5; none is less than 0");
        assertThat(Elbow.of(1, -0.0).k()).isEqualTo(1);
    }
}
