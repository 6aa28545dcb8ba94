package dev.canonica.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Small files that the tests read. */
public final class TestFiles {
    private TestFiles() {}

    /** An image as the file of a format. */
    public static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        return out.toByteArray();
    }

    /** An IDX file that says these dimensions and holds so many bytes: 0, 1, 2, … */
    public static byte[] idx(int[] dims, int length) {
        ByteBuffer out = ByteBuffer.allocate(4 + 4 * dims.length + length);
        out.putInt(0x0800 | dims.length);
        for (int dim : dims) {
            out.putInt(dim);
        }
        for (int i = 0; i < length; i++) {
            out.put((byte) i);
        }
        return out.array();
    }

    public static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
            packed.write(content);
        }
        return out.toByteArray();
    }
}
