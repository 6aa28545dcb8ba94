package dev.canonica.cadistill.attack.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.LinearClassifier;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.bound.Smoothing.Certificate;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.L2;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SmoothingTest {
    /** The p at which so many successes or more have the probability α, by bisection of the binomial sum. */
    @Test
    void boundsAreThoseOfClopperAndPearson() {
        assertThat(Smoothing.lowerBound(990, 1000, 0.001)).isCloseTo(0.9760361871553113, within(1e-6));
        assertThat(Smoothing.lowerBound(60, 100, 0.001)).isCloseTo(0.4409842652212992, within(1e-6));
        assertThat(Smoothing.lowerBound(1000, 1000, 0.001)).isCloseTo(Math.pow(0.001, 0.001), within(1e-9));
        assertThat(Smoothing.lowerBound(0, 10, 0.001)).isZero();
    }

    /** Of a linear classifier of two classes the smoothed one has the same boundary, and its distance is what certificates come near to from below. */
    @Test
    void radiiOfALinearModelComeNearItsDistance() {
        LinearClassifier model = LinearClassifier.random(2, 3 * 8 * 8, 4);
        Images images = model.images(24, 3, 8, 5);
        double[][] w = model.weights();
        double sigma = 0.4;
        Smoothing smoothing = new Smoothing(Victim.of(model), images.shape(), sigma, 2000, 64);
        int near = 0;
        for (int i = 0; i < images.size(); i++) {
            double rise = 0;
            double squares = 0;
            for (int k = 0; k < w[0].length; k++) {
                rise += (w[0][k] - w[1][k]) * images.values(i)[k];
                squares += (w[0][k] - w[1][k]) * (w[0][k] - w[1][k]);
            }
            double distance = Math.abs(rise) / Math.sqrt(squares);
            Certificate c = smoothing.certify(images.values(i), new Philox(1, i));
            assertThat(c.radius()).as("image %d", i).isLessThanOrEqualTo(distance);
            if (distance > 0.1 * sigma && distance < 2 * sigma) {
                assertThat(c.label()).isEqualTo(images.label(i));
                assertThat(c.radius()).isGreaterThan(distance - 0.3 * sigma);
                near++;
            }
        }
        assertThat(near).isGreaterThan(2);
    }

    /** On the boundary the counts do not tell the class of the image; what the attack made of it is still another's, within the budget. */
    @Test
    void anUndecidedImageCanBeBroken() {
        LinearClassifier model = LinearClassifier.random(2, 3 * 4 * 4, 4);
        double[][] w = model.weights();
        float[] on = new float[3 * 4 * 4];
        float[] beyond = new float[on.length];
        double squares = 0;
        double rise = 0;
        for (int k = 0; k < on.length; k++) {
            double d = w[0][k] - w[1][k];
            squares += d * d;
            rise += d * 0.5;
        }
        for (int k = 0; k < on.length; k++) {
            double d = w[0][k] - w[1][k];
            on[k] = (float) (0.5 - d * rise / squares);
            beyond[k] = (float) (on[k] - 0.4 * d / Math.sqrt(squares));
        }
        Images images = Images.of(Tensor.of(on, 1, 3, 4, 4), new long[] {0});
        ImageResult broken = new ImageResult(true, false, beyond, 0.4, ImageResult.Effort.NONE);
        for (int batch : new int[] {1, 7, 500}) {
            Smoothing smoothing = new Smoothing(Victim.of(model), images.shape(), 0.3, 300, batch);
            assertThat(SmoothedImages.row(smoothing, images, broken, new Budget(new L2(), 0.5), 1, 0))
                    .as("batch %d", batch)
                    .containsExactly(-1, 0, Verdict.BROKEN.ordinal());
            assertThat(smoothing.certify(beyond, new Philox(9)))
                    .isEqualTo(new Smoothing(Victim.of(model), images.shape(), 0.3, 300, 64)
                            .certify(beyond, new Philox(9)));
        }
    }

    @Test
    void theVerdictHasTwoSides() {
        Budget budget = new Budget(new L2(), 0.5);
        Certificate wide = new Certificate(3, 0.999, 0.6);
        Certificate narrow = new Certificate(3, 0.7, 0.1);
        Certificate other = new Certificate(4, 0.8, 0.2);
        Certificate unknown = new Certificate(-1, 0.4, 0);
        assertThat(Smoothing.verdict(budget, 3, wide, wide, 0.5)).isEqualTo(Verdict.ROBUST);
        assertThat(Smoothing.verdict(budget, 3, narrow, other, 0.5)).isEqualTo(Verdict.BROKEN);
        assertThat(Smoothing.verdict(budget, 3, narrow, other, 0.7)).isEqualTo(Verdict.UNDECIDED);
        assertThat(Smoothing.verdict(budget, 3, narrow, unknown, 0.5)).isEqualTo(Verdict.UNDECIDED);
        assertThat(Smoothing.verdict(budget, 3, unknown, other, 0.5)).isEqualTo(Verdict.BROKEN);
        assertThat(Smoothing.verdict(budget, 4, wide, wide, 0.5)).isEqualTo(Verdict.BROKEN);
        assertThat(Smoothing.verdict(budget, 3, wide, other, 0.5)).isEqualTo(Verdict.UNDECIDED);
    }
}
