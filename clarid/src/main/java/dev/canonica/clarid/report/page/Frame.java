package dev.canonica.clarid.report.page;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the images of one item are stored and shown. The samples of a series lie side by side in one strip, so that the page
 * shows another k by moving the strip behind a window, and one PNG header serves them all.
 *
 * @param width of one stored image, in pixels
 * @param height of one stored image, in pixels
 * @param zoom CSS pixels per stored pixel
 */
record Frame(int width, int height, int zoom) {
    /** Larger images are stored reduced to this: a page of full-size images would be too large to send. */
    static final int LARGEST = 128;

    private static final int SHOWN = 96;

    static Frame of(Image image) {
        int longer = Math.max(image.width(), image.height());
        double scale = Math.min(1, (double) LARGEST / longer);
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        return new Frame(width, height, Math.max(1, SHOWN / Math.max(width, height)));
    }

    int cssWidth() {
        return width * zoom;
    }

    int cssHeight() {
        return height * zoom;
    }

    /** Whether each pixel is to be seen as a square. */
    boolean pixelated() {
        return zoom > 1;
    }

    /** The images side by side as a PNG in a data URI; transparent where there is none. */
    String strip(List<@Nullable Image> images) {
        int type = images.stream().anyMatch(Objects::isNull) ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
        BufferedImage strip = new BufferedImage(width * images.size(), height, type);
        Graphics2D graphics = strip.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get(i);
            if (image != null) {
                draw(graphics, image, i * width);
            }
        }
        graphics.dispose();
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(Png.smallest(strip));
    }

    private void draw(Graphics2D graphics, Image image, int left) {
        BufferedImage pixels = image.toRgb().toBufferedImage();
        if (image.width() > width || image.height() > height) {
            graphics.drawImage(
                    pixels.getScaledInstance(width, height, java.awt.Image.SCALE_AREA_AVERAGING), left, 0, null);
        } else {
            graphics.drawImage(pixels, left, 0, width, height, null);
        }
    }

    /** The image in the size in which it is stored. */
    BufferedImage stored(Image image) {
        BufferedImage stored = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = stored.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        draw(graphics, image, 0);
        graphics.dispose();
        return stored;
    }
}
