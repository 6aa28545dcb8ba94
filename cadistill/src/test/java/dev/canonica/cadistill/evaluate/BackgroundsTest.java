package dev.canonica.cadistill.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackgroundsTest {
    private static final int SIDE = 9;

    /** The object is a square of 4 × 4 at (3, 2). */
    private static Image mask(int i) {
        byte[] mask = new byte[SIDE * SIDE];
        for (int y = 3; y < 7; y++) {
            for (int x = 2; x < 6; x++) {
                mask[y * SIDE + x] = (byte) 255;
            }
        }
        return new Image(1, SIDE, SIDE, mask);
    }

    private static boolean inside(int y, int x) {
        return y >= 3 && y < 7 && x >= 2 && x < 6;
    }

    /** Ten images of three classes; the object of image i is of 100 + i, the pixel (y, x) beside it of 10 i + y. */
    private static final FlatImages IMAGES = new FlatImages(10, 3, SIDE) {
        @Override
        public Image image(int i) {
            byte[] pixels = new byte[3 * SIDE * SIDE];
            for (int p = 0; p < pixels.length; p++) {
                int y = p / 3 / SIDE;
                pixels[p] = (byte) (inside(y, p / 3 % SIDE) ? 100 + i : 10 * i + y);
            }
            return new Image(3, SIDE, SIDE, pixels);
        }
    };

    private final Backgrounds backgrounds = new Backgrounds(IMAGES, BackgroundsTest::mask, 4);

    @Test
    void objectsAndBackgroundsAlone() {
        Image object = backgrounds.image("only-foreground", 3);
        Image none = backgrounds.image("no-foreground", 3);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                assertThat(object.at(y, x, 1)).isEqualTo(inside(y, x) ? 103 : 0);
                assertThat(none.at(y, x, 1)).isEqualTo(inside(y, x) ? 0 : 30 + y);
            }
        }
    }

    /** The largest rectangle beside the object is that above it, rows 0 to 2, which fills the box from its top on. */
    @Test
    void aBoxIsFilledWithWhatLiesBeside() {
        Image background = backgrounds.image("only-background", 5);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                assertThat(background.at(y, x, 0)).isEqualTo(50 + (inside(y, x) ? (y - 3) % 3 : y));
            }
        }
    }

    @Test
    void backgroundsAreThoseOfTheClassOrOfAny() {
        Set<Integer> any = new HashSet<>();
        for (int i = 0; i < IMAGES.size(); i++) {
            Image same = backgrounds.image("mixed-same", i);
            assertThat(same.at(4, 4, 0)).isEqualTo(100 + i);
            int donor = same.at(0, 0, 0) / 10;
            assertThat(IMAGES.label(donor)).isEqualTo(IMAGES.label(i));
            assertThat(donor).isNotEqualTo(i);
            Image rand = backgrounds.image("mixed-rand", i);
            assertThat(rand.at(4, 4, 0)).isEqualTo(100 + i);
            any.add(IMAGES.label(rand.at(0, 0, 0) / 10));
        }
        assertThat(any).hasSize(3);
        assertThat(new Backgrounds(IMAGES, BackgroundsTest::mask, 4)
                        .image("mixed-rand", 7)
                        .pixels())
                .isEqualTo(backgrounds.image("mixed-rand", 7).pixels());
    }

    @Test
    void opacityBlends() {
        byte[] half = new byte[SIDE * SIDE];
        java.util.Arrays.fill(half, (byte) 51); // a fifth
        Backgrounds soft = new Backgrounds(IMAGES, i -> new Image(1, SIDE, SIDE, half), 4);
        assertThat(soft.image("only-foreground", 4).at(4, 4, 2)).isEqualTo(21); // 104 / 5, rounded
        // an object that reaches all edges leaves four fifths of each pixel
        assertThat(soft.image("only-background", 4).at(4, 4, 2)).isEqualTo(83);
    }
}
