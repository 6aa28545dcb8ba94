package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.learning.Augmentation.Pixels;
import dev.canonica.tensor.Philox;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final Philox RANDOM = new Philox(3, 7);

    /** Two channels of two rows of three, after another image of one value that must stay. */
    private static float[] image() {
        return new float[] {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    }

    private static float[] changed(Augmentation a, Philox random, long number) {
        float[] values = image();
        a.apply(new Pixels(values, 1, 2, 2, 3), random, number);
        return values;
    }

    @Test
    void mirrorExchangesLeftAndRightOfHalfOfTheImages() {
        int mirrored = 0;
        for (int i = 0; i < 1000; i++) {
            float[] v = changed(Augmentation.mirror(), RANDOM, i);
            if (!Arrays.equals(v, image())) {
                assertThat(v).containsExactly(-1, 2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9);
                mirrored++;
            }
        }
        assertThat(mirrored).isBetween(440, 560);
    }

    @Test
    void padAndCropMovesEachWay() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            seen.add(Arrays.toString(changed(Augmentation.padAndCrop(1, 0.5f), RANDOM, i)));
        }
        assertThat(seen).hasSize(9); // three places each way
        assertThat(seen).contains(Arrays.toString(image()));
        assertThat(seen) // up and left: the last row and column are border
                .contains(Arrays.toString(
                        new float[] {-1, 4, 5, 0.5f, 0.5f, 0.5f, 0.5f, 10, 11, 0.5f, 0.5f, 0.5f, 0.5f}));
        assertThatThrownBy(() -> Augmentation.padAndCrop(0, 0)).hasMessage("pad and crop: a border of 0 pixels");
    }

    /** What happens to an image is a function of stream and number, not of what was changed before. */
    @Test
    void anImagesChangeIsItsOwn() {
        Augmentation both = Augmentation.padAndCrop(2, 0).then(Augmentation.mirror());
        float[] alone = changed(both, RANDOM, 5);
        for (int i = 9; i >= 0; i--) {
            changed(both, RANDOM, i);
        }
        assertThat(changed(both, RANDOM, 5)).isEqualTo(alone);
        Set<String> others = new HashSet<>();
        for (int epoch = 0; epoch < 20; epoch++) {
            others.add(Arrays.toString(changed(both, new Philox(3, epoch), 5)));
        }
        assertThat(others.size()).isGreaterThan(8);
    }

    @Test
    void oneAfterAnotherDrawFromStreamsOfTheirOwn() {
        Augmentation twice = Augmentation.mirror().then(Augmentation.mirror());
        int mirrored = 0;
        for (int i = 0; i < 200; i++) {
            mirrored += Arrays.equals(changed(twice, RANDOM, i), image()) ? 0 : 1;
        }
        assertThat(mirrored).isBetween(70, 130); // with one stream for both it would be 0
    }

    @Test
    void noneChangesNothing() {
        assertThat(changed(Augmentation.NONE, RANDOM, 0)).isEqualTo(image());
    }
}
