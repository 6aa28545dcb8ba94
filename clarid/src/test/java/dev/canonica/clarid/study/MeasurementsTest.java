package dev.canonica.clarid.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.metrics.Pixels;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On 16 × 16 images whose left half is the object and whose right half has vertical stripes. */
class MeasurementsTest {
    private static final int SIDE = 16;

    private final float[] object = mask();
    private final Pixels striped = image(0.5f, 0.3f);

    @Test
    void whatIsUnchangedMeasuresOne() {
        Map<String, Double> m = new Measurements(striped, striped, object).of(striped);
        assertThat(m).hasSize(4);
        assertThat(m.get("Change")).isZero();
        assertThat(m.get("Background variance")).isCloseTo(1, within(1e-12));
        assertThat(m.get("Background variation")).isCloseTo(1, within(1e-12));
        assertThat(m.get("Object SSIM")).isCloseTo(1, within(1e-9));
    }

    /** Stripes of half the height: a quarter of the variance, half of the variation; a change in half of the pixels. */
    @Test
    void fainterStripes() {
        Map<String, Double> m = new Measurements(striped, striped, object).of(image(0.25f, 0.3f));
        assertThat(m.get("Background variance")).isCloseTo(0.25, within(1e-6));
        assertThat(m.get("Background variation")).isCloseTo(0.5, within(0.02));
        assertThat(m.get("Change")).isCloseTo(0.25 / Math.sqrt(2), within(1e-6));
        assertThat(m.get("Object SSIM")).isGreaterThan(0.8);
    }

    /** The object's own change shows in its similarity alone. */
    @Test
    void anotherObject() {
        Map<String, Double> m = new Measurements(striped, striped, object).of(image(0.5f, -0.9f));
        assertThat(m.get("Background variance")).isCloseTo(1, within(1e-6));
        assertThat(m.get("Object SSIM")).isLessThan(0.6);
    }

    @Test
    void withoutAMask() {
        Map<String, Double> m = new Measurements(striped, striped, null).of(striped);
        assertThat(m.keySet()).containsExactly("Change", "Variation", "SSIM");
        assertThat(m.get("SSIM")).isCloseTo(1, within(1e-9));
    }

    private static Pixels image(float stripe, float body) {
        float[] values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            int column = i % SIDE;
            values[i] = column < SIDE / 2 ? body : column % 2 == 0 ? stripe : -stripe;
        }
        return new Pixels(1, SIDE, SIDE, values);
    }

    private static float[] mask() {
        float[] mask = new float[SIDE * SIDE];
        for (int row = 0; row < SIDE; row++) {
            Arrays.fill(mask, row * SIDE, row * SIDE + SIDE / 2, 1);
        }
        return mask;
    }
}
