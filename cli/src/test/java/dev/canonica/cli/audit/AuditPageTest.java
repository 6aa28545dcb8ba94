package dev.canonica.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.table.PrimitiveTable;
import dev.canonica.cadistill.loss.LossRows;
import dev.canonica.clarid.report.data.Html;
import dev.canonica.cli.audit.GoldenCase.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of an audit whose findings are given: nothing is left out, every link leads somewhere, nothing is loaded. */
class AuditPageTest {
    private static final Repository NONE = new Repository("");

    private static final Path ROOT = Path.of("..");
    private static final Formulas FORMULAS = Formulas.read();
    private static final List<KnownCase> KNOWN = KnownCases.all();

    private static CheckResult found(String name, double push, String... failures) {
        return new CheckResult(
                name,
                3,
                Map.of(ErrorKind.VALUE, 1e-7, ErrorKind.PUSH, push),
                Map.of(ErrorKind.VALUE, "[7]", ErrorKind.PUSH, "axis 1: [2, 33]"),
                List.of(failures));
    }

    private static List<Primitive> primitives() {
        return PrimitiveTable.rows().stream()
                .map(row -> Primitive.of(row, found(row.name(), 2e-7), FORMULAS))
                .toList();
    }

    private static List<Primitive> losses() {
        return LossRows.rows().stream()
                .map(row -> Primitive.ofLoss(row, found(row.name(), 2e-7), FORMULAS))
                .toList();
    }

    private static List<GoldenCase> golden() {
        return List.of(
                new GoldenCase(
                        "golden/models/dit_pixel",
                        "forward",
                        "torch 2",
                        "F32: 1e-4",
                        GoldenTests.MODELS,
                        Optional.of(new Run(4, 0.25, "output: …", List.of()))),
                new GoldenCase(
                        "golden/methods/attack",
                        "robust accuracy",
                        "auto-attack",
                        "see there",
                        GoldenTests.ofMethod("attack"),
                        Optional.empty()));
    }

    private static Decomposition decomposition(double found) {
        return new Decomposition(
                "blocks.2",
                "an image",
                768,
                3072,
                new double[] {2, 1, 0.5},
                new double[] {found, 1},
                new double[] {1e-5, 1e-5},
                1e-3,
                100,
                1,
                1e-6,
                1e-4,
                3,
                1e-14);
    }

    private static Facts facts(List<Primitive> primitives, Optional<Facts.Model> model, List<GoldenCase> golden) {
        return new Facts(
                primitives,
                primitives.size() < 3 ? List.of() : losses(),
                primitives.size() < 3 ? List.of() : KNOWN,
                model,
                golden,
                Map.of("Canonica", "0", "date", "today", "processor", "one"),
                new CodeDigest("abc", List.of(new CodeDigest.Part("canonica.jar", "def"))),
                "./canonica audit");
    }

    private static Facts whole(double sigma) {
        Facts.Model model = new Facts.Model(
                "demo/model",
                "SHA-256 1",
                List.of(found("blocks.2", 1e-6), found("gradients", 1e-6)),
                Optional.of(decomposition(sigma)),
                "");
        return facts(primitives(), Optional.of(model), golden());
    }

    @Test
    void everyPrimitiveEquationAndCaseIsThere() {
        String html = AuditPage.of(whole(2), NONE).html();
        for (Row row : PrimitiveTable.rows()) {
            assertThat(html).contains("<code>" + row.name() + "</code>");
            assertThat(html)
                    .contains(Html.text(
                            FORMULAS.primitive(Primitive.place(row.name())).orElseThrow()));
        }
        for (Equation e : Equations.all()) {
            assertThat(html).contains("<h3>" + Html.text(e.title()) + "</h3>");
            FORMULAS.equation(e.place()).forEach(b -> assertThat(html).contains(Html.text(b.text())));
        }
        assertThat(html)
                .contains("dit_pixel", "listed only", "AttackGoldenTest.java", "abc", "./canonica audit", "768");
    }

