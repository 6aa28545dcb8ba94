package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.chart.Marks;
import dev.canonica.clarid.report.data.Findings;
import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.JpegCompression;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a reader sees first: the first image, at the position that is shown first, as it was given, its reconstruction, its canonical sample, and at equal change local shrink, in the form that
 * belongs to the method, and the shrunk latent.
 */
final class Glance {
    private static final Sheet.Quality QUALITY = new Sheet.Quality(92, true);

    private final ReportData data;
    private final Item item;
    private final Frame frame;

    private Glance(ReportData data) {
        this.data = data;
        this.item = data.items().getFirst();
        this.frame = Frame.of(item.original());
    }

    /** As HTML; empty where nothing is removed at the first position. */
    static String html(ReportData data) {
        return data.k() == 0 ? "" : new Glance(data).html();
    }

    private String html() {
        int k = Math.min(data.k(), item.n());
        StringBuilder html = new StringBuilder();
        picture(html, "", "original", "", item.original());
        picture(
                html,
                "",
                "reconstruction",
                "nothing removed",
                item.reconstruction().image());
        for (Series one : shown()) {
            List<Sample> samples = one.of(item);
            if (k < samples.size() && samples.get(k).image() != null) {
                boolean method = one.slot() == 0;
                String label =
                        method ? Step.of(data, k).title() : samples.get(k).label() + ", equal change";
                picture(
                        html,
                        Marks.css(one.slot()),
                        one.name(),
                        label,
                        samples.get(k).image());
            }
        }
        return html.toString();
    }

    private List<Series> shown() {
        List<Series> all = Series.of(data);
        List<Series> shown = new ArrayList<>(List.of(all.getFirst()));
        List<Series> first = Findings.first(data);
        if (!first.isEmpty()) {
            shown.add(data.about().restored() ? first.getLast() : first.getFirst());
        }
        all.stream()
                .filter(s -> s.name().equals("shrunk latent") && !shown.contains(s))
                .forEach(shown::add);
        return shown;
    }

    private void picture(StringBuilder html, String css, String name, String label, @Nullable Image image) {
        if (image == null) {
            return;
        }
        String jpeg = Base64.getEncoder()
                .encodeToString(JpegCompression.bytes(frame.stored(image), QUALITY.jpeg(), QUALITY.fullChroma()));
        html.append("""
            <figure class="%s"><img src="data:image/jpeg;base64,%s" width="%s" height="%s" alt="%s of “%s”%s">\
            <figcaption>%s<small>%s</small></figcaption></figure>
            """.formatted(
                        css,
                        jpeg,
                        frame.cssWidth(),
                        frame.cssHeight(),
                        Html.text(Html.capital(name)),
                        Html.text(item.className()),
                        frame.pixelated() ? "\" class=\"pixelated" : "",
                        Html.text(name),
                        Html.text(label)));
    }

    /** Which image it is. */
    static String text(ReportData data) {
        Item item = data.items().getFirst();
        return "%s, %s, at %s"
                .formatted(
                        item.className(), item.name(), Step.of(data, data.k()).title());
    }
}
