package dev.canonica.data.image;

import dev.canonica.data.DataException;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG file: its markers, and its pixels as RGB. The JDK's decoder is given the tables, frame and scans alone and returns
 * samples as they are stored; the conversion to RGB is here, by the rules of libjpeg and Pillow, so that no colour profile,
 * metadata or plug-in can change a pixel.
 *
 * <pre>
 *   YCbCr   R = Y + 1.402 Cr    G = Y − 0.34414 Cb − 0.71414 Cr    B = Y + 1.772 Cb    (ITU-T T.871; Cb, Cr about 128)
 *   CMYK    R = (255 − C) (255 − K) / 255, …; files hold 255 − C, 255 − M, 255 − Y, 255 − K (as Adobe writes them)
 *   YCCK    255 − C, 255 − M, 255 − Y are R, G, B of the YCbCr part
 * </pre>
 */
final class Jpeg {
    /** The most scans of a file; encoders write some ten. */
    private static final int MAX_SCANS = 500;

    /** The most pixels over all scans: each scan of a progressive file passes over the whole image. */
    private static final long MAX_SCANNED = 1L << 31;

    private final String name;
    private final byte[] bytes;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private int position;

    private boolean jfif;
    private int adobe = -1;
    private int width;
    private int height;
    private boolean progressive;
    private int[] components = {};
    private int scans;

    private Jpeg(byte[] bytes, String name) {
        this.bytes = bytes;
        this.name = name;
    }

    static Image decode(byte[] bytes, String name) throws IOException {
        Jpeg jpeg = new Jpeg(bytes, name);
        jpeg.walk();
        return jpeg.decode();
    }

    // ------------------------------------------------------------------------------------------------ markers

    /** Copies what the decoder needs and notes what says which colours the components are. */
    private void walk() {
        kept.write(0xff);
        kept.write(0xd8);
        position = 2;
        boolean ended = false;
        while (!ended && position < bytes.length) {
            if (at(position) != 0xff) {
                position++;
                continue;
            }
            int marker = at(position + 1);
            if (marker == 0xff) {
                position++;
            } else if (marker == 0xd9) {
                ended = true;
            } else if (marker <= 0x01 || marker >= 0xd0 && marker <= 0xd8) {
                position += 2;
            } else {
                segment(marker);
            }
        }
        if (components.length == 0 || scans == 0) {
            throw truncated("it ends before its pixels");
        }
        if (!ended && progressive) {
            throw truncated("its end marker is missing, and with it perhaps scans");
        }
        kept.write(0xff);
        kept.write(0xd9);
    }