    @Test
    void everyLinkLeadsToAFile() {
        String html = AuditPage.of(whole(2), Repository.seenFrom(Path.of("target/reports/audit.html"), ROOT))
                .html();
        List<String> links = Pattern.compile("href=\"([^\"]*)\"")
                .matcher(html)
                .results()
                .map(r -> r.group(1))
                .toList();
        assertThat(links).hasSizeGreaterThan(200);
        for (String link : links) {
            assertThat(link).startsWith("../../../");
            assertThat(ROOT.resolve(link.substring("../../../".length()))).isRegularFile();
        }
        GoldenTests.METHODS
                .values()
                .forEach(test -> assertThat(ROOT.resolve(test)).isRegularFile());
    }

    /** Beside the sources, and where there are none. */
    @Test
    void linksAreSeenFromThePage() {
        assertThat(Repository.seenFrom(ROOT.resolve("audit.html"), ROOT).prefix())
                .isEqualTo("./");
        Repository none = Repository.seenFrom(Path.of("audit.html"), Path.of("src"));
        assertThat(none.prefix()).isEmpty();
        assertThat(AuditPage.of(whole(2), none).html())
                .contains("<span>code: autodiff/")
                .doesNotContain("href");
    }

    @Test
    void nothingIsLoaded() {
        String html = AuditPage.of(whole(2), NONE).html();
        assertThat(html)
                .doesNotContain("<script", "<link", "<iframe", "@import", "url(", " src=")
                .contains("default-src 'none'");
    }

    @Test
    void jsonAndPageSayTheSame() throws IOException {
        Facts facts = whole(2);
        JsonNode json = new ObjectMapper().readTree(AuditJson.of(facts));
        String html = AuditPage.of(facts, NONE).html();
        int rows = PrimitiveTable.rows().size();
        assertThat(json.at("/verdict/checks").intValue())
                .isEqualTo(rows + LossRows.rows().size() + KNOWN.size() + 2 + 1 + 1);
        assertThat(json.at("/verdict/holds").booleanValue()).isTrue();
        assertThat(json.get("primitives")).hasSize(rows);
        assertThat(json.get("equations")).hasSameSizeAs(Equations.all());
        assertThat(html).contains(Html.text(json.at("/verdict/text").textValue()));
        int measured = 0;
        for (JsonNode e : json.get("equations")) {
            String now = e.get("now").textValue();
            if (e.get("measured").booleanValue()) {
                assertThat(now).startsWith("Now: ");
                assertThat(html).contains(Html.text(now));
                measured++;
            } else {
                assertThat(now).isEqualTo("Not measured here: held by %s.", String.join(", ", texts(e.get("tests"))));
            }
        }
        assertThat(measured).isBetween(20, Equations.all().size() - 1);
        assertThat(html)
                .contains("%s of %s equations were measured now"
                        .formatted(measured, Equations.all().size()));
        assertThat(json.get("known")).hasSameSizeAs(KNOWN);
        json.get("primitives")
                .forEach(p -> assertThat(html)
                        .contains(AuditPage.number(p.at("/errors/push/error").doubleValue())));
        assertThat(json.at("/golden/0/share").doubleValue()).isEqualTo(0.25);
        assertThat(json.at("/golden/1/run").booleanValue()).isFalse();
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(t -> texts.add(t.textValue()));
        return texts;
    }

    /** What was not measured says so, with a link to each test that holds it. */
    @Test
    void whatWasNotMeasuredLeadsToItsTests() {
        String html = AuditPage.of(whole(2), new Repository("./")).html();
        assertThat(html)
                .contains(
                        "<p>Not measured here: held by <a href=\"./cadistill/src/test/java/dev/canonica/cadistill/student/StudentObjectiveTest.java\">");
        assertThat(html).doesNotContain("<p class=\"found\"></p>");
    }

    /** Every case is of an equation that there is, and holds; one that does not is a miss. */
    @Test
    void knownCasesHold() {
        List<String> titles = Equations.all().stream().map(Equation::title).toList();
        assertThat(KNOWN).hasSizeGreaterThan(12).allSatisfy(k -> {
            assertThat(titles).contains(k.equation());
            assertThat(k.error()).as(k.what()).isLessThanOrEqualTo(k.allowed());
        });
        KnownCase wrong = new KnownCase("FGSM", "the point", Double.NaN, 1e-6);
        Facts facts = new Facts(
                List.of(),
                List.of(),
                List.of(wrong),
                Optional.empty(),
                List.of(),
                Map.of(),
                new CodeDigest("abc", List.of()),
                "./canonica audit");
        assertThat(facts.missed()).isEqualTo(1);
        assertThat(facts.misses()).containsExactly("FGSM: the point: error NaN, allowed 1.0e-06");
        assertThat(AuditPage.of(facts, NONE).html()).contains("<article class=\"entry lost\"><div><h3>FGSM");
    }

