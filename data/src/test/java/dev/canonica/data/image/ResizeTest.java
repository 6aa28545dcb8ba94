package dev.canonica.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResizeTest {

    /** {@code Image.resize(size, BILINEAR, box=(2, 0, 11, 9))} of Pillow 12, which rounds to a byte after either axis. */
    @Test
    void agreesWithPillow() {
        byte[] pixels = new byte[13 * 9];
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 13; x++) {
                pixels[y * 13 + x] = (byte) (x * 37 + y * 91 + x * y * 13);
            }
        }
        Image image = new Image(1, 9, 13, pixels);
        assertNear(
                Resize.fit(image, 5, 5),
                135,
                128,
                147,
                107,
                92,
                147,
                148,
                128,
                149,
                109,
                133,
                139,
                130,
                132,
                142,
                130,
                170,
                143,
                156,
                130,
                170,
                132,
                139,
                153,
                163);
        assertNear(
                Resize.fit(image, 16, 16),
                66,
                87,
                108,
                128,
                149,
                170,
                191,
                212,
                160,
                37,
                18,
                39,
                60,
                80,
                101,
                122,
                105,
                129,
                152,
                134,
                111,
                134,
                157,
                181,
                156,
                85,
                82,
                106,
                83,
                64,
                88,
                111,
                169,
                197,
                224,
                143,
                48,
                75,
                102,
                130);
    }

    @Test
    void keepsConstantsAndCropsTheCentre() {
        byte[] pixels = new byte[3 * 4 * 10];
        Arrays.fill(pixels, (byte) 200);
        for (int y = 0; y < 4; y++) {
            Arrays.fill(pixels, (y * 10) * 3, (y * 10 + 2) * 3, (byte) 0);
        }
        Image square = Resize.fit(new Image(3, 4, 10, pixels), 3, 3);
        assertThat(square.channels()).isEqualTo(3);
        for (byte v : square.pixels()) {
            assertThat(Byte.toUnsignedInt(v)).isEqualTo(200);
        }
        assertThat(Resize.fit(square, 7, 2).height()).isEqualTo(7);
        assertThat(Resize.fit(square, 1, 1).at(0, 0, 2)).isEqualTo(200);
        assertThat(Resize.fit(square, 3, 3)).isSameAs(square);
    }

    private static void assertNear(Image image, int... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) Byte.toUnsignedInt(image.pixels()[i]))
                    .as("pixel %d", i)
                    .isCloseTo(expected[i], within(1.0));
        }
    }
}
