package dev.canonica.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.canonica.data.DataException;
import dev.canonica.data.TestFiles;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.Idx;
import dev.canonica.data.set.ImageFolder;
import dev.canonica.data.set.LabelledFolder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif"})
    void readsLosslessFormats(String format) throws IOException {
        BufferedImage image = colours(BufferedImage.TYPE_INT_RGB);
        Image read = read(TestFiles.encode(image, format));
        assertThat(read.channels()).isEqualTo(3);
        assertThat(read.height()).isEqualTo(5);
        assertThat(read.width()).isEqualTo(7);
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 7; x++) {
                assertThat(rgb(read, y, x)).isEqualTo(image.getRGB(x, y) & 0xffffff);
            }
        }
    }

    @Test
    void readsJpeg() throws IOException {
        BufferedImage red = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 81; i++) {
            red.setRGB(i % 9, i / 9, 0xc02010);
        }
        assertNear(read(TestFiles.encode(red, "jpg")), 0xc02010, 4);
    }

    @Test
    void greyStaysAsStored() throws IOException {
        BufferedImage grey = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage deep = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        int[] values = {0, 100, 255};
        for (int x = 0; x < 3; x++) {
            grey.getRaster().setSample(x, 0, 0, values[x]);
            deep.getRaster().setSample(x, 0, 0, values[x] * 257);
        }
        for (BufferedImage image : new BufferedImage[] {grey, deep}) {
            Image read = read(TestFiles.encode(image, "png"));
            for (int x = 0; x < 3; x++) {
                assertThat(rgb(read, 0, x)).isEqualTo(values[x] * 0x010101);
            }
        }
    }

    /** A scan costs a pass over the image, whatever it holds: libjpeg would take half an hour over 17,548 of a large one. */
    @Test
    void scansOfProgressiveJpegsAreBounded() throws IOException {
        byte[] whole;
        try (InputStream in = ImageFilesTest.class.getResourceAsStream("pillow/progressive_420.jpg")) {
            whole = in.readAllBytes();
        }
        int last = whole.length - 2;
        int scan = last;
        while (whole[scan] != (byte) 0xff || whole[scan + 1] != (byte) 0xda) {
            scan--;
        }
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(whole, 0, scan);
        for (int i = 0; i < 501; i++) {
            many.write(whole, scan, last - scan);
        }
        assertThatThrownBy(() -> read(many.toByteArray()))
                .isInstanceOf(DataException.class)
                .hasMessage("x.img: more than 500 scans of 131 x 77 pixels; encoders write some ten");
    }

    @Test
    void aJpegWithoutItsEndMarkerIsWholeOnlyWhereItsPixelsAre() throws IOException {
        byte[] baseline = TestFiles.encode(noise(20, 30), "jpg");
        assertThat(read(Arrays.copyOf(baseline, baseline.length - 2)).pixels())
                .isEqualTo(read(baseline).pixels());
        byte[] progressive;
        try (InputStream in = ImageFilesTest.class.getResourceAsStream("pillow/progressive_420.jpg")) {
            progressive = in.readAllBytes();
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(progressive, progressive.length - 2)))
                .hasMessage("x.img: truncated or corrupt JPEG: its end marker is missing, and with it perhaps scans");
    }

    @Test
    void aPngWithAWrongChecksumIsRefused() throws IOException {
        byte[] png = TestFiles.encode(noise(9, 9), "png");
        png[60] ^= 1;
        assertThatThrownBy(() -> read(png)).hasMessage("x.img: corrupt image: checksum of chunk IDAT");
    }

    @Test
    void transparencyIsLeftOut() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00405060);
        image.setRGB(1, 0, 0xff102030);
        image.setRGB(2, 0, 0x80070809);
        Image read = read(TestFiles.encode(image, "png"));
        assertThat(rgb(read, 0, 0)).isEqualTo(0x405060);
        assertThat(rgb(read, 0, 1)).isEqualTo(0x102030);
        assertThat(rgb(read, 0, 2)).isEqualTo(0x070809);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "jpg"})
    void truncatedFilesAreRefused(String format) throws IOException {
        byte[] whole = TestFiles.encode(noise(40, 40), format);
        for (int length : new int[] {whole.length / 2, whole.length / 4, 20, 9}) {
            assertThatThrownBy(() -> read(Arrays.copyOf(whole, length)))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("x.img: ")
                    .message()
                    .hasLineCount(1);
        }
    }

    @Test
    void flippedBytesGiveOneExceptionOnly() throws IOException {
        for (String format : new String[] {"png", "bmp", "gif", "jpg"}) {
            byte[] whole = TestFiles.encode(noise(9, 9), format);
            for (int i = 0; i < whole.length; i++) {
                byte[] broken = whole.clone();
                broken[i] ^= (byte) 0xff;
                try {
                    assertThat(read(broken).channels()).isEqualTo(3);
                } catch (DataException e) {
                    assertThat(e).hasMessageStartingWith("x.img: ");
                }
            }
        }
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> read("hello".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(DataException.class)
                .hasMessage("x.img: not a PNG, JPEG, BMP or GIF image");
        assertThatThrownBy(() -> read(new byte[0])).hasMessage("x.img: an empty file");
        assertThatThrownBy(() -> ImageFiles.read(Path.of("none.png")))
                .hasMessage("none.png: cannot be read: no such file");
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatIsNoFileIsRefusedAtOnce(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("pipe.png");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        for (Path none : new Path[] {pipe, Path.of("/dev/zero"), folder}) {
            String message = none + ": cannot be read: it is a " + (none == folder ? "folder" : "pipe or device")
                    + ", and a file is needed";
            assertThatThrownBy(() -> ImageFiles.read(none)).hasMessage(message);
            assertThatThrownBy(() -> Idx.open(none, null)).hasMessage(message);
            if (none != folder) {
                assertThatThrownBy(() -> DataSets.open(none.toString(), List.of()))
                        .hasMessage(message);
                assertThatThrownBy(() -> ImageFolder.open(none)).hasMessage(message);
            }
        }
        Path table = Files.createDirectories(folder.resolve("set")).resolve("labels.csv");
        Files.writeString(table, "file,class\npipe.png,a\n");
        Files.move(pipe, folder.resolve("set/pipe.png"));
        assertThatThrownBy(() -> LabelledFolder.open(folder.resolve("set")))
                .hasMessageEndingWith("pipe.png: cannot be read: it is a pipe or device, and a file is needed");
    }

    @Test
    void hugeImagesAreRefusedUnread() {
        ByteBuffer png = ByteBuffer.allocate(33);
        png.putLong(0x89504E470D0A1A0AL).putInt(13).put("IHDR".getBytes(StandardCharsets.US_ASCII));
        png.putInt(16_000).putInt(16_000).put(new byte[] {8, 2, 0, 0, 0});
        CRC32 sum = new CRC32();
        sum.update(png.array(), 12, 17);
        png.putInt((int) sum.getValue());
        assertThatThrownBy(() -> read(png.array()))
                .hasMessage("x.img: 16000 x 16000 pixels; at most 16384 a side and 67108864 in all are read");
    }

    @Test
    void sheetsAndFilesKeepPixels(@TempDir Path folder) {
        Image grey = new Image(1, 1, 2, new byte[] {0, 10});
        Image colour = new Image(3, 2, 1, new byte[] {1, 2, 3, 4, 5, 6});
        Image sheet = Png.sheet(List.of(grey, colour, grey), 2, 3, 1);
        assertThat(sheet.height()).isEqualTo(2 * 6 + 1);
        assertThat(sheet.width()).isEqualTo(2 * 6 + 1);
        assertThat(rgb(sheet, 2, 3)).isEqualTo(0x0a0a0a);
        assertThat(rgb(sheet, 5, 7)).isEqualTo(0x040506);
        assertThat(rgb(sheet, 0, 6)).isEqualTo(0xffffff);
        assertThat(rgb(sheet, 7, 0)).isZero();

        Path file = folder.resolve("sheet.png");
        Png.write(sheet, file);
        assertThat(ImageFiles.read(file).pixels()).isEqualTo(sheet.pixels());
        assertThat(folder.toFile().list()).containsExactly("sheet.png");
        Path nowhere = folder.resolve("none/sheet.png");
        assertThatThrownBy(() -> Png.write(sheet, nowhere))
                .hasMessage(nowhere + ": cannot be written: its folder does not exist");
    }

    private static Image read(byte[] bytes) throws IOException {
        return ImageFiles.read(new ByteArrayInputStream(bytes), "x.img");
    }

    private static BufferedImage colours(int type) {
        BufferedImage image = new BufferedImage(7, 5, type);
        int[] few = {0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0x336699};
        for (int i = 0; i < 35; i++) {
            image.setRGB(i % 7, i / 7, few[i % few.length]);
        }
        return image;
    }

    private static BufferedImage noise(int height, int width) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < height * width; i++) {
            image.setRGB(i % width, i / width, i * 0x9E3779B1);
        }
        return image;
    }

    private static int rgb(Image image, int y, int x) {
        return image.at(y, x, 0) << 16 | image.at(y, x, 1) << 8 | image.at(y, x, 2);
    }

    private static void assertNear(Image image, int rgb, int tolerance) {
        for (int c = 0; c < 3; c++) {
            assertThat(Math.abs(image.at(4, 4, c) - (rgb >> 16 - 8 * c & 0xff))).isLessThanOrEqualTo(tolerance);
        }
    }
}
