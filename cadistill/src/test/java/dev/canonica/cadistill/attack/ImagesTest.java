package dev.canonica.cadistill.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImagesTest {
    private static Images of(Shape shape, int label) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 100f;
        }
        return Images.of(List.of(values), new int[] {label}, shape);
    }

    /** The same values in rows of another length are other images: what was found of the one is not taken for the other's. What is drawn depends on the values alone. */
    @Test
    void theDigestHasTheShape() {
        Images wide = of(Shape.of(3, 4, 8), 1);
        Images tall = of(Shape.of(3, 8, 4), 1);
        assertThat(of(Shape.of(3, 4, 8), 1).digest()).isEqualTo(wide.digest());
        assertThat(of(Shape.of(3, 4, 8), 2).digest()).isNotEqualTo(wide.digest());
        assertThat(tall.digest()).isNotEqualTo(wide.digest());
        assertThat(tall.key(0)).isEqualTo(wide.key(0));
    }
}
