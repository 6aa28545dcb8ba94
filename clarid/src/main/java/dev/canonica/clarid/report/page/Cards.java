package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.chart.Marks;
import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One card for each image: the original, the reconstruction, and at the slider's k the canonical sample and controls. */
final class Cards {
    private final ReportData data;
    private final List<Series> series;
    private final Map<String, Group> groups;
    private final Album album;

    Cards(ReportData data, Album album) {
        this.data = data;
        this.album = album;
        this.series = Series.of(data);
        this.groups = Group.byName(data);
    }

    String html() {
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < data.items().size(); i++) {
            card(html, i, data.items().get(i));
        }
        return html.toString();
    }

    /** The least width of a card, in CSS pixels, that holds its frames in one row. */
    int width() {
        int widest = album.sheets().stream()
                .mapToInt(sheet -> sheet.frame().cssWidth())
                .max()
                .orElseThrow();
        return (series.size() + 2) * (widest + 10);
    }

    /** The choices of the filter, each with the number of its images: all, the groups, those with warnings. */
    String filters() {
        StringBuilder html =
                new StringBuilder(option("all", "All images", data.items().size()));
        if (groups.size() > 1) {
            groups.values()
                    .forEach(group -> html.append(
                            option(group.key(), group.name(), group.items().size())));
        }
        long warned =
                data.items().stream().filter(item -> !item.warnings().isEmpty()).count();
        if (warned > 0) {
            html.append(option("warned", "With warnings", warned));
        }
        return html.toString();
    }

    private static String option(String value, String name, long count) {
        return "<option value=\"" + value + "\">" + Html.text(name) + " (" + count + ")</option>";
    }

    private void card(StringBuilder html, int index, Item item) {
        Sheet sheet = album.sheets().get(index);
        Frame frame = sheet.frame();
        Group group = Objects.requireNonNull(groups.get(item.group()));
        html.append("""
            <article class="card%s" id="image-%s" data-group="%s" data-elbow="%s" data-n="%s" \
            style="--w:%spx;--h:%spx;--n:%s;%s">
            <header><h3>%s</h3><span class="name">%s</span><span class="facts">%s</span>\
            <button type="button" class="more" aria-haspopup="dialog" aria-label="Details of %s">Details</button></header>
            <div class="frames">
            """.formatted(
                        (frame.pixelated() ? " pixels" : "")
                                + (item.warnings().isEmpty() ? "" : " warned")
                                + (album.isWhole() ? "" : " thumbs"),
                        index,
                        group.key(),
                        item.directions().elbow(),
                        item.n(),
                        frame.cssWidth(),
                        frame.cssHeight(),
                        item.n(),
                        album.css(index),
                        Html.text(item.className()),
                        Html.text(item.name()),
                        facts(item),
                        Html.text(item.name())));
        String of = "“" + item.className() + "”, " + item.name();
        still(html, index, sheet.original(), 0, "original", "Original of " + of);
        still(html, index, 0, 1, "reconstruction", "Reconstruction of " + of);
        for (Series one : series) {
            strip(html, index, item, one, of);
        }
        html.append("</div>\n");
        for (String warning : item.warnings()) {
            html.append("<p class=\"warning\">%s</p>\n".formatted(Html.text(warning)));
        }
        html.append("</article>\n");
    }

    private String facts(Item item) {
        String group = Html.text(item.group());
        if (data.about().damped()) {
            return group;
        }
        return (item.group().isBlank() ? "" : group + " · ") + "elbow "
                + item.directions().elbow();
    }

    /** A picture that stays: the first of a row, and one of the thumbnails. */
    private static void still(StringBuilder html, int index, int row, int thumbnail, String caption, String alt) {
        html.append("""
            <figure class="%s"><div class="frame">%s</div><figcaption>%s</figcaption></figure>
            """.formatted(
                        caption, picture(index, "", "--r:%s;--c:0;--t:%s".formatted(row, thumbnail), alt), caption));
    }

    private static String picture(int index, String css, String style, String alt) {
        return "<div class=\"p i%s%s\" style=\"%s\" role=\"img\" aria-label=\"%s\"></div>"
                .formatted(index, css, style, Html.text(alt));
    }

    private void strip(StringBuilder html, int index, Item item, Series one, String of) {
        List<Sample> samples = one.of(item);
        if (samples.isEmpty()) {
            html.append(
                    "<figure class=\"%s\"><div class=\"frame\"></div><figcaption>%s<small>not made</small></figcaption></figure>\n"
                            .formatted(Marks.css(one.slot()), Html.text(one.name())));
            return;
        }
        int shown = Math.min(data.k(), samples.size() - 1);
        Sheet sheet = album.sheets().get(index);
        String alt = "%s of %s, at the chosen %s"
                .formatted(
                        one.slot() == 0 ? "Canonical sample" : "Control “" + one.name() + "”",
                        of,
                        data.about().damped() ? "strength" : "k");
        html.append("""
            <figure class="%s%s"><div class="frame"><div class="view">%s\
            <div class="p i%s base" style="--r:0;--c:0;--t:1" aria-hidden="true"></div></div></div>\
            <figcaption>%s<small>%s</small></figcaption></figure>
            """.formatted(
                        Marks.css(one.slot()),
                        samples.get(shown).image() == null ? " none" : "",
                        picture(index, " strip", "--r:%s;--t:%s".formatted(sheet.row(one), sheet.thumbnail(one)), alt),
                        index,
                        Html.text(one.name()),
                        Html.text(labels(one, samples).get(shown))));
    }

    /** What stands under the samples: of the method its k, of a control its parameter. */
    private List<String> labels(Series series, List<Sample> samples) {
        List<String> labels = new ArrayList<>();
        for (Sample sample : samples) {
            boolean named = series.slot() > 0 || !sample.label().isEmpty();
            labels.add(named ? sample.label() : Step.of(data, labels.size()).title());
        }
        return labels;
    }

    /** What the script needs to know: names, and of each image labels and numbers by series and k, and its directions. */
    Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("series", series.stream().map(Series::name).toList());
        details.put(
                "steps",
                Step.all(data).stream()
                        .filter(step -> step instanceof Step.Fixed)
                        .map(Step::title)
                        .toList());
        details.put("measures", data.measures().stream().map(Measure::name).toList());
        List<Map<String, Object>> items = new ArrayList<>();
        for (int i = 0; i < data.items().size(); i++) {
            items.add(detail(data.items().get(i), album.sheets().get(i)));
        }
        details.put("items", items);
        details.put("k", data.k());
        details.put("files", album.names());
        return details;
    }

    private Map<String, Object> detail(Item item, Sheet sheet) {
        Map<String, Object> detail = new LinkedHashMap<>();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Series one : series) {
            List<Sample> samples = one.of(item);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("labels", labels(one, samples));
            row.put(
                    "made",
                    samples.stream().map(sample -> sample.image() != null).toList());
            row.put(
                    "values",
                    data.measures().stream()
                            .map(measure -> samples.stream()
                                    .map(sample -> Numbers.format(sample.value(measure)))
                                    .toList())
                            .toList());
            rows.add(row);
        }
        Directions directions = item.directions();
        detail.put("rows", rows);
        detail.put("chosen", item.chosen());
        Map<String, List<String>> byDirection = new LinkedHashMap<>();
        byDirection.put("σ", formatted(directions.sigma()));
        byDirection.put("explained", formatted(directions.explained()));
        byDirection.put("residual", formatted(directions.certificate().residuals()));
        directions.measures().forEach((name, values) -> byDirection.put(name, formatted(values)));
        detail.put("directions", byDirection);
        detail.put("original", sheet.original());
        detail.put("pictures", directions.pictures().size());
        List<Map<String, Object>> moved = new ArrayList<>();
        directions.moved().forEach((name, images) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", name);
            one.put("count", images.size());
            one.put("row", sheet.moved(moved.size()));
            moved.add(one);
        });
        detail.put("moved", moved);
        return detail;
    }

    private static List<String> formatted(double[] values) {
        return Arrays.stream(values).mapToObj(Numbers::format).toList();
    }
}
