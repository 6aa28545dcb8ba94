package dev.canonica.data;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes PNG, JPEG (CMYK too), BMP and GIF (the first frame) to RGB. Transparent pixels are laid over white; the
 * orientation that a camera noted in EXIF is ignored, as torchvision does.
 */
public final class ImageFiles {

    /** The largest width or height that is decoded. */
    static final int MAX_SIDE = 1 << 14;

    /** The most pixels that are decoded: a small file may claim to be a huge image. */
    private static final long MAX_PIXELS = 1L << 26;

    /** The most bytes that are read of one file or zip entry. */
    private static final int MAX_BYTES = 1 << 26;

    private static final Set<String> SUFFIXES = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    private ImageFiles() {}

    /** Whether the name ends like an image's. */
    static boolean isImage(String name) {
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** Reads and decodes one file. */
    public static Image read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
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
     */
    static Image read(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new DataException("%s: more than %d bytes".formatted(name, MAX_BYTES));
        }
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new DataException("%s: not a PNG, JPEG, BMP or GIF image".formatted(name));
            }
            ImageReader reader = readers.next();
            try {
                return decode(reader, stream, name);
            } finally {
                reader.dispose();
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
    }

    private static Image decode(ImageReader reader, ImageInputStream stream, String name) throws IOException {
        Truncation truncation = new Truncation();
        reader.addIIOReadWarningListener(truncation);
        reader.setInput(stream, true, true);
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
            throw new DataException("%s: %d x %d pixels; at most %d a side and %d in all are read"
                    .formatted(name, width, height, MAX_SIDE, MAX_PIXELS));
        }
        BufferedImage decoded = reader.read(0);
        if (truncation.warning != null) {
            throw new DataException("%s: truncated image: %s".formatted(name, truncation.warning));
        }
        return toRgb(decoded);
    }

    /**
     * The JPEG reader fills the rest of a truncated image with grey and only warns. It warns as well where only the end
     * marker is missing, and such an image is whole.
     */
    private static final class Truncation implements IIOReadWarningListener {
        private @Nullable String warning;

        @Override
        public void warningOccurred(ImageReader source, String message) {
            if (message.toLowerCase(Locale.ROOT).contains("premature end")) {
                warning = message;
            }
        }
    }

    private static Image toRgb(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] rgb = new byte[3 * width * height];
        if (image.getColorModel() instanceof ComponentColorModel
                && image.getRaster().getNumBands() <= 2) {
            grey(image, rgb);
            return new Image(3, height, width, rgb);
        }
        int[] row = new int[width];
        for (int y = 0, p = 0; y < height; y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int argb : row) {
                int alpha = argb >>> 24;
                rgb[p++] = overWhite(argb >> 16 & 0xff, alpha);
                rgb[p++] = overWhite(argb >> 8 & 0xff, alpha);
                rgb[p++] = overWhite(argb & 0xff, alpha);
            }
        }
        return new Image(3, height, width, rgb);
    }

    /** Takes grey values as they are stored: Java's own conversion takes them for linear light and brightens them. */
    private static void grey(BufferedImage image, byte[] rgb) {
        Raster raster = image.getRaster();
        int shift = raster.getSampleModel().getSampleSize(0) - 8;
        boolean transparent = raster.getNumBands() == 2;
        for (int y = 0, p = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++, p += 3) {
                int sample = raster.getSample(x, y, 0);
                int alpha = transparent ? raster.getSample(x, y, 1) >> shift : 255;
                byte v = overWhite(shift >= 0 ? sample >> shift : sample * 255 / ((1 << 8 + shift) - 1), alpha);
                rgb[p] = v;
                rgb[p + 1] = v;
                rgb[p + 2] = v;
            }
        }
    }

    private static byte overWhite(int value, int alpha) {
        return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}
