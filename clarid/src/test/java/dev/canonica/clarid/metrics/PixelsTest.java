package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Philox;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class PixelsTest {
    private static final int H = 17;
    private static final int W = 23;

    private static Pixels noise(int channels, long seed) {
        float[] values = new float[channels * H * W];
        new Philox(seed).normals(0, values);
        return new Pixels(channels, H, W, values);
    }

    private static float[] mask(float inside, float outside) {
        float[] mask = new float[H * W];
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                mask[y * W + x] = x + y < 15 ? inside : outside;
            }
        }
        return mask;
    }

    private static Pixels map(Pixels image, IntToDoubleFunction value) {
        float[] values = new float[image.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.applyAsDouble(i);
        }
        return new Pixels(image.channels(), H, W, values);
    }

    /** The formula, pixel by pixel and window by window. */
    private static double ssim(Pixels a, Pixels b, float[] mask, double range) {
        double c1 = Math.pow(0.01 * range, 2);
        double c2 = Math.pow(0.03 * range, 2);
        double total = 0;
        double weights = 0;
        for (int c = 0; c < a.channels(); c++) {
            for (int p = 0; p < H * W; p++) {
                double[] sums = new double[6];
                for (int q = 0; q < H * W; q++) {
                    int dy = p / W - q / W;
                    int dx = p % W - q % W;
                    double weight = Math.max(Math.abs(dx), Math.abs(dy)) > 5
                            ? 0
                            : mask[q] * Math.exp(-(dx * dx + dy * dy) / 4.5);
                    double x = a.values()[c * H * W + q];
                    double y = b.values()[c * H * W + q];
                    Rows.addScaled(sums, weight, new double[] {1, x, y, x * x, y * y, x * y});
                }
                if (mask[p] > 0) {
                    double x = sums[1] / sums[0];
                    double y = sums[2] / sums[0];
                    double xx = sums[3] / sums[0] - x * x;
                    double yy = sums[4] / sums[0] - y * y;
                    double xy = sums[5] / sums[0] - x * y;
                    total += mask[p] * (2 * x * y + c1) * (2 * xy + c2) / ((x * x + y * y + c1) * (xx + yy + c2));
                    weights += mask[p];
                }
            }
        }
        return total / weights;
    }

    @Test
    void ssimIsTheFormula() {
        Pixels a = noise(3, 1);
        Pixels b = map(a, i -> 0.7 * a.values()[i] + 0.3 * noise(3, 2).values()[i] + 0.1);
        float[] everywhere = new float[H * W];
        Arrays.fill(everywhere, 1);
        assertThat(Ssim.of(a, b, 2)).isCloseTo(ssim(a, b, everywhere, 2), within(1e-12));
        assertThat(Ssim.inside(a, b, mask(1, 0.25f), 2)).isCloseTo(ssim(a, b, mask(1, 0.25f), 2), within(1e-12));
        assertThat(Ssim.inside(b, a, mask(1, 0), 255)).isCloseTo(ssim(a, b, mask(1, 0), 255), within(1e-12));
    }

    @Test
    void ssimOfTheSameAndOfTheOpposite() {
        Pixels a = noise(1, 3);
        assertThat(Ssim.of(a, a, 2)).isCloseTo(1, within(1e-12));
        Pixels bright = map(a, i -> 10 + a.values()[i]);
        assertThat(Ssim.of(bright, map(a, i -> 10 - a.values()[i]), 2)).isLessThan(-0.9);
        Pixels grey = new Pixels(1, H, W, new float[H * W]);
        assertThat(Ssim.of(grey, grey, 2)).isEqualTo(1);
    }

    @Test
    void nothingOutsideOfTheMaskCounts() {
        Pixels a = noise(3, 4);
        float[] inside = mask(1, 0);
        Pixels changed = map(a, i -> inside[i % (H * W)] > 0 ? a.values()[i] : 5);
        assertThat(Ssim.inside(a, changed, inside, 2)).isCloseTo(1, within(1e-12));
        assertThat(Ssim.inside(a, changed, mask(0, 1), 2)).isLessThan(0.1);
        assertThat(Variation.total(changed, inside)).isEqualTo(Variation.total(a, inside));
        assertThat(Variation.variance(changed, inside)).isEqualTo(Variation.variance(a, inside));
        assertThat(Variation.total(changed, mask(0, 1))).isZero();
        assertThat(Variation.variance(changed, mask(0, 1))).isZero();
    }

    @Test
    void variationOfStripesAndRamps() {
        float[] everywhere = new float[H * W];
        Arrays.fill(everywhere, 1);
        Pixels stripes = map(noise(2, 1), i -> i % (H * W) / W % 2 == 0 ? 3 : -1);
        // All vertical pairs differ by 4, no horizontal ones do; 9 rows of 17 have 3.
        assertThat(Variation.total(stripes, everywhere))
                .isCloseTo(4.0 * (H - 1) * W / ((H - 1) * W + H * (W - 1)), within(1e-12));
        assertThat(Variation.variance(stripes, everywhere)).isCloseTo(16 * 9 / 17.0 * 8 / 17.0, within(1e-12));
        Pixels ramp = map(stripes, i -> i % W);
        assertThat(Variation.variance(ramp, everywhere)).isCloseTo((W * W - 1) / 12.0, within(1e-12));
        // Half the weight everywhere changes nothing.
        Arrays.fill(everywhere, 0.5f);
        assertThat(Variation.variance(ramp, everywhere)).isCloseTo((W * W - 1) / 12.0, within(1e-12));
        float[] onePixel = new float[H * W];
        onePixel[40] = 1;
        assertThat(Variation.total(ramp, onePixel)).isZero();
    }

    @Test
    void refusalsNameWhatDiffers() {
        Pixels a = noise(1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Pixels(3, 2, 2, new float[4]))
                .withMessage("Pixels: 4 values are not 3 x 2 x 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ssim.of(a, noise(3, 1), 2))
                .withMessage("ssim: images differ: [1, 17, 23] and [3, 17, 23]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Variation.total(a, new float[5]))
                .withMessage("total variation: the mask has 5 weights for 17 x 23 pixels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Variation.variance(a, new float[H * W]))
                .withMessage("variance: the mask is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ssim.inside(a, a, mask(1, Float.NaN), 2))
                .withMessage("ssim: a weight of the mask is NaN");
    }
}
