package dev.canonica.clarid.report.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.clarid.report.chart.Marks;
import dev.canonica.clarid.report.chart.SpectrumCharts;
import dev.canonica.clarid.report.chart.SpreadChart;
import dev.canonica.clarid.report.chart.TradeoffChart;
import dev.canonica.clarid.report.data.Findings;
import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Measure.Better;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the report as one HTML file that needs nothing else: no network, no fonts, no libraries. The same data gives the
 * same bytes. Without scripts it shows the first position of the slider.
 *
 * <p>The page is held below {@value #LARGEST} bytes. Pictures that do not fit in are files in a folder beside it, {@code report-pictures} of {@code report.html}, which it asks for when
 * somebody moves the slider or opens an image's details; in the page are thumbnails then, and alone it shows the first position.
 */
public final class HtmlReport {
    /** What a page is held below, in bytes, as long as thumbnails of all images fit in. */
    static final long LARGEST = 5_000_000;

    /** Bytes that each image's pictures take beside themselves: a rule of the style sheet, a file's name. */
    private static final int OF_EACH = 200;

    private static final String NO_SWATCH = "<span class=\"swatch\"></span>";

    private final ReportData data;
    private final List<Series> series;
    private final List<Group> groups;

    private HtmlReport(ReportData data) {
        this.data = data;
        this.series = Series.of(data);
        this.groups = Group.of(data);
    }

    /**
     * Writes the page, under a temporary name first, then moved into place; before it the pictures beside it, after it those of an older page go.
     *
     * @throws dev.canonica.tensor.io.FormatException if a file cannot be written
     */
    public static void write(ReportData data, Path file) {
        write(data, file, LARGEST);
    }

    /** As above, with another size for the largest. */
    static void write(ReportData data, Path file, long largest) {
        Page page = page(data, folder(file), largest);
        Path folder = file.resolveSibling(folder(file));
        if (!page.beside.isEmpty()) {
            AtomicFiles.createFolders(folder);
            page.beside.forEach((name, jpeg) -> AtomicFiles.write(folder.resolve(name), out -> out.write(jpeg)));
        }
        AtomicFiles.write(file, page.html);
        if (Files.isDirectory(folder)) {
            clear(folder, page.beside.keySet());
        }
    }

    private static String folder(Path file) {
        String name = file.getFileName().toString();
        return (name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name) + "-pictures";
    }

    /** Deletes pictures that no page shows any longer. */
    private static void clear(Path folder, Set<String> kept) {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> Album.isPicture(file.getFileName().toString()))
                    .filter(file -> !kept.contains(file.getFileName().toString()))
                    .forEach(AtomicFiles::delete);
        } catch (IOException e) {
            throw FormatException.of(folder, "read", e);
        }
    }

    /** The page; pictures that do not fit in are files beside {@code report.html}, which {@link #write} writes. */
    public static String html(ReportData data) {
        return page(data, folder(Path.of("report.html")), LARGEST).html;
    }

    /**
     * The page.
     *
     * @param folder the name of that with the pictures beside it
     * @param largest in bytes
     */
    static Page page(ReportData data, String folder, long largest) {
        HtmlReport report = new HtmlReport(data);
        List<Sheet> sheets =
                data.items().stream().map(item -> Sheet.of(item, report.series)).toList();
        Map<String, String> rest = report.withoutPictures();
        Album none = new Album(sheets, List.of(), List.of(), List.of(), Map.of());
        long others = report.html(rest, none, folder).getBytes(StandardCharsets.UTF_8).length;
        Album album = Album.of(sheets, data.k(), largest - others - (long) OF_EACH * sheets.size());
        return new Page(report.html(rest, album, folder), album.beside());
    }

    /**
     * A page.
     *
     * @param beside pictures in the folder beside it, by the names of their files
     */
    record Page(String html, Map<String, byte[]> beside) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /** The page with pictures, of what does not depend on them. */
    private String html(Map<String, String> rest, Album album, String folder) {
        Cards cards = new Cards(data, album);
        Map<String, String> values = new LinkedHashMap<>(rest);
        values.put("pictures", album.css());
        values.put("folder", album.isWhole() ? "" : Html.text(folder));
        values.put("data", json(cards.details()));
        values.put("cards", cards.html());
        values.put("filters", cards.filters());
        values.put("cardwidth", Integer.toString(cards.width()));
        return Template.resource("report.html").fill(values);
    }

    private Map<String, String> withoutPictures() {
        Comparison comparison = new Comparison(data);
        Map<String, String> values = new LinkedHashMap<>();
        values.put("style", Template.resource("report.css").text());
        values.put("script", Template.resource("report.js").text());
        values.put("title", Html.text(data.about().title()));
        values.put("summary", Html.text(data.about().summary()));
        values.put("headline", Html.text(Findings.headline(data)));
        values.put("glance", Glance.html(data));
        values.put("glanced", Html.text(Glance.text(data)));
        values.put("controls", series.size() > 1 ? "controls" : "");
        values.put("alone", series.size() > 1 ? "" : "alone");
        values.put("ways", ways());
        values.put("holds", comparison.holds());
        values.put("first", Step.of(data, data.k()).title());
        values.put("tiles", comparison.tiles());
        values.put("notes", notes());
        boolean damped = data.about().damped();
        values.put("damped", damped ? "damped" : "");
        values.put("cut", damped ? "" : "cut");
        values.put("k", Integer.toString(data.k()));
        values.put("n", Integer.toString(data.n()));
        values.put("ticks", ticks());
        values.put("comparison", comparison.tables());
        values.put("measures", comparison.explanations());
        values.put("legend", Marks.legend(series));
        values.put("tradeoff", tradeoff());
        values.put("spread", spread());
        values.put("sigma", SpectrumCharts.values(data));
        values.put("explained", SpectrumCharts.explained(data));
        values.put("elbows", damped ? "" : SpectrumCharts.elbows(data));
        values.put("spectra", spectra());
        values.put("directions", directions());
        values.put("certified", Certificates.summary(data));
        values.put("certificates", Certificates.rows(data));
        values.put("tables", Tables.html(data.tables()));
        values.put("settings", Tables.pairs(data.about().settings()));
        values.put("environment", Tables.pairs(data.about().environment()));
        values.put("command", Html.text(data.about().command()));
        return values;
    }

    /** How each of the pictures of a card was made. */
    private String ways() {
        StringBuilder html = new StringBuilder();
        way(html, NO_SWATCH, "original", "the picture as it was given");
        way(
                html,
                NO_SWATCH,
                "reconstruction",
                "taken to its latent at t_e by the model and back again, nothing removed (%s)"
                        .formatted(Step.of(data, 0).title()));
        for (Series one : series) {
            way(
                    html,
                    Marks.swatch(one.slot()),
                    one.name(),
                    one.slot() == 0
                            ? canonical(data.about().projection())
                                    + (data.about().restored() ? ", then stretched to the norm that it had" : "")
                            : made(one));
        }
        return html.toString();
    }

    private static void way(StringBuilder html, String swatch, String name, String how) {
        html.append("<div><dt>%s %s</dt><dd>%s</dd></div>\n".formatted(swatch, Html.text(name), Html.text(how)));
    }

    private String made(Series series) {
        return switch (series.name()) {
            case "shrunk latent" -> "control: all of the latent shrunk by γ < 1, which fades everything alike";
            case "local shrink" ->
                "control: the latent shrunk by γ < 1 where a map of the class says that there is little of it; the one to beat";
            case "local shrink, norm restored" -> "control: the same, then stretched to the norm that the latent had";
            case "top-k" ->
                "the paper's projection: the strongest directions removed from the latent, of the last one as large a part as changes the picture as much";
            case Series.ORACLE ->
                "no rival: the latent shrunk outside of the object's true mask, which nobody has; how much room there is";
            case "random direction", "random directions" ->
                "control: a random part of the latent in place of the computed directions";
            case "guidance" ->
                "control: nothing removed; the model is pushed towards the class, by classifier-free guidance w";
            default -> "control";
        };
    }

    private static String canonical(String projection) {
        return "the same, with "
                + switch (projection) {
                    case "local-soft" -> "the latent damped where a map of the class says that there is little of it";
                    case "evidence" -> "the latent damped where the class does not depend on it";
                    case "local" ->
                        "the k strongest directions removed from the latent where a map of the class says that there is little of it";
                    case "topk" -> "the k strongest directions removed from the latent";
                    case "multistep" -> "the k strongest directions removed from the latent, at three levels";
                    default -> "k directions removed from the latent, those that carry least of the class";
                };
    }

    private String notes() {
        return Tables.notes(Stream.concat(data.notes().stream(), Findings.of(data).stream())
                .sorted((a, b) -> a.kind().compareTo(b.kind()))
                .toList());
    }

    private String ticks() {
        StringBuilder html = new StringBuilder();
        for (int k = 0; k <= data.n(); k++) {
            html.append("<option value=\"" + k + "\"></option>");
        }
        return html.toString();
    }

    private String tradeoff() {
        Optional<Measure> lower = TradeoffChart.first(data, Better.LOWER);
        Optional<Measure> higher = TradeoffChart.first(data, Better.HIGHER);
        if (lower.isEmpty() || higher.isEmpty()) {
            return "";
        }
        return groups.stream()
                .map(group -> figure(
                        TradeoffChart.of(group, lower.get(), higher.get(), series, Step.all(data)), group.heading()))
                .collect(Collectors.joining());
    }

    private String spread() {
        StringBuilder html = new StringBuilder();
        for (Group group : groups) {
            String charts = data.measures().stream()
                    .map(measure -> figure(
                            SpreadChart.of(
                                    group,
                                    measure,
                                    series,
                                    data.n(),
                                    data.about().damped()),
                            measure.name()))
                    .collect(Collectors.joining());
            if (!charts.isEmpty()) {
                html.append(
                        "<h3>%s</h3>\n<div class=\"charts\">%s</div>\n".formatted(Html.text(group.heading()), charts));
            }
        }
        return html.toString();
    }

    private String spectra() {
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < data.items().size(); i++) {
            Item item = data.items().get(i);
            html.append("<figure>%s<figcaption><a href=\"#image-%s\">%s</a> <span>%s</span></figcaption></figure>\n"
                    .formatted(
                            SpectrumCharts.small(item, !data.about().damped()),
                            i,
                            Html.text(item.name()),
                            Html.text(item.className())));
        }
        return html.toString();
    }

    private String directions() {
        TreeSet<String> names = new TreeSet<>();
        data.items().forEach(item -> names.addAll(item.directions().measures().keySet()));
        StringBuilder html = new StringBuilder();
        for (String name : names) {
            SpectrumCharts.byDirection(groups, name, data.n())
                    .forEach((group, chart) -> html.append(figure(chart, Html.capital(name) + " · " + group.name())));
        }
        return html.toString();
    }

    private static String figure(String chart, String caption) {
        return chart.isEmpty()
                ? ""
                : "<figure><figcaption>%s</figcaption>%s</figure>\n".formatted(Html.text(caption), chart);
    }

    private static String json(Object value) {
        try {
            return Html.json(new ObjectMapper().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("report: maps, lists and strings are always JSON", e);
        }
    }
}