    private void segment(int marker) {
        int length = at(position + 2) << 8 | at(position + 3);
        int end = position + 2 + length;
        if (length < 2 || end > bytes.length) {
            throw truncated(
                    "marker 0x%02x says %d bytes, of %d left".formatted(marker, length, bytes.length - position - 2));
        }
        int body = position + 4;
        if (marker == 0xe0) {
            jfif |= starts(body, end, "JFIF\0", 12);
        } else if (marker == 0xee) {
            adobe = starts(body, end, "Adobe", 12) ? at(body + 11) : adobe;
        } else if (marker >= 0xe0 && marker <= 0xef || marker == 0xfe) {
            // other applications' data, comments: profiles, cameras' notes, thumbnails
        } else {
            if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
                frame(marker, body, end);
            }
            if (marker == 0xda) {
                end = scan(end);
            }
            kept.write(bytes, position, end - position);
        }
        position = end;
    }

    private void frame(int marker, int body, int end) {
        if (marker > 0xc2) {
            throw new DataException(
                    "%s: a JPEG of process SOF%d (lossless, hierarchical or arithmetic); baseline and progressive are read"
                            .formatted(name, marker - 0xc0));
        }
        int count = at(body + 5);
        if (components.length > 0 || end - body != 6 + 3 * count) {
            throw new DataException("%s: corrupt image: frame header".formatted(name));
        }
        if (at(body) != 8) {
            throw new DataException("%s: a JPEG of %d bits a sample; 8 are read".formatted(name, at(body)));
        }
        if (count != 1 && count != 3 && count != 4) {
            throw new DataException(
                    "%s: a JPEG of %d components; 1 (grey), 3 (RGB) and 4 (CMYK) are read".formatted(name, count));
        }
        height = at(body + 1) << 8 | at(body + 2);
        width = at(body + 3) << 8 | at(body + 4);
        ImageFiles.checkSize(width, height, name);
        progressive = marker == 0xc2;
        components = new int[count];
        for (int c = 0; c < count; c++) {
            components[c] = at(body + 6 + 3 * c);
        }
    }

    /** The end of the coded data that follow a scan's header: the next marker that is not one inside of them. */
    private int scan(int from) {
        scans++;
        if (scans > MAX_SCANS || (long) scans * width * height > MAX_SCANNED) {
            throw new DataException("%s: more than %d scans of %d x %d pixels; encoders write some ten"
                    .formatted(name, scans - 1, width, height));
        }
        for (int i = from; i + 1 < bytes.length; i++) {
            int next = at(i + 1);
            if (at(i) == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
                return i;
            }
        }
        return bytes.length;
    }

    private boolean starts(int body, int end, String text, int least) {
        byte[] start = text.getBytes(StandardCharsets.US_ASCII);
        return end - body >= least && Arrays.equals(bytes, body, body + start.length, start, 0, start.length);
    }

    /** The byte at {@code i}, 0 behind the end. */
    private int at(int i) {
        return i < bytes.length ? bytes[i] & 0xff : 0;
    }

    private DataException truncated(String how) {
        return new DataException("%s: truncated or corrupt JPEG: %s".formatted(name, how));
    }

    // ------------------------------------------------------------------------------------------------ pixels

    private Image decode() throws IOException {
        ImageReader reader = ImageCodecs.JPEG.reader();
        @Nullable String[] damage = {null};
        reader.addIIOReadWarningListener((_, message) -> {
            String lower = message.toLowerCase(Locale.ROOT);
            // libjpeg goes on with grey after both; what it says of stray bytes between markers costs no pixel.
            if (lower.contains("premature end") || lower.contains("bad huffman code")) {
                damage[0] = message;
            }
        });
        try (MemoryCacheImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(kept.toByteArray()))) {
            reader.setInput(in, true, true);
            Raster raster = reader.readRaster(0, null);
            if (damage[0] != null) {
                throw truncated(damage[0]);
            }
            byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
            return new Image(3, height, width, rgb(samples));
        } finally {
            reader.dispose();
        }
    }

    private byte[] rgb(byte[] samples) {
        if (components.length == 1) {
            return new Image(1, height, width, samples).toRgb().pixels();
        }
        int stride = components.length;
        byte[] rgb = stride == 3 ? samples : new byte[3 * width * height];
        boolean ycc = stride == 3 ? luminance() : adobe > 0;
        for (int from = 0, to = 0; to < rgb.length; from += stride, to += 3) {
            int r = samples[from] & 0xff;
            int g = samples[from + 1] & 0xff;
            int b = samples[from + 2] & 0xff;
            if (ycc) {
                int y = r;
                int cb = g - 128;
                int cr = b - 128;
                r = clamp(y + fixed(R_CR * cr));
                g = clamp(y + fixed(G_CB * cb + G_CR * cr));
                b = clamp(y + fixed(B_CB * cb));
            }
            if (stride == 4) {
                int white = samples[from + 3] & 0xff;
                r = ycc ? ink(r, white) : ink(255 - r, white);
                g = ycc ? ink(g, white) : ink(255 - g, white);
                b = ycc ? ink(b, white) : ink(255 - b, white);
            }
            rgb[to] = (byte) r;
            rgb[to + 1] = (byte) g;
            rgb[to + 2] = (byte) b;
        }
        return rgb;
    }

    /** libjpeg's rule for three components: JFIF is YCbCr, Adobe's marker says, else components named R, G, B are RGB. */
    private boolean luminance() {
        if (jfif) {
            return true;
        }
        return adobe >= 0 ? adobe != 0 : !Arrays.equals(components, new int[] {'R', 'G', 'B'});
    }

    private static final int R_CR = weight(1.402);
    private static final int G_CB = weight(-0.34414);
    private static final int G_CR = weight(-0.71414);
    private static final int B_CB = weight(1.772);

    private static int weight(double w) {
        return (int) Math.round(w * (1 << 16));
    }

    /** Sixteen bits behind the point, rounded: the same integer on every machine. */
    private static int fixed(int product) {
        return product + (1 << 15) >> 16;
    }

    private static int clamp(int v) {
        return Math.clamp(v, 0, 255);
    }

    /** What an ink of 0 … 255 leaves of the light {@code white} = 255 − K, rounded. */
    private static int ink(int ink, int white) {
        return white - (2 * ink * white + 255) / 510;
    }
}
