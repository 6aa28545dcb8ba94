package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The two parts of images whose parts are known. */
class RegionsTest {
    private static final int SIDE = 32;
    private static final int AREA = SIDE * SIDE;

    private final Regions regions = Regions.DEFAULT;

    /** A disc of one tint, with shades, on stripes of two other colours; evidence that is weak, noisy, and strongest on the stripes' edges of no colour in particular. */
    @Test
    void findsAnObjectOnStripesByItsColours() {
        Random random = new Random(3);
        double[] image = new double[3 * AREA];
        double[] evidence = new double[AREA];
        boolean[] disc = new boolean[AREA];
        for (int i = 0; i < AREA; i++) {
            int y = i / SIDE - 15;
            int x = i % SIDE - 13;
            disc[i] = y * y + x * x < 90;
            double shade = random.nextDouble() * 0.1;
            boolean stripe = i % SIDE / 4 % 2 == 0;
            image[i] = disc[i] ? 0.8 - shade : stripe ? -0.9 : 0.2;
            image[AREA + i] = disc[i] ? 0.1 - shade : stripe ? 0.6 : -0.2;
            image[2 * AREA + i] = disc[i] ? -0.7 + shade : stripe ? 0.3 : 0.9;
            evidence[i] = (disc[i] ? 1.3 : 1) + random.nextGaussian();
        }
        double[] share = regions.of(evidence, image, SIDE, 0.4);
        for (int i = 0; i < AREA; i++) {
            assertThat(share[i]).isCloseTo(disc[i] ? 1 : 0, within(1e-6));
        }
    }

    /** Against the definition, written out. */
    @Test
    void isTheShareOfLikeColoursInTheUpperPart() {
        double[] image = {0, 0.1, 0.5, 0.6, /**/ 0, 0, 0.2, 0.9};
        double[] evidence = {4, 1, 2, 0};
        double variance = 0;
        for (int channel = 0; channel < 2; channel++) {
            double[] values = IntStream.range(channel * 4, channel * 4 + 4)
                    .mapToDouble(i -> image[i])
                    .toArray();
            double mean =
                    IntStream.range(0, 4).mapToDouble(i -> values[i]).average().orElseThrow();
            variance += IntStream.range(0, 4)
                            .mapToDouble(i -> Math.pow(values[i] - mean, 2))
                            .average()
                            .orElseThrow()
                    / 2;
        }
        double[][] w = new double[4][4];
        for (int i = 0; i < 4; i++) {
            double sum = 0;
            for (int j = 0; j < 4; j++) {
                double d2 = (Math.pow(image[i] - image[j], 2) + Math.pow(image[4 + i] - image[4 + j], 2)) / 2;
                w[i][j] = Math.exp(-d2 / (2 * 0.5 * 0.5 * variance));
                sum += w[i][j];
            }
            for (int j = 0; j < 4; j++) {
                w[i][j] /= sum;
            }
        }
        double[] mean = times(w, evidence);
        double cut = Regions.cut(mean, 0.25);
        double[] upper =
                IntStream.range(0, 4).mapToDouble(i -> mean[i] > cut ? 1 : 0).toArray();
        assertThat(upper).contains(0, 1);
        double[] share = new Regions(0.1, 0.5).of(evidence, image, 2, 0.25);
        for (int i = 0; i < 4; i++) {
            assertThat(share[i]).isCloseTo(times(w, upper)[i], within(1e-12));
        }
    }

    /** Likenesses that are kept and those that are found again for each mean give the same bits, where all pixels speak and where a grid of them does. */
    @Test
    void areTheSameWhateverIsKept() {
        for (int side : new int[] {SIDE, 40}) {
            Random random = new Random(side);
            double[] image = random.doubles(3L * side * side).toArray();
            double[] evidence = random.doubles((long) side * side).toArray();
            double[] share = regions.of(evidence, image, side, 0.4);
            assertThat(Arrays.stream(share)).anyMatch(s -> s > 0 && s < 1);
            assertThat(regions.of(evidence, image, side, 0.4, 0)).containsExactly(share);
        }
    }

    private static double[] times(double[][] w, double[] x) {
        return IntStream.range(0, w.length)
                .mapToDouble(i -> IntStream.range(0, x.length)
                        .mapToDouble(j -> w[i][j] * x[j])
                        .sum())
                .toArray();
    }

    /** Otsu's cut, and the least share of the lower part. */
    @Test
    void cutsWhereThePartsDifferMost() {
        double[] values = {9, 1, 2, 1.5, 8, 1.2, 10, 1.1};
        assertThat(Regions.cut(values, 0.1)).isEqualTo(2);
        assertThat(Regions.cut(values, 0.8)).isEqualTo(9);
        assertThat(Regions.cut(new double[] {3, 3, 3}, 0.5)).isEqualTo(3);
        assertThat(Regions.cut(new double[] {5}, 0.5)).isEqualTo(5);
        assertThat(Regions.cut(new double[] {1, 1, 1, 2}, 0.1)).isEqualTo(1);
    }

    /** Nothing is the object where no evidence, or no colour, says so. */
    @Test
    void findsNothingWhereNothingDiffers() {
        double[] even = IntStream.range(0, 16).mapToDouble(i -> 0.3).toArray();
        double[] slope = IntStream.range(0, 16).mapToDouble(i -> i).toArray();
        assertThat(regions.of(even, slope, 4, 0.4)).containsOnly(0);
        assertThat(regions.of(new double[16], slope, 4, 0.4)).containsOnly(0);
        assertThat(regions.of(slope, even, 4, 0.4)).containsOnly(0);
    }

    /** A larger image has a grid of pixels speak for all: the parts are the same. */
    @Test
    void largerImagesAreCutAlike() {
        int side = 75;
        double[] image = new double[side * side];
        double[] evidence = new double[side * side];
        Random random = new Random(5);
        for (int i = 0; i < image.length; i++) {
            boolean object = i / side > 20 && i / side < 50 && i % side > 30;
            image[i] = (object ? 1 : 0) + 0.02 * random.nextGaussian();
            evidence[i] = (object ? 1.5 : 1) + random.nextGaussian();
        }
        double[] share = regions.of(evidence, image, side, 0.4);
        for (int i = 0; i < image.length; i++) {
            assertThat(share[i]).isCloseTo(image[i] > 0.5 ? 1 : 0, within(1e-6));
        }
    }

    @Test
    void refusesNumbersThatCannotBe() {
        assertThatThrownBy(() -> new Regions(0, 0.1))
                .hasMessage("map: floor and colour are numbers above 0, not 0.0 and 0.1");
        assertThatThrownBy(() -> new Regions(0.1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
