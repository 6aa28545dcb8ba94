package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NmiTest {
    /** The mean over all orders of b, by Heap's algorithm. */
    private static double meanOverPermutations(int[] a, int[] b) {
        int[] order = b.clone();
        int[] counters = new int[b.length];
        double sum = new Contingency(a, order).mutualInformation();
        int permutations = 1;
        for (int i = 0; i < order.length; ) {
            if (counters[i] < i) {
                int j = i % 2 == 0 ? 0 : counters[i];
                int swapped = order[j];
                order[j] = order[i];
                order[i] = swapped;
                sum += new Contingency(a, order).mutualInformation();
                permutations++;
                counters[i]++;
                i = 0;
            } else {
                counters[i++] = 0;
            }
        }
        return sum / permutations;
    }

    @ParameterizedTest
    @CsvSource({
        "0 0 1 1 2 2, 0 0 0 1 1 2",
        "0 0 0 0 0 1 1, 3 3 3 4 4 4 4",
        "0 1 2 3 4 5 6, 1 1 1 1 2 2 2",
        "5 5 5 5 5, 1 2 1 2 1",
        "0 1, 0 1"
    })
    void expectedInformationIsTheMeanOverAllPermutations(String first, String second) {
        int[] a = Arrays.stream(first.split(" ")).mapToInt(Integer::parseInt).toArray();
        int[] b = Arrays.stream(second.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertThat(Nmi.expectedMutualInformation(a, b)).isCloseTo(meanOverPermutations(a, b), within(1e-13));
        assertThat(Nmi.expectedMutualInformation(b, a)).isCloseTo(meanOverPermutations(a, b), within(1e-13));
    }

    /**
     * For clusters much larger than 1 the expectation is near (R − 1)(C − 1)/2n, and no probability underflows to
     * nothing.
     */
    @Test
    void expectedInformationOfLargeClusters() {
        int[] a = Matrices.labels(20_001, 3, 1);
        int[] b = Matrices.labels(20_001, 5, 2);
        double expected = Nmi.expectedMutualInformation(a, b);
        assertThat(expected * 2 * 20_001 / (2 * 4)).isCloseTo(1, within(2e-3));
    }

    @Test
    void onlyTheAdjustedMeasuresAreFreeOfChance() {
        int[] classes = Matrices.labels(120, 10, 3);
        double ami = 0;
        double rand = 0;
        double nmi = 0;
        for (int seed = 0; seed < 50; seed++) {
            int[] clusters = Matrices.labels(120, 10, 100 + seed);
            ami += Nmi.ami(classes, clusters) / 50;
            rand += Nmi.adjustedRand(classes, clusters) / 50;
            nmi += Nmi.nmi(classes, clusters) / 50;
        }
        assertThat(ami).isCloseTo(0, within(0.01));
        assertThat(rand).isCloseTo(0, within(0.01));
        assertThat(nmi).isGreaterThan(0.1);
        int[] singletons = IntStream.range(0, 120).toArray();
        assertThat(Nmi.ami(classes, singletons)).isCloseTo(0, within(1e-12));
        assertThat(Nmi.nmi(classes, singletons)).isGreaterThan(0.5);
    }

    @Test
    void samePartitionIsOneWhateverItsNames() {
        int[] a = Matrices.labels(63, 7, 4);
        int[] renamed = Arrays.stream(a).map(label -> 1000 - 17 * label).toArray();
        int[] singletons = IntStream.range(0, 63).toArray();
        int[] one = new int[63];
        int[] none = {};
        for (int[][] pair : new int[][][] {{a, renamed}, {singletons, singletons}, {one, one}, {none, none}}) {
            assertThat(new double[] {
                        Nmi.nmi(pair[0], pair[1]),
                        Nmi.nmiMin(pair[0], pair[1]),
                        Nmi.nmiGeometric(pair[0], pair[1]),
                        Nmi.ami(pair[0], pair[1]),
                        Nmi.adjustedRand(pair[0], pair[1])
                    })
                    .containsOnly(1);
        }
    }

    @Test
    void oneClusterAgainstManyIsZero() {
        int[] a = Matrices.labels(65, 4, 5);
        int[] one = new int[65];
        assertThat(new double[] {
                    Nmi.nmi(a, one),
                    Nmi.nmiMin(a, one),
                    Nmi.nmiGeometric(one, a),
                    Nmi.ami(one, a),
                    Nmi.adjustedRand(a, one)
                })
                .containsOnly(0);
    }

    @Test
    void labelsOfDifferentItemsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Nmi.nmi(new int[3], new int[4]))
                .withMessage("labels: both must name the same items: 3 and 4");
    }

    @Test
    void labelsKeepTheirOrder() {
        Labels labels = Labels.of(new long[] {7, -5, Long.MAX_VALUE, 7, -5});
        assertThat(labels.ids()).containsExactly(1, 0, 2, 1, 0);
        assertThat(labels.names()).containsExactly(-5, 7, Long.MAX_VALUE);
    }
}
