package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.io.AtomicFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A page of sections, with tables and charts, in the style of the report: one HTML file that needs nothing else. The same content gives the same bytes.
 */
public final class PlainPage {
    private final String kicker;
    private final String title;
    private final String lead;
    private final StringBuilder body = new StringBuilder();
    private boolean open;
    private boolean sorts;

    /**
     * A page.
     *
     * @param kicker a few words over the title
     * @param lead one or two sentences: what was done
     */
    public PlainPage(String kicker, String title, String lead) {
        this.kicker = kicker;
        this.title = title;
        this.lead = lead;
    }

    /** Begins a section; what is added next belongs to it. */
    public PlainPage section(String heading, String text) {
        close();
        body.append("<section>\n<h2>%s</h2>\n".formatted(Html.text(heading)));
        open = true;
        return paragraph(text);
    }

    /**
     * Begins a section that is told from the others by a class of its own.
     *
     * @param kind the class
     */
    PlainPage section(String heading, String text, String kind) {
        close();
        body.append("<section class=\"%s\">\n<h2>%s</h2>\n".formatted(Html.text(kind), Html.text(heading)));
        open = true;
        return paragraph(text);
    }

    private void close() {
        if (open) {
            body.append("</section>\n");
        }
        open = false;
    }

    /** Text; nothing if it is empty. */
    public PlainPage paragraph(String text) {
        if (!text.isEmpty()) {
            body.append("<p>%s</p>\n".formatted(Html.text(text)));
        }
        return this;
    }

    /**
     * Charts side by side.
     *
     * @param charts SVG, by captions
     */
    public PlainPage charts(Map<String, String> charts) {
        body.append("<div class=\"charts wide\">\n");
        charts.forEach((caption, chart) ->
                body.append("<figure><figcaption>%s</figcaption>%s</figure>\n".formatted(Html.text(caption), chart)));
        body.append("</div>\n");
        return this;
    }

