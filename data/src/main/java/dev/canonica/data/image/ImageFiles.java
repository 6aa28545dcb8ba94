package dev.canonica.data.image;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.RegularFile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG, JPEG (CMYK too), BMP and GIF (the first frame) to RGB of 8 bits, as torchvision's image folders do, which is
 * Pillow's {@code open(file).convert("RGB")}. One rule for all formats: samples are taken as they are stored.
 *
 * <ul>
 *   <li>Colour profiles (ICC), gamma and chromaticities are ignored; so is the orientation that a camera noted in EXIF.
 *   <li>Transparency is left out: a pixel has the colour that is stored for it, whether it would be seen or not.
 *   <li>Grey is R = G = B; 1, 2 and 4 bits are spread over 0 … 255; of 16 bits the upper 8 are taken (Pillow does this for
 *       RGB, but cuts 16-bit grey off at 255, which leaves nothing of it).
 *   <li>The format is that of the content, whatever the name ends with.
 * </ul>
 *
 * <p>The pixels are the same on every thread and under every class loader.
 */
public final class ImageFiles {

    /** The largest width or height that is decoded. */
    public static final int MAX_SIDE = 1 << 14;

    /** The most pixels that are decoded: a small file may claim to be a huge image. */
    private static final long MAX_PIXELS = 1L << 26;

    /** The most bytes that are read of one file or zip entry. */
    public static final int MAX_BYTES = 1 << 26;

    private static final Set<String> SUFFIXES = Set.of("png", "jpg", "jpeg", "jpe", "jfif", "bmp", "gif");

    private ImageFiles() {}

    /** Whether the name ends like an image's. */
    public static boolean isImage(String name) {
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** Reads and decodes one file. */
    public static Image read(Path file) {
        try (InputStream in = RegularFile.stream(file)) {
            return read(in, file.toString());
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
    }

    /**
     * Reads and decodes an image.
     *
     * @param name what errors call it
     * @throws DataException if it is corrupt, truncated, too large or of no known format
     * @throws IOException if the stream fails
     */
    public static Image read(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new DataException("%s: more than %d bytes".formatted(name, MAX_BYTES));
        }
        try {
            if (begins(bytes, "\u0089PNG\r\n\u001a\n")) {
                return toRgb(decode(ImageCodecs.PNG, PngChunks.essential(bytes, name), name));
            }
            if (begins(bytes, "\u00ff\u00d8")) {
                return Jpeg.decode(bytes, name);
            }
            if (begins(bytes, "GIF87a") || begins(bytes, "GIF89a")) {
                return gif(bytes, name);
            }
            if (begins(bytes, "BM")) {
                refuseEmbedded(bytes, name);
                return toRgb(decode(ImageCodecs.BMP, bytes, name));
            }
        } catch (IOException | RuntimeException e) {
            // The readers answer corrupt data with any exception there is: out of bounds, negative sizes, null.
            if (e instanceof DataException known) {
                throw known;
            }
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new DataException(
                    "%s: corrupt image: %s"
                            .formatted(name, reason.lines().findFirst().orElse("")),
                    e);
        }
        throw new DataException("%s: %s".formatted(name, what(bytes)));
    }

    /** What a file is that cannot be read. */
    private static String what(byte[] bytes) {
        if (bytes.length == 0) {
            return "an empty file";
        }
        String other = null;
        if (begins(bytes, "RIFF") && bytes.length >= 12 && begins(Arrays.copyOfRange(bytes, 8, 12), "WEBP")) {
            other = "WebP";
        } else if (begins(bytes, "II*\0") || begins(bytes, "MM\0*")) {
            other = "TIFF";
        } else if (bytes.length >= 12 && begins(Arrays.copyOfRange(bytes, 4, 8), "ftyp")) {
            other = begins(Arrays.copyOfRange(bytes, 8, 12), "avi") ? "AVIF" : "HEIF";
        } else if (begins(bytes, "\0\0\0\u000cjP  ")) {
            other = "JPEG 2000";
        } else if (begins(bytes, "\u00ff\n") || begins(bytes, "\0\0\0\u000cJXL ")) {
            other = "JPEG XL";
        }
        return other == null
                ? "not a PNG, JPEG, BMP or GIF image"
                : "a %s image, whatever its name says; PNG, JPEG, BMP and GIF are read".formatted(other);
    }

    private static boolean begins(byte[] bytes, String signature) {
        byte[] start = signature.getBytes(StandardCharsets.ISO_8859_1);
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    /** Refuses an image by its header. */
    static void checkSize(int width, int height, String name) {
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
            throw new DataException("%s: %d x %d pixels; at most %d a side and %d in all are read"
                    .formatted(name, width, height, MAX_SIDE, MAX_PIXELS));
        }
    }

    /** A BMP file may hold a whole JPEG or PNG; the JDK would ask the registry for a reader of it. */
    private static void refuseEmbedded(byte[] bytes, String name) {
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length >= 34 && header.getInt(14) >= 40 && (header.getInt(30) == 4 || header.getInt(30) == 5)) {
            throw new DataException(
                    "%s: a BMP that holds a JPEG or PNG; save that as a file of its own".formatted(name));
        }
    }

    private static BufferedImage decode(ImageCodecs format, byte[] bytes, String name) throws IOException {
        ImageReader reader = format.reader();
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            checkSize(reader.getWidth(0), reader.getHeight(0), name);
            return reader.read(0);
        } finally {
            reader.dispose();
        }
    }

    private static Image gif(byte[] bytes, String name) throws IOException {
        BufferedImage frame = decode(ImageCodecs.GIF, bytes, name);
        GifScreen screen = GifScreen.of(bytes);
        IndexColorModel palette = (IndexColorModel) frame.getColorModel();
        return screen.place(
                toRgb(frame), screen.fill() < palette.getMapSize() ? palette.getRGB(screen.fill()) : 0, name);
    }

    /** The samples as they are stored; {@code getRGB} would convert them by whatever colour space the reader found. */
    private static Image toRgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        IndexColorModel palette = image.getColorModel() instanceof IndexColorModel indexed ? indexed : null;
        int[] sizes = raster.getSampleModel().getSampleSize();
        byte[] rgb = new byte[3 * width * height];
        int[] row = new int[width * bands];
        for (int y = 0, p = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < 3; c++) {
                    if (palette != null) {
                        rgb[p++] = (byte) (palette.getRGB(row[x]) >> 16 - 8 * c);
                    } else {
                        int band = bands < 3 ? 0 : c;
                        rgb[p++] = eight(row[x * bands + band], sizes[band]);
                    }
                }
            }
        }
        return new Image(3, height, width, rgb);
    }

    /** A sample of {@code bits} bits as one of eight, rounded down where there is anything to round. */
    private static byte eight(int sample, int bits) {
        return (byte) (bits >= 8 ? sample >> bits - 8 : 255 * sample / ((1 << bits) - 1));
    }
}
