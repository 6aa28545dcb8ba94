package dev.canonica.data.image;

import dev.canonica.tensor.io.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes images and sheets of images as PNG files, which are whole or not there ({@link AtomicFiles}). */
public final class Png {

    private Png() {}

    /**
     * Writes one image.
     *
     * @throws dev.canonica.tensor.io.FormatException if the file cannot be written
     */
    public static void write(Image image, Path file) {
        write(image.toBufferedImage(), file);
    }

    /**
     * Writes any picture, a chart or a sheet.
     *
     * @throws dev.canonica.tensor.io.FormatException if the file cannot be written
     */
    public static void write(BufferedImage image, Path file) {
        byte[] png = encoded(image, false);
        AtomicFiles.write(file, out -> out.write(png));
    }

    /** The bytes of the file that {@link #write(Image, Path)} writes. */
    public static byte[] bytes(Image image) {
        return encoded(image.toBufferedImage(), false);
    }

    /** The bytes of a PNG file, as small as the writer can make them. */
    public static byte[] smallest(BufferedImage image) {
        return encoded(image, true);
    }

    /** In memory, not into a file: what Image I/O has not flushed when it fails, a thread of its own flushes later. */
    private static byte[] encoded(BufferedImage image, boolean small) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            encode(image, bytes, small);
        } catch (IOException e) {
            throw new UncheckedIOException("PNG in memory", e);
        }
        return bytes.toByteArray();
    }

    private static void encode(BufferedImage image, OutputStream out, boolean small) throws IOException {
        ImageWriter writer = ImageCodecs.PNG.writer();
        ImageWriteParam param = writer.getDefaultWriteParam();
        if (small) {
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(0);
        }
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
    }

    /**
     * A sheet of images, row by row, each pixel a square of {@code scale} × {@code scale}, with {@code gap} pixels of white
     * between images. Grey and RGB may be mixed; images smaller than the largest sit at the top left of their cell.
     */
    public static Image sheet(List<Image> images, int columns, int scale, int gap) {
        if (images.isEmpty() || columns < 1 || scale < 1 || gap < 0) {
            throw new IllegalArgumentException(
                    "sheet: %d images, %d columns, scale %d, gap %d".formatted(images.size(), columns, scale, gap));
        }
        int cellHeight = images.stream().mapToInt(Image::height).max().orElseThrow() * scale;
        int cellWidth = images.stream().mapToInt(Image::width).max().orElseThrow() * scale;
        int across = Math.min(columns, images.size());
        int rows = (images.size() + across - 1) / across;
        int width = Math.addExact(Math.multiplyExact(across, cellWidth + gap), -gap);
        int height = Math.addExact(Math.multiplyExact(rows, cellHeight + gap), -gap);
        byte[] sheet = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        Arrays.fill(sheet, (byte) 255);
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get(i).toRgb();
            int top = i / across * (cellHeight + gap);
            int left = i % across * (cellWidth + gap);
            for (int y = 0; y < image.height() * scale; y++) {
                for (int x = 0; x < image.width() * scale; x++) {
                    int from = 3 * (y / scale * image.width() + x / scale);
                    System.arraycopy(image.pixels(), from, sheet, 3 * ((top + y) * width + left + x), 3);
                }
            }
        }
        return new Image(3, height, width, sheet);
    }
}
