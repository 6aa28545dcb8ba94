package dev.canonica.clarid.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.clarid.report.data.About;
import dev.canonica.clarid.report.data.Certificate;
import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Sample;
import dev.canonica.clarid.report.data.Table;
import dev.canonica.clarid.report.page.Simulated.Scene;
import dev.canonica.data.image.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final Pattern SHEET =
            Pattern.compile("\\.i\\d+\\{background-image:url\\(data:image/jpeg;base64,([^)]+)\\)\\}");
    private static final Pattern CHART = Pattern.compile("<svg class=\"chart\".*?</svg>", Pattern.DOTALL);
    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);
    private static final Image DOT = new Image(3, 1, 1, new byte[] {1, 2, 3});

    private static ReportData simulated(int count, int n, boolean controls) {
        return new Simulated(n, controls).report(Simulated.discs(count, 15), 1, List.of());
    }

    private static List<String> all(Pattern pattern, String html, int group) {
        return pattern.matcher(html).results().map(match -> match.group(group)).toList();
    }

    private static JsonNode data(String html) throws IOException {
        return new ObjectMapper().readTree(all(DATA, html, 1).getFirst());
    }

    /** One image, one direction, nothing known of it. */
    private static ReportData bare(String name, About about, List<Note> notes, List<Table> tables) {
        double[] unknown = {Double.NaN};
        Certificate certificate = new Certificate(unknown, 1e-3, 0);
        Item item = new Item(
                name,
                name,
                name,
                DOT,
                List.of(new Sample(DOT, name, Map.of()), new Sample(DOT, name, Map.of(name, Double.NaN))),
                Map.of(name, List.of(new Sample(DOT, name, Map.of()), Sample.missing(name))),
                new Directions(unknown, unknown, 1, certificate, Map.of(name, unknown), List.of(DOT)),
                1,
                List.of(name));
        Measure measure = new Measure(name, name, Measure.Better.LOWER);
        Measure other = new Measure(name + "2", name, Measure.Better.HIGHER);
        return new ReportData(about, List.of(measure, other), 1, List.of(item), tables, notes);
    }

    private static BufferedImage decode(byte[] jpeg) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(jpeg));
    }

    private static List<BufferedImage> sheets(String html) throws IOException {
        List<BufferedImage> sheets = new ArrayList<>();
        for (String base64 : all(SHEET, html, 1)) {
            sheets.add(decode(Base64.getDecoder().decode(base64)));
        }
        return sheets;
    }

    private static double mean(BufferedImage sheet, int left, int top, int size) {
        double sum = 0;
        for (int i = 0; i < size * size; i++) {
            sum += sheet.getRGB(left + i % size, top + i / size) >> 16 & 255;
        }
        return sum / (size * size);
    }

    private static double mean(Image image) {
        double sum = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                sum += image.at(y, x, 0);
            }
        }
        return sum / (image.height() * image.width());
    }

    /** A row of each series, a picture at each position, all where the style sheet looks for them. */
    @Test
    void showsEveryImageByEveryWay() throws IOException {
        ReportData data = simulated(7, 3, true);
        String html = HtmlReport.html(data);
        assertThat(html.split("<article class=\"card", -1)).hasSize(8);
        assertThat(html).contains("--scols:4;--srows:5;--sw:", "--r:3;--t:5", "--r:4;--c:0;--t:0");
        List<BufferedImage> sheets = sheets(html);
        assertThat(sheets).hasSize(7);
        for (int i = 0; i < 7; i++) {
            Item item = data.items().get(i);
            BufferedImage sheet = sheets.get(i);
            assertThat(sheet.getWidth()).isEqualTo(4 * 16);
            assertThat(sheet.getHeight()).isEqualTo(5 * 16);
            for (int k = 0; k <= 3; k++) {
                assertThat(mean(sheet, 16 * k, 0, 15))
                        .isCloseTo(mean(item.canonical().get(k).image()), within(3.0));
                assertThat(mean(sheet, 16 * k, 16, 15))
                        .isCloseTo(
                                mean(item.controls().get("shrunk latent").get(k).image()), within(3.0));
            }
            assertThat(mean(sheet, 0, 4 * 16, 15)).isCloseTo(mean(item.original()), within(3.0));
        }
    }

    /** Thumbnails of what is shown first in the page, everything in files beside it; those of an older page go, others stay. */
    @Test
    void picturesThatDoNotFitInAreFilesBesideThePage(@TempDir Path folder) throws IOException {
        ReportData data = new Simulated(9, true).report(Simulated.discs(6, 60), 2, List.of());
        Path file = folder.resolve("report.html");
        HtmlReport.write(data, file, 360_000);
        String html = Files.readString(file);
        assertThat(html.length()).isLessThan(360_000);
        assertThat(html).contains("card thumbs\"", "data-folder=\"report-pictures\"", "img-src data: 'self' file:;");
        assertThat(html).contains("--tcols:6;--trows:1");
        List<BufferedImage> thumbnails = sheets(html);
        assertThat(thumbnails).hasSize(6);
        JsonNode names = data(html).get("files");
        assertThat(names).hasSize(6);
        for (int i = 0; i < 6; i++) {
            Item item = data.items().get(i);
            Path beside = folder.resolve("report-pictures").resolve(names.get(i).asText());
            BufferedImage sheet = decode(Files.readAllBytes(beside));
            assertThat(sheet.getWidth()).isEqualTo(10 * 64);
            assertThat(mean(sheet, 64 * 9, 0, 60))
                    .isCloseTo(mean(item.canonical().get(9).image()), within(3.0));
            assertThat(mean(thumbnails.get(i), 0, 0, thumbnails.get(i).getHeight() * 15 / 16))
                    .isCloseTo(mean(item.original()), within(12.0));
        }
        Path other = Files.writeString(folder.resolve("report-pictures/mine.jpg"), "not the page's");
        HtmlReport.write(new Simulated(9, true).report(Simulated.discs(3, 60), 2, List.of()), file, 1);
        try (var files = Files.list(folder.resolve("report-pictures"))) {
            assertThat(files).hasSize(3 + 1).contains(other);
        }
        HtmlReport.write(data, file);
        assertThat(Files.readString(file)).doesNotContain("thumbs\"", "file:");
        try (var files = Files.list(folder.resolve("report-pictures"))) {
            assertThat(files).containsExactly(other);
        }
    }

    /** Numbers, charts and pictures of a hundred images, as many positions and controls as the demonstration has. */
    @Test
    void aHundredImagesAreOneFileOfLessThanFiveMegabytes() {
        ReportData few = new Simulated(7, true).report(Simulated.discs(10, 32), 4, List.of());
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Item item = few.items().get(i % 10);
            Map<String, List<Sample>> controls = new LinkedHashMap<>(item.controls());
            for (String more : List.of("local shrink", "top-k", "oracle")) {
                controls.put(more, item.canonical());
            }
            items.add(new Item(
                    item.name(),
                    item.className(),
                    item.group(),
                    item.original(),
                    item.canonical(),
                    controls,
                    item.directions(),
                    item.chosen(),
                    item.warnings()));
        }
        ReportData data = new ReportData(few.about(), few.measures(), 4, items, few.tables(), few.notes());
        HtmlReport.Page page = HtmlReport.page(data, "report-pictures", HtmlReport.LARGEST);
        assertThat(page.beside()).isEmpty();
        assertThat(page.html().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(5_000_000);
    }

    @Test
    void tellsTheScriptLabelsAndNumbers() throws IOException {
        ReportData data = simulated(2, 3, true);
        JsonNode json = data(HtmlReport.html(data));
        assertThat(json.get("series"))
                .extracting(JsonNode::asText)
                .containsExactly("canonical", "shrunk latent", "random directions", "guidance");
        JsonNode item = json.get("items").get(1);
        assertThat(item.at("/rows/0/labels"))
                .extracting(JsonNode::asText)
                .containsExactly("k = 0", "k = 1", "k = 2", "k = 3");
        Sample shrunk = data.items().get(1).controls().get("shrunk latent").get(2);
        assertThat(item.at("/rows/1/labels/2").asText()).isEqualTo(shrunk.label());
        assertThat(item.at("/rows/1/values/0/2").asText()).isEqualTo(Numbers.format(shrunk.value(Simulated.VARIANCE)));
        assertThat(item.get("directions").get("σ")).hasSize(3);
    }

    /** Positions of the slider are strengths: what speaks of numbers of directions and of elbows is not true there. */
    @Test
    void speaksOfStrengthsWhereTheProjectionIsDamped() throws IOException {
        ReportData cut = simulated(2, 3, true);
        String facts = "<span class=\"facts\">[^<]*elbow";
        String dot = "elbow of the explained variance at k";
        assertThat(HtmlReport.html(cut))
                .contains("Directions removed</span>", "Images by their elbow", dot, ">Elbow</th>")
                .containsPattern(facts);
        for (String projection : List.of("local-soft", "evidence")) {
            About about = cut.about();
            About damped = new About(
                    about.title(), about.summary(), about.command(), Map.of("projection", projection), Map.of());
            String html = HtmlReport.html(
                    new ReportData(damped, cut.measures(), cut.k(), cut.items(), cut.tables(), cut.notes()));
            assertThat(html).contains("<span>Strength</span>", "strength 1 of 3</output>", "data-damped");
            assertThat(html).contains("<label hidden><input id=\"elbow\"", "nothing removed (strength 0)");
            JsonNode json = data(html);
            assertThat(json.at("/steps/0").asText()).isEqualTo("strength 0");
            assertThat(json.at("/items/0/rows/0/labels/0").asText()).isEqualTo("strength 0");
            assertThat(html)
                    .doesNotContain(
                            "Directions removed",
                            "Images by their elbow",
                            dot,
                            "removes the <i>k</i>",
                            ">Elbow</th>",
                            "(k = 0)",
                            ", k = 0: ",
                            "\"k = 0\"",
                            "at the chosen k")
                    .doesNotContainPattern(facts);
        }
    }

    /** Right below the title stands one image by every way that counts, before anything is explained. */
    @Test
    void showsOneImageFirst() throws IOException {
        ReportData data = new Simulated(5, true).damped(Simulated.discs(3, 32), 2);
        String html = HtmlReport.html(data);
        int glance = html.indexOf("<section class=\"glance\"");
        String first = html.substring(glance, html.indexOf("</section>", glance));
        List<BufferedImage> shown = new ArrayList<>();
        for (String base64 : all(Pattern.compile("src=\"data:image/jpeg;base64,([^\"]+)"), first, 1)) {
            shown.add(decode(Base64.getDecoder().decode(base64)));
        }
        Item item = data.items().getFirst();
        List<Image> expected = List.of(
                item.original(),
                item.reconstruction().image(),
                item.canonical().get(2).image(),
                item.controls().get("shrunk latent").get(2).image());
        assertThat(shown).hasSizeGreaterThanOrEqualTo(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(mean(shown.get(i), 0, 0, 32)).isCloseTo(mean(expected.get(i)), within(3.0));
        }
        assertThat(first).contains("canonical, norm restored<small>strength 2", ", equal change</small>");
        assertThat(glance)
                .isLessThan(html.indexOf("What is removed, against what is kept"))
                .isLessThan(html.indexOf("class=\"notes\""));
        assertThat(html.indexOf("class=\"notes\"")).isLessThan(html.indexOf("<details class=\"fold about\""));
        assertThat(html).contains("<small>weaker</small>", "<small>stronger</small>");
        assertThat(HtmlReport.html(simulated(1, 2, true))).doesNotContain("<small>weaker</small>");
    }

    /** A page without controls does not explain them. */
    @Test
    void explainsNoControlsWhereThereAreNone() {
        assertThat(HtmlReport.html(simulated(2, 2, true))).contains("Would any change", "Against the controls");
        assertThat(HtmlReport.html(simulated(2, 2, false)))
                .doesNotContain("Would any change", "Against the controls", "first control", "A fraction such as");
    }

    /** A median over those images alone that a control is known of stands beside that of the method over the same. */
    @Test
    void comparesOverTheSameImages() {
        ReportData all = simulated(2, 2, true);
        Item known = all.items().getFirst();
        Map<String, List<Sample>> none = new LinkedHashMap<>();
        known.controls().keySet().forEach(name -> none.put(name, Collections.nCopies(3, Sample.missing("too weak"))));
        Item other = all.items().get(1);
        Item missing = new Item(
                other.name(),
                other.className(),
                known.group(),
                other.original(),
                other.canonical(),
                none,
                other.directions(),
                other.chosen(),
                List.of());
        String html = HtmlReport.html(
                new ReportData(all.about(), all.measures(), 1, List.of(known, missing), List.of(), List.of()));
        String ours = Numbers.format(known.canonical().get(1).value(Simulated.VARIANCE));
        assertThat(html)
                .contains(
                        " on only 1 image, canonical " + ours + " there</span>",
                        "<br>only 1 image<br>canonical " + ours + "</small>");
        List<Item> alone = List.of(known);
        assertThat(HtmlReport.html(new ReportData(all.about(), all.measures(), 1, alone, List.of(), List.of())))
                .doesNotContain("on only");
    }

    @Test
    void sameDataSameBytes() {
        assertThat(HtmlReport.html(simulated(3, 4, true))).isEqualTo(HtmlReport.html(simulated(3, 4, true)));
    }

    @Test
    void needsNothingFromOutside() {
        String html = HtmlReport.html(simulated(2, 2, true));
        assertThat(html)
                .doesNotContainPattern(
                        "(href=\"(?!#)|src=\"(?!data:image/jpeg;base64,)|url\\((?!data:image/jpeg;base64,|\"\\$))");
        assertThat(html).doesNotContain("http:", "https:", "@import", "file:");
        assertThat(html).contains("default-src 'none'");
    }

    @Test
    void chartsAreWellFormed() throws Exception {
        List<String> charts = all(CHART, HtmlReport.html(simulated(5, 3, true)), 0);
        assertThat(charts).hasSizeGreaterThan(10);
        for (String chart : charts) {
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(chart)));
        }
    }

    @Test
    void tilesShowEveryImageBesideTheFirstControl() {
        ReportData data = simulated(3, 2, true);
        String html = HtmlReport.html(data);
        String tiles = html.substring(html.indexOf("class=\"tiles\""), html.indexOf("class=\"notes\""));
        assertThat(tiles.split("<div class=\"tiles", -1))
                .hasSize(1 + 3); // k = 1, 2 and the elbow after this one, k = 0
        assertThat(tiles.split("<div class=\"tiles now\"", -1)).hasSize(2);
        String now = tiles.substring(tiles.indexOf("class=\"tiles now\""), tiles.indexOf("data-k=\"2\""));
        assertThat(now.split("<h3>", -1)).hasSize(3);
        assertThat(all(Pattern.compile("class=\"dots s0\" d=\"([^\"]+)"), now, 1).stream()
                        .mapToInt(path -> path.split("M", -1).length - 1)
                        .sum())
                .isEqualTo(3 * 3);
        assertThat(now.split("class=\"dots s1\"", -1)).hasSize(1 + 2 * 3);
        assertThat(now).contains("better than shrunk latent on ");
        Sample canonical = data.items().get(2).canonical().get(1);
        assertThat(now).contains("Plain · 1 image", "<b>" + Numbers.format(canonical.value(Simulated.VARIANCE)));
    }

    @Test
    void everyTableShowsOnePositionOfTheSlider() {
        String html = HtmlReport.html(simulated(4, 3, true));
        List<String> bodies = all(Pattern.compile("<tbody( data-k=[^>]+)>"), html, 1);
        assertThat(bodies).hasSize(2 * 5);
        assertThat(bodies)
                .filteredOn(body -> body.contains("class=\"now\""))
                .containsOnly(" data-k=\"1\" class=\"now\"");
        assertThat(bodies).filteredOn(body -> body.contains("now")).hasSize(2);
        assertThat(html).contains("<html lang=\"en\" style=\"--k:1\">");
    }

    @Test
    void hostileTextStaysText() throws IOException {
        String hostile = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&{{title}}\u0000\u001b$1";
        About about = new About(hostile, hostile, hostile, Map.of(hostile, hostile), Map.of(hostile, hostile));
        List<Note> notes = List.of(new Note(Note.Kind.REMARK, hostile));
        List<Table> tables = List.of(
                new Table(hostile, hostile, hostile, List.of(hostile), List.of(new Table.Row(hostile, List.of(1.0)))));
        String html = HtmlReport.html(bare(hostile, about, notes, tables));
        assertThat(html).doesNotContain("<script>alert", "<img src=x", "\u0000", "\u001b");
        assertThat(html.split("</script", -1)).hasSize(3);
        assertThat(html).contains("&lt;img src=x onerror=alert(2)&gt;&amp;{{title}}\uFFFD\uFFFD$1");
        assertThat(data(html).at("/items/0/rows/0/labels/1").asText()).isEqualTo(hostile);
    }

    @Test
    void whatIsNotKnownIsADash() {
        About about = new About("t", "s", "c", Map.of(), Map.of());
        List<Table> tables =
                List.of(new Table("T", "", "", List.of("x"), List.of(new Table.Row("r", List.of(Double.NaN)))));
        String html = HtmlReport.html(bare("x", about, List.of(), tables));
        assertThat(html).doesNotContain("NaN").contains("<th scope=\"row\">r</th><td>–</td>");
        assertThat(html).contains("<b>Failure</b> 1 of 1 decomposition");
    }

    @Test
    void oneImageOneDirectionNoControlsNothingMeasured() {
        Image image = new Image(1, 3, 2, new byte[6]);
        Sample sample = new Sample(image, "", Map.of());
        double[] one = {1};
        Directions directions =
                new Directions(one, one, 1, new Certificate(new double[] {0}, 1e-3, 2), Map.of(), List.of());
        Item item = new Item("a", "b", "", image, List.of(sample, sample), Map.of(), directions, 0, List.of());
        About about = new About("t", "s", "", Map.of(), Map.of());
        String html = HtmlReport.html(new ReportData(about, List.of(), 0, List.of(item), List.of(), List.of()));
        assertThat(html).contains("id=\"image-0\"", "max=\"1\"", "1 of 1 decomposition met the tolerance");
        assertThat(html).doesNotContain("bound", "Bound");
        assertThat(html).doesNotContain("NaN", "id=\"copy\"", "class=\"tile\"", "Every image counts");
        assertThat(all(SHEET, html, 1)).hasSize(1);
    }

    @Test
    void imagesMayDifferInSizeDirectionsAndControls() {
        Scene small = Simulated.discs(1, 7).getFirst();
        Scene large = Simulated.discs(2, 200).getLast();
        Item one = new Simulated(2, false)
                .report(List.of(small), 1, List.of())
                .items()
                .getFirst();
        Item two = new Simulated(5, true)
                .report(List.of(large), 1, List.of())
                .items()
                .getFirst();
        ReportData whole = simulated(1, 5, true);
        String html = HtmlReport.html(
                new ReportData(whole.about(), whole.measures(), 5, List.of(one, two), List.of(), List.of()));
        assertThat(html).contains("--w:91px;--h:91px;--n:2", "--w:128px;--h:128px;--n:5");
        assertThat(html.split("<small>not made</small>", -1)).hasSize(4);
    }

    @Test
    void failedCertificatesComeFirst() {
        ReportData data = simulated(13, 2, false);
        String html = HtmlReport.html(data);
        String table = html.substring(html.indexOf("id=\"certificates\""));
        assertThat(data.items().get(12).directions().certificate().holds()).isFalse();
        assertThat(table.indexOf("#image-12")).isLessThan(table.indexOf("#image-0\""));
        assertThat(table).contains("12 of 13 decompositions met the tolerance");
    }

    @Test
    void writesTheFileWholeOrNotAtAll(@TempDir Path folder) throws IOException {
        ReportData data = simulated(1, 1, false);
        Path file = folder.resolve("report.html");
        HtmlReport.write(data, file);
        assertThat(file).hasContent(HtmlReport.html(data));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        Path nowhere = folder.resolve("no/such/report.html");
        assertThatThrownBy(() -> HtmlReport.write(data, nowhere)).hasMessageContaining(nowhere.toString());
    }
}
