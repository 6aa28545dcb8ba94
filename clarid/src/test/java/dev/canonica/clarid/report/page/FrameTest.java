package dev.canonica.clarid.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameTest {

    static BufferedImage decode(String uri) throws IOException {
        String prefix = "data:image/png;base64,";
        assertThat(uri).startsWith(prefix);
        byte[] png = Base64.getDecoder().decode(uri.substring(prefix.length()));
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    private static Image image(int channels, int height, int width, int seed) {
        byte[] pixels = new byte[channels * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 37 + seed);
        }
        return new Image(channels, height, width, pixels);
    }

    @ParameterizedTest
    @CsvSource({
        "32, 32, 32, 32, 3",
        "28, 28, 28, 28, 3",
        "1, 1, 1, 1, 96",
        "33, 17, 33, 17, 2",
        "128, 128, 128, 128, 1",
        "512, 256, 128, 64, 1",
        "4000, 2, 128, 1, 1"
    })
    void storesSmallImagesAsTheyAreAndLargeOnesReduced(int width, int height, int stored, int storedHeight, int zoom) {
        assertThat(Frame.of(image(3, height, width, 0))).isEqualTo(new Frame(stored, storedHeight, zoom));
    }

    @Test
    void keepsEveryPixel() throws IOException {
        Image grey = image(1, 5, 7, 3);
        Image colour = image(3, 5, 7, 11);
        BufferedImage strip = decode(Frame.of(grey).strip(Arrays.asList(colour, null, grey)));
        assertThat(strip.getWidth()).isEqualTo(21);
        assertThat(strip.getHeight()).isEqualTo(5);
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 7; x++) {
                int rgb = colour.at(y, x, 0) << 16 | colour.at(y, x, 1) << 8 | colour.at(y, x, 2);
                assertThat(strip.getRGB(x, y)).isEqualTo(0xff000000 | rgb);
                assertThat(strip.getRGB(7 + x, y) >>> 24).isZero();
                assertThat(strip.getRGB(14 + x, y)).isEqualTo(0xff000000 | grey.at(y, x, 0) * 0x10101);
            }
        }
    }

    @Test
    void averagesWhatItReduces() throws IOException {
        byte[] checks = new byte[256 * 256];
        for (int i = 0; i < checks.length; i++) {
            checks[i] = (byte) ((i % 256 + i / 256) % 2 * 200);
        }
        Image image = new Image(1, 256, 256, checks);
        BufferedImage reduced = decode(Frame.of(image).strip(Arrays.asList(image)));
        assertThat(reduced.getWidth()).isEqualTo(128);
        assertThat(reduced.getRGB(64, 64) & 255).isBetween(98, 102);
    }
}
