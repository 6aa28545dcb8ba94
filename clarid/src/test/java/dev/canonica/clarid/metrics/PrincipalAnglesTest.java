package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PrincipalAnglesTest {
    /** Angles from 1e-12 to π/2, between spaces of 7 and 5 dimensions of 1023, and mixed bases of both. */
    @Test
    void findsTheAnglesThatWereMade() {
        double[] made = {Math.PI / 2, 1.2, 0.5, 1e-4, 1e-12};
        double[][] frame = Rows.orthonormal(Matrices.normal(12, 1023, 1));
        double[][] tilted = new double[5][1023];
        double[][] larger = new double[7][];
        for (int i = 0; i < 7; i++) {
            larger[i] = frame[i];
        }
        for (int i = 0; i < 5; i++) {
            Rows.addScaled(tilted[i], Math.cos(made[i]), frame[i]);
            Rows.addScaled(tilted[i], Math.sin(made[i]), frame[7 + i]);
        }
        double[][] x = mix(larger, 2);
        double[][] y = mix(tilted, 3);
        assertThat(PrincipalAngles.betweenRows(larger, tilted).angles()).containsExactly(made, within(1e-14));
        assertThat(PrincipalAngles.betweenRows(x, y).angles()).containsExactly(made, within(1e-13));
        assertThat(PrincipalAngles.betweenRows(y, x).angles()).containsExactly(made, within(1e-13));
        assertThat(PrincipalAngles.betweenColumns(Rows.transpose(y), Rows.transpose(x))
                        .angles())
                .containsExactly(made, within(1e-13));
    }

    private static double[][] mix(double[][] rows, long seed) {
        double[][] weights = Matrices.normal(rows.length, rows.length, seed);
        double[][] mixed = new double[rows.length][rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows.length; j++) {
                Rows.addScaled(mixed[i], weights[i][j], rows[j]);
            }
        }
        return mixed;
    }

    @Test
    void dependentVectorsAddNothing() {
        double[][] x = Matrices.normal(3, 33, 4);
        double[][] more = {x[0], x[1], mix(x, 5)[0], new double[33], x[2], mix(x, 6)[1]};
        double[][] y = Matrices.normal(4, 33, 7);
        assertThat(Rows.orthonormal(more)).hasNumberOfRows(3);
        assertThat(PrincipalAngles.betweenRows(more, y).angles())
                .containsExactly(PrincipalAngles.betweenRows(x, y).angles(), within(1e-13));
        assertThat(PrincipalAngles.betweenRows(more, x).overlap()).isCloseTo(1, within(1e-14));
    }

    @Test
    void basisIsOrthonormalHoweverTheRowsAreScaledAndAligned() {
        double[][] rows = Matrices.normal(6, 31, 8);
        for (int i = 1; i < 6; i++) {
            for (int j = 0; j < 31; j++) {
                rows[i][j] = Math.scalb(rows[0][j] + 1e-9 * rows[i][j], 60 * i - 200);
            }
        }
        double[][] basis = Rows.orthonormal(rows);
        assertThat(basis).hasNumberOfRows(6);
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                assertThat(Rows.dot(basis[i], basis[j])).isCloseTo(i == j ? 1 : 0, within(1e-15));
            }
        }
    }

    @Test
    void emptySpans() {
        double[][] none = {new double[5]};
        assertThat(PrincipalAngles.betweenRows(none, Matrices.normal(2, 5, 1)).angles())
                .isEmpty();
        assertThat(PrincipalAngles.betweenRows(none, none).overlap()).isZero();
        assertThat(PrincipalAngles.betweenColumns(new double[0][], new double[0][])
                        .angles())
                .isEmpty();
    }

    @Test
    void spacesOfDifferentDimensionAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrincipalAngles.betweenRows(new double[1][4], new double[1][5]))
                .withMessage("principal angles: rows have 4 and 5 values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PrincipalAngles.betweenColumns(new double[4][1], new double[5][1]))
                .withMessage("principal angles: columns have 4 and 5 values");
    }
}
