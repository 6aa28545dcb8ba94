package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

/** The map of a linear network, whose x̂₀ depends on the class by a matrix B, against the definition. */
class EvidenceMapTest {
    private final RealMatrix b = MatrixOperator.withSpectrum(16, 16, 4, 3, 2, 1);
    private final CanonicalExtraction method = new CanonicalExtraction(
            new LinearNetwork(b, b, MatrixUtils.createRealIdentityMatrix(16), b),
            LinearNetwork.sampler(),
            10,
            DdimSampler.Inversion.GUIDED,
            "features",
            RandomizedSvd.ofRank(2));
    private final Tensor x0 = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(8));

    /** s = |(s_c − s_c′) B x_t|, of a root mean square of 1: at one level with one noise and no blur. */
    @Test
    void isTheChangeOfTheExpectedImage() {
        EvidenceMap recipe = new EvidenceMap(List.of(0.8), 1, 1, 0, 0.6, 7);
        double[] map = recipe.of(method, x0, Condition.classes(0, 1))[1];
        int level = method.sampler().ofSignal(0.8);
        assertThat(method.sampler().signal(level)).isCloseTo(0.8, within(0.04));
        Tensor noise = recipe.noise(x0, EvidenceMap.streams(x0), 0);
        double[] xt = method.sampler().noised(x0, noise, level).row(1).toDoubles();
        double[] expected = b.operate(xt);
        double rms = Vectors.norm(expected) / 4;
        for (int i = 0; i < 16; i++) {
            assertThat(map[i]).isCloseTo(Math.abs(expected[i]) / rms, within(1e-10));
        }
    }

    /** With regions each change is divided by λ and what two draws of noise differ by, a mean over the channels. */
    @Test
    void measuresTheChangeByWhatIsUnknown() {
        Condition c = Condition.classes(0, 1);
        EvidenceMap recipe = new EvidenceMap(List.of(0.8), 3, 1, 0, 0.5, 7, Optional.of(new Regions(0.2, 1e-9)));
        int level = method.sampler().ofSignal(0.8);
        double[][] own = new double[3][];
        double[][] changes = new double[3][];
        for (int draw = 0; draw < 3; draw++) {
            Tensor noise = recipe.noise(x0, EvidenceMap.streams(x0), draw);
            Tensor x = method.sampler().noised(x0, noise, level);
            own[draw] = EvidenceMap.expected(method, x, c, level).row(1).toDoubles();
            double[] other = EvidenceMap.expected(method, x, EvidenceMap.otherClass(c, 2, 1, 2, draw), level)
                    .row(1)
                    .toDoubles();
            changes[draw] = new double[16];
            for (int i = 0; i < 16; i++) {
                changes[draw][i] = Math.abs(own[draw][i] - other[i]);
            }
        }
        double[] expected = new double[16];
        for (int i = 0; i < 16; i++) {
            double unknown = (Math.abs(own[1][i] - own[0][i]) + Math.abs(own[2][i] - own[1][i])) / 2;
            expected[i] = (changes[0][i] + changes[1][i] + changes[2][i]) / (0.2 + unknown);
        }
        // no two pixels are alike: what is left is the cut
        double cut = Regions.cut(expected, 0.5);
        double[] map = recipe.of(method, x0, c)[1];
        for (int i = 0; i < 16; i++) {
            assertThat(map[i]).isEqualTo(expected[i] > cut ? 1 : 0);
        }
        assertThat(recipe.weights(new double[] {0, 0.25, 1})).containsExactly(1, 0.75, 0);
    }

    /** The maps of a batch are bit for bit those of each image. */
    @Test
    void doesNotDependOnTheBatch() {
        double[][] both = EvidenceMap.DEFAULT.fitting(method.model()).of(method, x0, Condition.classes(0, 1));
        for (int b = 0; b < 2; b++) {
            double[][] one =
                    EvidenceMap.DEFAULT.fitting(method.model()).of(method, x0.rows(b, b + 1), Condition.classes(b));
            assertThat(one[0]).containsExactly(both[b]);
        }
    }

    /** Against weights written out. */
    @Test
    void blursWithinTheImage() {
        Condition c = Condition.classes(0, 1);
        double[] sharp = new EvidenceMap(List.of(0.8), 1, 1, 0, 0.6, 7).of(method, x0, c)[0];
        double[] blurred = new EvidenceMap(List.of(0.8), 1, 1, 0.5, 0.6, 7).of(method, x0, c)[0];
        double[] expected = new double[16];
        for (int i = 0; i < 16; i++) {
            double weights = 0;
            for (int k = 0; k < 16; k++) {
                int dy = i / 4 - k / 4;
                int dx = i % 4 - k % 4;
                if (Math.abs(dy) <= 2 && Math.abs(dx) <= 2) {
                    double w = Math.exp(-(dy * dy + dx * dx) / (2 * 0.25));
                    expected[i] += w * sharp[k];
                    weights += w;
                }
            }
            expected[i] /= weights;
        }
        double rms = Vectors.norm(expected) / 4;
        for (int i = 0; i < 16; i++) {
            assertThat(blurred[i]).isCloseTo(expected[i] / rms, within(1e-9));
        }
    }

    /** A blur far wider than the image is its mean, one far narrower than a pixel none. */
    @Test
    void blursByAnyWidth() {
        Condition c = Condition.classes(0, 1);
        double[] sharp = new EvidenceMap(List.of(0.8), 1, 1, 0, 0.6, 7).of(method, x0, c)[0];
        for (double wide : new double[] {1e9, 1e200}) {
            assertThat(new EvidenceMap(List.of(0.8), 1, 1, wide, 0.6, 7).of(method, x0, c)[0])
                    .usingComparatorWithPrecision(1e-9)
                    .containsOnly(1);
        }
        assertThat(new EvidenceMap(List.of(0.8), 1, 1, 1e-200, 0.6, 7).of(method, x0, c)[0])
                .containsExactly(sharp);
    }

    @Test
    void weighs() {
        EvidenceMap recipe = new EvidenceMap(List.of(0.8), 1, 1, 0, 0.5, 7);
        double[] w = recipe.weights(new double[] {4, 0, 2, 1});
        assertThat(w).containsExactly(1.0 / 17, 1, 0.5, 1 / (1 + 1.0 / 16));
        assertThat(recipe.weights(new double[] {0, 0, 0, 3})).containsExactly(1, 1, 1, 0);
    }

    /** Other classes are never the image's own, and differ from each other and from draw to draw. */
    @Test
    void comparesWithOtherClasses() {
        Condition c = Condition.classes(0, 9);
        int[][] expected = {{3, 2}, {6, 5}, {4, 3}, {7, 6}};
        for (int i = 0; i < 4; i++) {
            long[] y = EvidenceMap.otherClass(c, 10, i % 2 + 1, 3, i / 2)
                    .given()
                    .get(Condition.CLASSES)
                    .toLongs();
            assertThat(y).containsExactly(expected[i][0], expected[i][1]);
        }
        for (int draw = 0; draw < 5; draw++) {
            Condition two = EvidenceMap.otherClass(Condition.classes(0, 1), 2, 1, 3, draw);
            assertThat(two.given().get(Condition.CLASSES).toLongs()).containsExactly(1, 0);
        }
    }

    @Test
    void isDescribedAndChecked() {
        assertThat(EvidenceMap.DEFAULT.passes()).isEqualTo(12);
        assertThat(EvidenceMap.PLAIN.passes()).isEqualTo(12);
        assertThat(EvidenceMap.PLAIN.described())
                .isEqualTo("ᾱ [0.94, 0.79], 2 noises, 2 other classes, blur 1.5, percentile 0.6");
        assertThat(EvidenceMap.DEFAULT.described())
                .isEqualTo("ᾱ [0.97, 0.49], 2 noises, 2 other classes, blur 1.5, percentile 0.4,"
                        + " regions of like colours within 0.15, uncertainty above 0.1");
        EvidenceMap.NAMES.forEach(
                name -> assertThat(EvidenceMap.of(name).title()).isEqualTo(name));
        assertThatThrownBy(() -> EvidenceMap.of("best")).hasMessage("map: 'best' is not one of regions, plain");
        assertThatThrownBy(() -> new EvidenceMap(List.of(0.5), 1, 1, 0, 0.5, 0, Optional.of(Regions.DEFAULT)))
                .hasMessageStartingWith("map: noises: 1; regions need 2 at least");
        assertThatThrownBy(() -> new EvidenceMap(List.of(1.0), 1, 1, 0, 0.5, 0))
                .hasMessage("map: signals [1.0] are not numbers between 0 and 1");
        assertThatThrownBy(() -> new EvidenceMap(List.of(0.5), 0, 1, 0, 0.5, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
