package dev.canonica.clarid.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PolylineTest {
    private static final double[] X = {3, 1, 2};
    private static final double[] Y = {30, 10, 14};

    private static double at(double wanted) {
        return Polyline.at(wanted, X, i -> Y[i]);
    }

    @Test
    void isLinearBetweenNeighbours() {
        assertThat(at(1)).isEqualTo(10);
        assertThat(at(1.25)).isEqualTo(11, within(1e-12));
        assertThat(at(2)).isEqualTo(14);
        assertThat(at(2.5)).isEqualTo(22, within(1e-12));
    }

    @Test
    void staysAtItsEnds() {
        assertThat(at(-5)).isEqualTo(10);
        assertThat(at(7)).isEqualTo(30);
        assertThat(Polyline.reaches(1, X)).isTrue();
        assertThat(Polyline.reaches(0.99, X)).isFalse();
        assertThat(Polyline.reaches(3.01, X)).isFalse();
    }

    @Test
    void takesTheLaterOfPointsAtOnePlace() {
        assertThat(Polyline.at(1, new double[] {1, 1}, i -> i)).isEqualTo(1);
    }
}
