package dev.canonica.cadistill.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import dev.canonica.data.named.Scenes;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.data.set.Subset;
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

    private final Backgrounds backgrounds = new Backgrounds(IMAGES, ObjectLayers.masks(BackgroundsTest::mask), 4);

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
        assertThat(new Backgrounds(IMAGES, ObjectLayers.masks(BackgroundsTest::mask), 4)
                        .image("mixed-rand", 7)
                        .pixels())
                .isEqualTo(backgrounds.image("mixed-rand", 7).pixels());
    }

    @Test
    void opacityBlends() {
        byte[] half = new byte[SIDE * SIDE];
        java.util.Arrays.fill(half, (byte) 51); // a fifth
        Backgrounds soft = new Backgrounds(IMAGES, ObjectLayers.masks(i -> new Image(1, SIDE, SIDE, half)), 4);
        assertThat(soft.image("only-foreground", 4).at(4, 4, 2)).isEqualTo(21); // 104 / 5, rounded
        // an object that reaches all edges leaves four fifths of each pixel
        assertThat(soft.image("only-background", 4).at(4, 4, 2)).isEqualTo(83);
    }

    /** Two splits of Scenes show the same garments over other backgrounds: exchanging these makes the images of the one those of the other, to a level or two. */
    @Test
    void trueBackgroundsAreExchangedExactly() {
        ImageSet garments = new FlatImages(10, 10, Scenes.GARMENT) {
            @Override
            public int channels() {
                return 1;
            }

            @Override
            public Image image(int i) {
                byte[] grey = new byte[Scenes.GARMENT * Scenes.GARMENT];
                for (int p = 0; p < grey.length; p++) {
                    grey[p] = (byte) (p * (7 + i) % 97); // dim edges among them
                }
                return new Image(1, Scenes.GARMENT, Scenes.GARMENT, grey);
            }
        };
        Scenes test = new Scenes(garments, Scenes.Split.TEST, 3, Scenes.RHO, 30);
        Backgrounds exact = new Backgrounds(test, ObjectLayers.of(test), 4);
        boolean same = true;
        for (int i = 0; i < test.size(); i++) {
            int donor = -1;
            Image mixed = exact.image("mixed-same", i);
            for (int j = 0; j < test.size(); j++) {
                donor = apart(mixed, composed(test, i, j)) <= 2 ? j : donor;
            }
            assertThat(donor).isNotNegative().isNotEqualTo(i);
            assertThat(test.label(donor)).isEqualTo(test.label(i));
            assertThat(exact.image("only-background", i).pixels())
                    .isEqualTo(test.backgroundImage(i).pixels());
            same &= apart(test.image(i), exact.image("mixed-rand", i)) <= 2;
            Image object = exact.image("only-foreground", i);
            Image none = exact.image("no-foreground", i);
            int apart = 0;
            for (int p = 0; p < object.pixels().length; p++) {
                int sum = (object.pixels()[p] & 0xff) + (none.pixels()[p] & 0xff);
                apart = Math.max(apart, Math.abs(sum - (test.image(i).pixels()[p] & 0xff)));
            }
            assertThat(apart).as("object and background add up").isLessThanOrEqualTo(2);
        }
        assertThat(same).isFalse();
        assertThat(new Backgrounds(Subset.first(test, 7), ObjectLayers.of((MaskedImageSet) Subset.first(test, 7)), 4)
                        .image("only-background", 6)
                        .pixels())
                .isEqualTo(test.backgroundImage(6).pixels());
    }

    /** The garment of image i over the background of image j, in floating point. */
    private static Image composed(Scenes scenes, int i, int j) {
        byte[] x = scenes.image(i).pixels();
        byte[] own = scenes.backgroundImage(i).pixels();
        byte[] other = scenes.backgroundImage(j).pixels();
        byte[] mask = scenes.mask(i).pixels();
        byte[] pixels = new byte[x.length];
        for (int p = 0; p < x.length; p++) {
            double clear = 1 - (mask[p / 3] & 0xff) / 255.0;
            pixels[p] = (byte) Math.clamp(
                    Math.round((x[p] & 0xff) + clear * ((other[p] & 0xff) - (own[p] & 0xff))), 0, 255);
        }
        return new Image(3, Scenes.SIDE, Scenes.SIDE, pixels);
    }

    private static int apart(Image a, Image b) {
        int most = 0;
        for (int p = 0; p < a.pixels().length; p++) {
            most = Math.max(most, Math.abs((a.pixels()[p] & 0xff) - (b.pixels()[p] & 0xff)));
        }
        return most;
    }
}
