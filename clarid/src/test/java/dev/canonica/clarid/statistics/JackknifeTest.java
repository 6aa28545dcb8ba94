package dev.canonica.clarid.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.metrics.Nmi;
import dev.canonica.tensor.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JackknifeTest {
    /** Of a mean it is Student's interval. */
    @Test
    void isStudentsOfAMean() {
        double[] x = {3, 1, 4, 1, 5, 9, 2, 6};
        Interval jackknife = Jackknife.of(
                x.length,
                drawn -> Arrays.stream(drawn).mapToDouble(i -> x[i]).average().orElseThrow());
        Interval student = Means.of(x);
        assertThat(jackknife.estimate()).isCloseTo(student.estimate(), within(1e-12));
        assertThat(jackknife.low()).isCloseTo(student.low(), within(1e-9));
        assertThat(jackknife.high()).isCloseTo(student.high(), within(1e-9));
    }

    /** Labels that have nothing to do with clusters agree by chance alone: the interval holds 0, which that of resamples does not. */
    @Test
    void holdsTheAgreementOfChance() {
        int n = 60;
        int held = 0;
        for (int trial = 0; trial < 20; trial++) {
            int[] a = new int[n];
            int[] b = new int[n];
            Philox random = new Philox(7, trial);
            Arrays.setAll(a, i -> random.bounded(i, 5));
            Arrays.setAll(b, i -> random.bounded(1000 + i, 5));
            Interval ami = Jackknife.of(n, drawn -> Nmi.ami(pick(a, drawn), pick(b, drawn)));
            assertThat(ami.contains(ami.estimate())).isTrue();
            held += ami.contains(0) ? 1 : 0;
        }
        assertThat(held).isGreaterThanOrEqualTo(15);
    }

    private static int[] pick(int[] of, int[] drawn) {
        return IntStream.of(drawn).map(i -> of[i]).toArray();
    }

    @Test
    void isNotBoundedOfTooFew() {
        assertThat(Jackknife.of(2, drawn -> drawn.length).high()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> Jackknife.of(3, drawn -> drawn.length == 3 ? 1 : Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
