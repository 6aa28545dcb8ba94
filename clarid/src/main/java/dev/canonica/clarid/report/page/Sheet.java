package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.JpegCompression;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All pictures of one item in one JPEG: a row for each series that it has, with a sample for each position of the slider; a row with the original and the directions as pictures; a row for
 * each way in which the latent was moved along them. The page shows one of them through a window; one header and one set of codes serve all.
 *
 * @param frame how each is stored and shown
 * @param rows of pictures, null where there is none; no longer than the first
 * @param series the first rows'
 */
record Sheet(Frame frame, List<List<@Nullable Image>> rows, List<Series> series) {
    /** JPEG codes blocks of so many pixels where chroma is halved: no block is to hold two pictures. */
    private static final int BLOCK = 16;

    /**
     * How well a sheet is stored.
     *
     * @param jpeg 1 … 100
     * @param fullChroma whether colours are stored as finely as brightness, which small pixels shown large need
     */
    record Quality(int jpeg, boolean fullChroma) {}

    static Sheet of(Item item, List<Series> all) {
        List<Series> series =
                all.stream().filter(one -> !one.of(item).isEmpty()).toList();
        List<List<@Nullable Image>> rows = new ArrayList<>();
        for (Series one : series) {
            rows.add(one.of(item).stream().<@Nullable Image>map(Sample::image).toList());
        }
        List<@Nullable Image> original = new ArrayList<>(List.of(item.original()));
        original.addAll(item.directions().pictures());
        rows.add(original);
        item.directions().moved().values().forEach(images -> rows.add(List.copyOf(images)));
        return new Sheet(Frame.of(item.original()), rows, series);
    }

    /** The row of a series that the item has. */
    int row(Series one) {
        return series.indexOf(one);
    }

    /** The row with the original, and after it the directions. */
    int original() {
        return series.size();
    }

    /** The row of a way in which the latent was moved. */
    int moved(int way) {
        return series.size() + 1 + way;
    }

    /** The place of a series among the thumbnails, after the original and the reconstruction. */
    int thumbnail(Series one) {
        return 2 + row(one);
    }

    /** The original, the reconstruction, and of each series the sample at a position of the slider, in one row. */
    Sheet thumbnails(int k, int longest) {
        List<@Nullable Image> row = new ArrayList<>(
                Arrays.asList(rows.get(original()).getFirst(), rows.getFirst().getFirst()));
        for (int s = 0; s < series.size(); s++) {
            List<@Nullable Image> samples = rows.get(s);
            row.add(samples.get(Math.min(k, samples.size() - 1)));
        }
        double scale = Math.min(1, (double) longest / Math.max(frame.width(), frame.height()));
        Frame small = new Frame(
                Math.max(1, (int) Math.round(frame.width() * scale)),
                Math.max(1, (int) Math.round(frame.height() * scale)),
                frame.zoom());
        return new Sheet(small, List.of(Collections.unmodifiableList(row)), series);
    }

    int columns() {
        return rows.stream().mapToInt(List::size).max().orElseThrow();
    }

    private static int padded(int size) {
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** The size on the page: how many pictures across and down, and of each with its margin the CSS pixels; {@code before} of the names. */
    String css(String before, Frame shown) {
        return "--%scols:%s;--%srows:%s;--%sw:%spx;--%sh:%spx"
                .formatted(
                        before,
                        columns(),
                        before,
                        rows.size(),
                        before,
                        pixels(padded(frame.width()), shown.cssWidth(), frame.width()),
                        before,
                        pixels(padded(frame.height()), shown.cssHeight(), frame.height()));
    }

    private static String pixels(int padded, int shown, int stored) {
        double size = (double) padded * shown / stored;
        return size == Math.rint(size) ? Integer.toString((int) size) : Double.toString(Math.rint(size * 1e4) / 1e4);
    }

    /** The JPEG file. The margin of a picture repeats its last pixels, and what is not there is grey, which costs least. */
    byte[] jpeg(Quality quality) {
        int width = padded(frame.width());
        int height = padded(frame.height());
        BufferedImage sheet = new BufferedImage(width * columns(), height * rows.size(), BufferedImage.TYPE_INT_RGB);
        for (int r = 0; r < rows.size(); r++) {
            for (int c = 0; c < columns(); c++) {
                Image image = c < rows.get(r).size() ? rows.get(r).get(c) : null;
                BufferedImage stored = image == null ? null : frame.stored(image);
                for (int y = 0; y < height; y++) {
                    for (int x = 0; x < width; x++) {
                        int rgb = stored == null
                                ? 0x808080
                                : stored.getRGB(Math.min(x, frame.width() - 1), Math.min(y, frame.height() - 1));
                        sheet.setRGB(c * width + x, r * height + y, rgb);
                    }
                }
            }
        }
        return JpegCompression.bytes(sheet, quality.jpeg, quality.fullChroma);
    }
}