    /**
     * A table of texts.
     *
     * @param head of all columns, that of the rows' names first
     * @param rows each with its name first
     */
    public PlainPage table(List<String> head, List<List<String>> rows) {
        body.append("<div class=\"scroll\"><table class=\"numbers\"><thead><tr>");
        head.forEach(h -> body.append("<th scope=\"col\">%s</th>".formatted(Html.text(h))));
        body.append("</tr></thead><tbody>\n");
        for (List<String> row : rows) {
            if (row.size() != head.size()) {
                throw new IllegalArgumentException(
                        "page: row %s has %s cells for %s columns".formatted(row, row.size(), head.size()));
            }
            body.append("<tr><th scope=\"row\">%s</th>".formatted(Html.text(row.getFirst())));
            row.subList(1, row.size()).forEach(cell -> body.append("<td>%s</td>".formatted(Html.text(cell))));
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div>\n");
        return this;
    }

    /**
     * A cell that stands for a number.
     *
     * @param text as it is written
     * @param value that rows are sorted by; NaN for none: then by the text
     */
    public record Cell(String text, double value) {
        /** A cell of text. */
        public static Cell of(String text) {
            return new Cell(text, Double.NaN);
        }
    }

    /**
     * A table whose heads sort it.
     *
     * @param head of all columns, that of the rows' names first
     * @param rows each with its name first
     * @param marked the row that is marked as the one that counts; −1 for none
     */
    public PlainPage sortable(List<String> head, List<List<Cell>> rows, int marked) {
        sorts = true;
        body.append("<div class=\"scroll\"><table class=\"numbers sortable\"><thead><tr>");
        head.forEach(h -> body.append("<th scope=\"col\">%s</th>".formatted(Html.text(h))));
        body.append("</tr></thead><tbody>\n");
        for (int i = 0; i < rows.size(); i++) {
            List<Cell> row = rows.get(i);
            body.append(i == marked ? "<tr class=\"ours\">" : "<tr>");
            for (int c = 0; c < row.size(); c++) {
                Cell cell = row.get(c);
                body.append(c == 0 ? "<th scope=\"row\"" : "<td")
                        .append(Double.isFinite(cell.value) ? " data-v=\"%s\">".formatted(cell.value) : ">")
                        .append(Html.text(cell.text))
                        .append(c == 0 ? "</th>" : "</td>");
            }
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div>\n");
        return this;
    }

    /**
     * A heat map: numbers over two axes, on the darker ground the greater they are.
     *
     * @param caption what they are
     * @param corner what rows and columns are
     * @param values [rows][columns], NaN where there is none
     */
    public PlainPage heatMap(
            String caption, String corner, List<String> rows, List<String> columns, double[][] values) {
        double[] all = Arrays.stream(values)
                .flatMapToDouble(Arrays::stream)
                .filter(Double::isFinite)
                .toArray();
        double low = Arrays.stream(all).min().orElse(0);
        double span = Arrays.stream(all).max().orElse(1) - low;
        body.append(
                "<div class=\"scroll side\"><table class=\"heat\"><caption>%s</caption><thead><tr><th scope=\"col\">%s</th>"
                        .formatted(Html.text(caption), Html.text(corner)));
        columns.forEach(c -> body.append("<th scope=\"col\">%s</th>".formatted(Html.text(c))));
        body.append("</tr></thead><tbody>\n");
        for (int r = 0; r < values.length; r++) {
            body.append("<tr><th scope=\"row\">%s</th>".formatted(Html.text(rows.get(r))));
            for (double v : values[r]) {
                double share = Double.isFinite(v) && span > 0 ? (v - low) / span : 0;
                body.append("<td style=\"--v:%s\">%s</td>"
                        .formatted(String.format(Locale.ROOT, "%.2f", share), Html.text(Numbers.format(v))));
            }
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div>\n");
        return this;
    }

    /**
     * A picture with what is said of it.
     *
     * @param signs of failure, and the like
     */
    public record Shown(Image image, List<String> signs) {}

    /**
     * Rows of pictures, one below the other.
     *
     * @param rows by their names
     */
    public PlainPage pictures(Map<String, List<Shown>> rows) {
        body.append("<div class=\"scroll\"><table class=\"pictures\"><tbody>\n");
        rows.forEach((name, shown) -> {
            body.append("<tr><th scope=\"row\">%s</th>".formatted(Html.text(name)));
            for (Shown one : shown) {
                body.append("<td>").append(Pictures.of(name, List.of(one.image)));
                one.signs.forEach(sign -> body.append("<span class=\"sign\">⚠ %s</span>".formatted(Html.text(sign))));
                body.append("</td>");
            }
            body.append("</tr>\n");
        });
        body.append("</tbody></table></div>\n");
        return this;
    }

    /** Names and values. */
    public PlainPage pairs(Map<String, String> pairs) {
        body.append("<dl class=\"pairs\">\n").append(Tables.pairs(pairs)).append("</dl>\n");
        return this;
    }

    /** A command line. */
    public PlainPage command(String command) {
        body.append("<div class=\"command\"><pre><code>%s</code></pre></div>\n".formatted(Html.text(command)));
        return this;
    }

    /** The page as HTML. */
    public String html() {
        close();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("style", Template.resource("report.css").text());
        values.put("kicker", Html.text(kicker));
        values.put("title", Html.text(title));
        values.put("lead", Html.text(lead));
        values.put("body", body.toString());
        values.put("script", sorts ? Template.resource("sort.js").text() : "");
        return Template.resource("page.html").fill(values);
    }

    /**
     * Writes it, moved into place when complete.
     *
     * @throws dev.canonica.tensor.io.FormatException if the file cannot be written
     */
    public void write(Path file) {
        byte[] page = html().getBytes(StandardCharsets.UTF_8);
        AtomicFiles.write(file, out -> out.write(page));
    }
}