    /** 250 words a minute. */
    @Test
    void whatIsOpenIsReadInTenMinutes() {
        String html = AuditPage.of(whole(2), NONE).html();
        String open = html.substring(html.indexOf("<main>"))
                .replaceAll("(?s)(<details class=\"fold\"><summary>[^<]*</summary>).*?</details>", "$1")
                .replace("<wbr>", "")
                .replaceAll("<[^>]*>", " ");
        assertThat(open.trim().split("\\s+").length).isBetween(1000, 2500);
    }

    @Test
    void theWorstIsThatNearestToWhatIsAllowed() {
        List<Primitive> two = List.of(
                Primitive.of(row("Activations.exp"), found("Activations.exp", 3e-6), FORMULAS),
                Primitive.of(
                        row("Activations.log"),
                        found("Activations.log", Double.NaN, "axis 1: [2, 33]: NaN"),
                        FORMULAS));
        Facts facts = facts(two, Optional.empty(), List.of());
        assertThat(facts.worst()).extracting(Check::name).containsExactly("Activations.exp", "Activations.log");
        assertThat(facts.missed()).isEqualTo(1);
        assertThat(facts.misses()).containsExactly("Activations.log: axis 1: [2, 33]: NaN");
        assertThat(AuditPage.of(facts, NONE).html()).contains("1 of 2 checks missed: do not sign.", "NaN");
    }

    private static Row row(String name) {
        return PrimitiveTable.rows().stream()
                .filter(r -> r.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWrongSingularValueAndAWrongGoldenCaseMiss() {
        Facts facts = whole(2.002);
        assertThat(facts.misses()).containsExactly("decomposition: σ1: error 1.0e-03, allowed 5.0e-04");
        GoldenCase missed = new GoldenCase(
                "golden/methods/nmi", "", "", "", "", Optional.of(new Run(1, 2, "ami", List.of("ami: error"))));
        Facts other = facts(List.of(), Optional.empty(), List.of(missed));
        assertThat(other.missed()).isEqualTo(1);
        assertThat(other.misses()).containsExactly("golden/methods/nmi: ami: error");
        String html = AuditPage.of(other, NONE).html();
        assertThat(html).contains("golden/methods/nmi: ami: error", "The primitives were left out.");
        assertThat(html).containsPattern("<article class=\"entry lost\"><div><h3>Agreement of labellings");
    }

    /** What is allowed of a case of a method is what its own file says. */
    @Test
    void boundsAreThoseOfTheCases() throws IOException {
        Path methods = Path.of(System.getProperty("canonica.golden"), "methods");
        int seen = 0;
        try (var all = Files.list(methods)) {
            for (Path folder : all.toList()) {
                GoldenMetric metric = GoldenMetric.of(folder).orElse(null);
                if (metric != null) {
                    String said = new ObjectMapper()
                            .readTree(folder.resolve("case.json").toFile())
                            .at("/tolerance/f64")
                            .textValue();
                    List<Double> numbers = Pattern.compile("1e-\\d+")
                            .matcher(said)
                            .results()
                            .map(MatchResult::group)
                            .map(Double::valueOf)
                            .toList();
                    GoldenMetric.Bound b = metric.bound();
                    for (double allowed : new double[] {b.value(), b.gradient(), b.floor()}) {
                        assertThat(allowed == 0 || numbers.contains(allowed))
                                .as("%s: %s in %s", folder, allowed, said)
                                .isTrue();
                    }
                    seen++;
                }
            }
        }
        assertThat(seen).isGreaterThan(20);
        String schedules = Files.readString(methods.resolve("schedules/case.json"));
        GoldenSchedules.bounds().forEach(bound -> assertThat(schedules).containsIgnoringCase("%.0e".formatted(bound)));
    }
}
