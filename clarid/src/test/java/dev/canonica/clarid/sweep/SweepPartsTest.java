package dev.canonica.clarid.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.clarid.study.FailureSign;
import dev.canonica.clarid.study.ImageMeasure;
import dev.canonica.tensor.Philox;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rules of k, sketches, halves, signs of failure, saturation. */
class SweepPartsTest {
    @Test
    void readsRulesOfK() {
        assertThat(KRule.of("3")).isEqualTo(new KRule.Fixed(3));
        assertThat(KRule.of("adaptive")).isEqualTo(new KRule.AtElbow());
        assertThat(KRule.of("evidence")).isEqualTo(new KRule.Evidence(KRule.EVIDENCE));
        for (String text : new String[] {"3", "adaptive", "evidence:0.25"}) {
            assertThat(KRule.of(text).title()).isEqualTo(text);
        }
        for (String wrong : new String[] {"0", "-1", "elbow", "evidence:", "evidence:-1", "evidence:NaN", "1.5"}) {
            assertThatThrownBy(() -> KRule.of(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + wrong + "' is none of adaptive");
        }
    }

    @Test
    void choosesKByRule() {
        double[] sigma = {9, 3, 2.9, 2.8};
        int[] order = {1, 0, 3, 2};
        double[] evidence = {0.2, 0.1, 0.05, 0.9};
        assertThat(new KRule.Fixed(3).of(sigma, order, evidence)).isEqualTo(3);
        assertThat(new KRule.AtElbow().of(sigma, order, evidence)).isEqualTo(2);
        assertThat(new KRule.Evidence(0.5).of(sigma, order, evidence)).isEqualTo(2); // 1, 0, then 3 has too much
        assertThat(KRule.of("evidence").of(sigma, order, evidence)).isEqualTo(2);
        assertThat(KRule.of("evidence").of(sigma, new int[] {3, 0, 1, 2}, evidence))
                .isZero(); // the first is the class's
        assertThat(KRule.of("evidence").of(sigma, order, new double[] {0.21, 0.1, 0, 0}))
                .isEqualTo(1);
        assertThat(new KRule.Evidence(0.05).of(sigma, order, evidence)).isZero();
        assertThat(new KRule.Evidence(1).of(sigma, order, evidence)).isEqualTo(4);
    }

    @Test
    void sketchesKeepDistances() {
        int length = 5000;
        FeatureSketch sketch = new FeatureSketch(length, 3);
        float[] x = new float[4 * length];
        new Philox(1).normals(0, x);
        float[] s = sketch.of(x, 4);
        assertThat(s).hasSize(4 * FeatureSketch.WIDTH);
        for (int b = 1; b < 4; b++) {
            double before = distance(x, length, 0, b);
            assertThat(distance(s, FeatureSketch.WIDTH, 0, b)).isCloseTo(before, within(0.25 * before));
        }
        assertThat(sketch.of(java.util.Arrays.copyOfRange(x, length, 2 * length), 1))
                .isEqualTo(java.util.Arrays.copyOfRange(s, FeatureSketch.WIDTH, 2 * FeatureSketch.WIDTH));
    }

    @Test
    void fewFeaturesStayAsTheyAre() {
        float[] x = {1, -2, 3, 4, 5, 6};
        assertThat(new FeatureSketch(3, 0).of(x, 2)).isEqualTo(x);
    }

    private static double distance(float[] x, int length, int a, int b) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            double d = (double) x[a * length + i] - x[b * length + i];
            sum += d * d;
        }
        return Math.sqrt(sum);
    }

    @Test
    void halvesHaveAsManyOfEachClass() {
        int[] labels = IntStream.range(0, 40).map(i -> i * 7 % 10).toArray();
        Halves halves = Halves.of(labels);
        for (int c = 0; c < 10; c++) {
            int label = c;
            assertThat(IntStream.of(halves.choice()).filter(i -> labels[i] == label))
                    .hasSize(2);
            assertThat(IntStream.of(halves.report()).filter(i -> labels[i] == label))
                    .hasSize(2);
        }
        assertThat(IntStream.concat(IntStream.of(halves.choice()), IntStream.of(halves.report()))
                        .sorted())
                .containsExactlyElementsOf(IntStream.range(0, 40).boxed().toList());
    }

    private static double[] row(double change, double variation, double ssim, double outside, double right) {
        double[] row = new double[ImageMeasure.values().length];
        row[ImageMeasure.CHANGE.ordinal()] = change;
        row[ImageMeasure.VARIATION.ordinal()] = variation;
        row[ImageMeasure.SSIM.ordinal()] = ssim;
        row[ImageMeasure.OUTSIDE.ordinal()] = outside;
        row[ImageMeasure.RIGHT.ordinal()] = right;
        return row;
    }

    @Test
    void namesSignsOfFailure() {
        double[] good = row(0, 1, 0.98, 0, 1);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.8, 0, 1), good, 0.5)).isEmpty();
        assertThat(FailureSign.of(row(0.1, 1.3, 0.8, 0, 1), good, 0.5)).containsExactly(FailureSign.ARTEFACTS);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.8, 0.03, 1), good, 0.5)).containsExactly(FailureSign.ARTEFACTS);
        assertThat(FailureSign.of(row(0.005, 1, 0.98, 0, 1), good, 0.5)).containsExactly(FailureSign.NOTHING_CHANGED);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.8, 0, 1), row(0, 1, 0.85, 0, 1), 0.5))
                .containsExactly(FailureSign.NOT_RECONSTRUCTED);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.8, 0, 1), good, 0.001)).containsExactly(FailureSign.CONDITION_IDLE);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.8, 0, 0), good, 0.5)).containsExactly(FailureSign.CLASS_LOST);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.6, 0, Double.NaN), row(0, 1, 0.98, 0, Double.NaN), Double.NaN))
                .containsExactly(FailureSign.CLASS_LOST);
        assertThat(FailureSign.of(row(0.1, 0.6, 0.75, 0, Double.NaN), row(0, 1, 0.98, 0, Double.NaN), Double.NaN))
                .isEmpty();
    }

    @Test
    void findsWhereAccuracySaturates() {
        double[] te = {0.1, 0.3, 0.5, 0.7};
        assertThat(TeSearch.saturation(te, new double[] {0.1, 0.5, 0.9, 0.9})).isCloseTo(0.49, within(1e-12));
        assertThat(TeSearch.saturation(te, new double[] {0.1, 0.5, 0.89, 0.9}))
                .isCloseTo(0.3 + 0.38 / 0.39 * 0.2, within(1e-12));
        assertThat(TeSearch.saturation(te, new double[] {0.9, 0.9, 0.9, 0.9})).isEqualTo(0.1);
        assertThat(TeSearch.saturation(te, new double[] {0.1, 0.2, 0.3, 0.9}))
                .isCloseTo(0.5 + 0.58 / 0.6 * 0.2, within(1e-12));
        assertThat(TeSearch.saturation(te, new double[] {0.1, 0.9, 0.9, 0.7})).isCloseTo(0.295, within(1e-12));
    }

    @Test
    void saysThatNothingSaturatesByChance() {
        assertThat(TeSearchPage.sentence(found(0.3, 1, 1, 1)))
                .startsWith(
                        "Nothing found: at no t_e does the classifier see the class more often than by chance (0.100)");
    }

    @Test
    void saysWhereTheGridBeginsTooLate() {
        assertThat(TeSearchPage.sentence(found(0.3, 9, 9, 9)))
                .startsWith("Accuracy saturates at or below the smallest t_e of the grid, 0.3");
        assertThat(TeSearchPage.sentence(found(0.45, 2, 9, 9))).startsWith("Accuracy saturates at t_e = 0.45");
    }

    /** Of t_e 0.3, 0.5 and 0.7, ten samples of ten classes each, of which so many are seen. */
    private static TeSearch.Result found(double saturation, int... right) {
        List<TeSearch.Point> points = IntStream.range(0, right.length)
                .mapToObj(i -> new TeSearch.Point(
                        0.3 + 0.2 * i, 3 + 2 * i, 0.5, "t = 300", new Proportion(right[i], 10).wilson(), -1))
                .toList();
        return new TeSearch.Result(points, new Interval(saturation, saturation, saturation, 0.95, 10), 0.1);
    }
}
