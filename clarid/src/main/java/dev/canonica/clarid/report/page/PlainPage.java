package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Note;
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
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
        return begin("<section>", heading, text);
    }

    /**
     * Begins a section that is told from the others by a class of its own.
     *
     * @param kind the class
     */
    PlainPage section(String heading, String text, String kind) {
        return begin("<section class=\"%s\">".formatted(Html.text(kind)), heading, text);
    }

    private PlainPage begin(String tag, String heading, String text) {
        close();
        body.append(tag).append("\n<h2>%s</h2>\n".formatted(Html.text(heading)));
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
     * A table of texts. Columns of words begin at their left, those of numbers end at their right.
     *
     * @param head of all columns, that of the rows' names first
     * @param rows each with its name first
     */
    public PlainPage table(List<String> head, List<List<String>> rows) {
        rows.stream().filter(row -> row.size() != head.size()).findFirst().ifPresent(row -> {
            throw new IllegalArgumentException(
                    "page: row %s has %s cells for %s columns".formatted(row, row.size(), head.size()));
        });
        List<String> classes = IntStream.range(0, head.size())
                .mapToObj(c -> c > 0 && isOfWords(rows, c) ? " class=\"words\"" : "")
                .toList();
        body.append("<div class=\"scroll\"><table class=\"numbers\"><thead><tr>");
        for (int c = 0; c < head.size(); c++) {
            body.append("<th scope=\"col\"%s>%s</th>".formatted(classes.get(c), Html.text(head.get(c))));
        }
        body.append("</tr></thead><tbody>\n");
        for (List<String> row : rows) {
            body.append("<tr><th scope=\"row\">%s</th>".formatted(Html.text(row.getFirst())));
            for (int c = 1; c < row.size(); c++) {
                body.append("<td%s>%s</td>".formatted(classes.get(c), Html.text(row.get(c))));
            }
            body.append("</tr>\n");
        }
        body.append("</tbody></table></div>\n");
        return this;
    }

    /** Whether a column's cells, where there are any, begin with letters. */
    private static boolean isOfWords(List<List<String>> rows, int column) {
        List<String> cells = rows.stream()
                .map(row -> row.get(column))
                .filter(cell -> !cell.isEmpty())
                .toList();
        return !cells.isEmpty() && cells.stream().allMatch(cell -> Character.isLetter(cell.codePointAt(0)));
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

    /** Notes in their order. */
    public PlainPage notes(List<Note> notes) {
        body.append("<div class=\"notes\"><ul>\n").append(Tables.notes(notes)).append("</ul></div>\n");
        return this;
    }

    /**
     * A link.
     *
     * @param address where it leads: the page itself loads nothing from there; empty for the text alone
     */
    public record Link(String text, String address) {
        private String html() {
            String shown = Html.text(text).replace("/", "/<wbr>"); // paths break there
            return address.isEmpty()
                    ? "<span>" + shown + "</span>"
                    : "<a href=\"%s\">%s</a>".formatted(Html.text(address), shown);
        }
    }

    /**
     * Something that has a formula.
     *
     * @param title its name
     * @param texts what is said of it, each a formula as it is laid out, or a text
     * @param links to what belongs to it
     * @param facts a line of what was found; empty for none
     * @param led where that line leads, at its end
     * @param bad whether that is marked
     */
    public record Entry(String title, List<Piece> texts, List<Link> links, String facts, List<Link> led, boolean bad) {
        /** Whose line leads nowhere. */
        public Entry(String title, List<Piece> texts, List<Link> links, String facts, boolean bad) {
            this(title, texts, links, facts, List.of(), bad);
        }

        private String found() {
            String kind = bad ? " class=\"bad\"" : led.isEmpty() ? " class=\"found\"" : "";
            String to = led.stream().map(l -> " " + l.html()).collect(Collectors.joining(","));
            return facts.isEmpty() ? "" : "<p%s>%s%s</p>".formatted(kind, Html.text(facts), to);
        }

        private String addresses() {
            return links.stream().map(Link::html).collect(Collectors.joining(" "));
        }
    }

    /**
     * A text, or a formula.
     *
     * @param formula whether its line breaks and columns are kept
     */
    public record Piece(String text, boolean formula) {
        private String html() {
            return (formula ? "<pre class=\"formula\">%s</pre>" : "<p>%s</p>").formatted(Html.text(text));
        }
    }

    /**
     * What is opened where a reader asks for it, and open on paper.
     *
     * @param summary what it is
     * @param content adds it to the page
     */
    public PlainPage folded(String summary, Consumer<PlainPage> content) {
        body.append(unfold(summary));
        content.accept(this);
        body.append("</details>\n");
        return this;
    }

    private static String unfold(String summary) {
        return "<details class=\"fold\"><summary>%s</summary>\n".formatted(Html.text(summary));
    }

    /**
     * Entries one below the other, what is said of each folded behind what was found.
     *
     * @param summary of what is folded
     */
    public PlainPage entries(List<Entry> entries, String summary) {
        body.append("<div class=\"entries\">\n");
        for (Entry e : entries) {
            body.append(e.bad ? "<article class=\"entry lost\">" : "<article class=\"entry\">")
                    .append("<div><h3>%s</h3><p class=\"links\">%s</p></div><div>"
                            .formatted(Html.text(e.title), e.addresses()));
            body.append(e.found()).append(unfold(summary));
            e.texts.forEach(t -> body.append(t.html()));
            body.append("</details></div></article>\n");
        }
        body.append("</div>\n");
        return this;
    }

    /**
     * A table of entries: name and links, formulas, numbers. On narrow screens each row is a block.
     *
     * @param head of the columns of numbers
     * @param rows entries with as many cells each
     */
    public PlainPage ledger(List<String> head, Map<Entry, List<Cell>> rows) {
        body.append(
                "<div class=\"scroll\"><table class=\"ledger\"><thead><tr><th scope=\"col\"></th><th scope=\"col\"></th>");
        head.forEach(h -> body.append("<th scope=\"col\">%s</th>".formatted(Html.text(h))));
        body.append("</tr></thead><tbody>\n");
        rows.forEach((e, cells) -> {
            if (cells.size() != head.size()) {
                throw new IllegalArgumentException(
                        "page: row %s has %s cells for %s columns".formatted(e.title, cells.size(), head.size()));
            }
            body.append(e.bad ? "<tr class=\"lost\">" : "<tr>")
                    .append("<th scope=\"row\"><code>%s</code><small>%s</small></th><td class=\"said\">"
                            .formatted(Html.text(e.title), e.addresses()));
            e.texts.forEach(t -> body.append(t.html()));
            body.append("</td>");
            for (int i = 0; i < cells.size(); i++) {
                body.append(
                        "<td data-head=\"%s\">%s</td>".formatted(Html.text(head.get(i)), Html.text(cells.get(i).text)));
            }
            body.append("</tr>\n");
        });
        body.append("</tbody></table></div>\n");
        return this;
    }

    /** Links in a line. */
    public PlainPage links(List<Link> links) {
        body.append("<p class=\"links\">%s</p>\n"
                .formatted(links.stream().map(Link::html).collect(Collectors.joining(" · "))));
        return this;
    }

    /** Lines to sign on. */
    public PlainPage signature(List<String> labels) {
        body.append("<div class=\"signature\">\n");
        labels.forEach(l -> body.append("<div><span></span>%s</div>\n".formatted(Html.text(l))));
        body.append("</div>\n");
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
