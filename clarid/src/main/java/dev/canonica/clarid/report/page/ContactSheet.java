package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import dev.canonica.clarid.report.page.Lettering.Style;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All images on one sheet: a row for each, with the original, the reconstruction, canonical samples at some k and at the
 * elbow, or at the chosen strength and the next stronger one, and the controls at the position that the report shows first. Long lists go on in further panels to the right.
 */
public final class ContactSheet {
    private static final int MARGIN = 32;
    private static final int GAP = 8;
    private static final int LABEL = 132;
    private static final int CAPTION = 16;
    private static final int HEAD = 58;
    private static final int TITLE = 56;
    private static final int BETWEEN = 40;
    private static final int PANEL_ROWS = 15;
    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x1b1d21);
    private static final Color MUTED = new Color(0x6a7079);
    private static final Color NONE = new Color(0xececec);
    private static final Style TITLE_STYLE = new Style(24, true, INK);
    private static final Style HINT_STYLE = new Style(13, false, MUTED);
    private static final Style CLASS_STYLE = new Style(14, true, INK);
    private static final Style HEAD_STYLE = new Style(11, false, INK);
    private static final Style OURS_STYLE = new Style(11, true, new Color(0x1f54c7));
    private static final Style SMALL_STYLE = new Style(11, false, MUTED);

    private record Column(String title, String subtitle, Style style, Function<Item, @Nullable Sample> sample) {}

    private final ReportData data;
    private final List<Column> columns = new ArrayList<>();
    private final Lettering lettering = Lettering.load();
    private final int cellWidth;
    private final int cellHeight;

    private ContactSheet(ReportData data) {
        this.data = data;
        List<Frame> frames =
                data.items().stream().map(item -> Frame.of(item.original())).toList();
        this.cellWidth = frames.stream().mapToInt(Frame::cssWidth).max().orElseThrow();
        this.cellHeight = frames.stream().mapToInt(Frame::cssHeight).max().orElseThrow();
        addColumns();
    }

    /**
     * Writes the sheet as a PNG file, under a temporary name first, then moved into place.
     *
     * @throws dev.canonica.tensor.io.FormatException if the file cannot be written
     */
    public static void write(ReportData data, Path file) {
        Png.write(draw(data), file);
    }

    /** The sheet. */
    public static BufferedImage draw(ReportData data) {
        return new ContactSheet(data).sheet();
    }

    private void addColumns() {
        boolean damped = data.about().damped();
        columns.add(new Column("original", "", HEAD_STYLE, item -> new Sample(item.original(), "", Map.of())));
        columns.add(new Column("reconstruction", title(0), HEAD_STYLE, Item::reconstruction));
        List<Series> series = Series.of(data);
        String method = series.getFirst().name();
        int[] shown = damped ? new int[] {data.k(), data.k() + 1} : new int[] {1, 3};
        for (int k : shown) {
            if (k <= data.n()) {
                columns.add(new Column(method, title(k), OURS_STYLE, item -> at(Series.CANONICAL, item, k)));
            }
        }
        if (!damped) {
            columns.add(new Column(
                    method,
                    "elbow",
                    OURS_STYLE,
                    item -> at(Series.CANONICAL, item, item.directions().elbow())));
        }
        int k = Math.max(1, data.k());
        for (Series control : series.subList(1, series.size())) {
            columns.add(new Column(control.name(), "as " + title(k), HEAD_STYLE, item -> at(control, item, k)));
        }
    }

    private String title(int k) {
        return Step.of(data, k).title();
    }

    private static @Nullable Sample at(Series series, Item item, int k) {
        List<Sample> samples = series.of(item);
        return k < samples.size() ? samples.get(k) : null;
    }

    private BufferedImage sheet() {
        int count = data.items().size();
        int panels = (count + PANEL_ROWS - 1) / PANEL_ROWS;
        int rows = (count + panels - 1) / panels;
        int panelWidth = LABEL + columns.size() * (cellWidth + GAP) - GAP;
        int rowHeight = cellHeight + CAPTION + GAP;
        int width = 2 * MARGIN + panels * (panelWidth + BETWEEN) - BETWEEN;
        int height = 2 * MARGIN + TITLE + HEAD + rows * rowHeight;
        BufferedImage sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(PAPER);
        graphics.fillRect(0, 0, width, height);
        String hint = "controls change each image as much as its canonical sample there";
        lettering.write(graphics, data.about().title(), TITLE_STYLE, 0, MARGIN, MARGIN + 22, width - 2 * MARGIN);
        lettering.write(graphics, hint, HINT_STYLE, 0, MARGIN, MARGIN + 44, width - 2 * MARGIN);
        for (int panel = 0; panel < panels; panel++) {
            int left = MARGIN + panel * (panelWidth + BETWEEN);
            head(graphics, left, MARGIN + TITLE);
            for (int row = 0; row < rows && panel * rows + row < count; row++) {
                Item item = data.items().get(panel * rows + row);
                row(graphics, item, left, MARGIN + TITLE + HEAD + row * rowHeight);
            }
        }
        graphics.dispose();
        return sheet;
    }

    private void head(Graphics2D graphics, int left, int top) {
        int most = cellWidth + GAP - 2;
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            int middle = left(left, c) + cellWidth / 2;
            String[] lines = column.title().split(", ", 2); // "local shrink, norm restored" is too wide for one
            int line = top + (lines.length == 1 ? 33 : 18);
            for (String text : lines) {
                lettering.write(graphics, text, column.style(), 0.5, middle, line, most);
                line += 15;
            }
            lettering.write(graphics, column.subtitle(), SMALL_STYLE, 0.5, middle, top + 48, most);
        }
    }

    private void row(Graphics2D graphics, Item item, int left, int top) {
        int most = LABEL - 12;
        lettering.write(graphics, item.className(), CLASS_STYLE, 0, left, top + 16, most);
        List<String> facts = List.of(
                item.name(),
                item.group(),
                data.about().damped() ? "" : "elbow " + item.directions().elbow());
        for (int line = 0; line < facts.size(); line++) {
            lettering.write(graphics, facts.get(line), SMALL_STYLE, 0, left, top + 32 + 15 * line, most);
        }
        for (int c = 0; c < columns.size(); c++) {
            Sample sample = columns.get(c).sample().apply(item);
            int x = left(left, c);
            int middle = x + cellWidth / 2;
            Image image = sample == null ? null : sample.image();
            String label = sample == null ? "not made" : sample.label();
            if (image == null) {
                graphics.setColor(NONE);
                graphics.fillRect(x, top, cellWidth, cellHeight);
                lettering.wrap(graphics, label, SMALL_STYLE, middle, top + cellHeight / 2, cellWidth - 8);
            } else {
                picture(graphics, image, x, top);
                lettering.write(graphics, label, SMALL_STYLE, 0.5, middle, top + cellHeight + 13, cellWidth + GAP - 2);
            }
        }
    }

    /** Pixels become squares; only what is too large is averaged. */
    private void picture(Graphics2D graphics, Image image, int x, int y) {
        Frame frame = Frame.of(image);
        java.awt.Image pixels = image.toRgb().toBufferedImage();
        if (image.width() > frame.width() || image.height() > frame.height()) {
            pixels = pixels.getScaledInstance(frame.width(), frame.height(), java.awt.Image.SCALE_AREA_AVERAGING);
        }
        graphics.drawImage(pixels, x, y, frame.cssWidth(), frame.cssHeight(), null);
    }

    private int left(int panel, int column) {
        return panel + LABEL + column * (cellWidth + GAP);
    }
}
