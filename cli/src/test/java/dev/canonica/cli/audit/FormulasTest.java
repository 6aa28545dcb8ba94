package dev.canonica.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.table.PrimitiveTable;
import dev.canonica.cadistill.loss.LossRows;
import dev.canonica.cli.audit.Formulas.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the audit says of primitives and equations is what their Javadoc says, and docs/auditing.md lists the audit's equations; {@code -Dcanonica.write=true}
 * takes it over anew.
 */
class FormulasTest {
    private static final Path ROOT = Path.of("..");
    private static final Path RESOURCE =
            Path.of("src/main/resources/dev/canonica/cli/audit").resolve(Formulas.RESOURCE);

    private static final Path PAGE = ROOT.resolve("docs/auditing.md");
    private static final String BEGIN = "<!-- the audit's equations -->\n";
    private static final String END = "<!-- end -->\n";

    private static List<Place> places() {
        return Stream.of(
                        PrimitiveTable.rows().stream().map(Row::name).map(Primitive::place),
                        LossRows.rows().stream().map(Row::name).map(Primitive::lossPlace),
                        Equations.all().stream().map(Equation::place))
                .flatMap(s -> s)
                .distinct()
                .toList();
    }

    @Test
    void theResourceIsWhatTheJavadocSays() throws IOException {
        List<Place> places = places();
        Map<String, List<Block>> kept = new TreeMap<>(JavadocBlocks.of(ROOT, new LinkedHashSet<>(places)));
        assertThat(kept.keySet())
                .as("places with Javadoc")
                .containsAll(places.stream().map(Place::key).toList());
        String json =
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(kept) + "\n";
        if (Boolean.getBoolean("canonica.write")) {
            Files.writeString(RESOURCE, json);
        }
        assertThat(json).as("what the build replaces in resources").doesNotContain("${", "@");
        assertThat(Files.readString(RESOURCE))
                .as("-Dcanonica.write=true takes the Javadoc over")
                .isEqualTo(json);
    }

    @Test
    void everyPrimitiveAndEquationSaysSomething() {
        Formulas formulas = Formulas.read();
        for (Row row : PrimitiveTable.rows()) {
            assertThat(formulas.primitive(Primitive.place(row.name())))
                    .as(row.name())
                    .isPresent();
        }
        for (Equation equation : Equations.all()) {
            assertThat(formulas.equation(equation.place())).as(equation.title()).isNotEmpty();
        }
    }

    @Test
    void thePageListsTheEquations() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END);
        assertThat(page).contains(BEGIN, END);
        String renewed = page.substring(0, from) + equations() + page.substring(to);
        if (Boolean.getBoolean("canonica.write")) {
            Files.writeString(PAGE, renewed);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(renewed);
        for (Equation equation : Equations.all()) {
            assertThat(equation.tests())
                    .as(equation.title())
                    .isNotEmpty()
                    .allSatisfy(test -> assertThat(ROOT.resolve(test)).isRegularFile());
        }
    }

    private static String equations() {
        StringBuilder table =
                new StringBuilder("| | equation | said and computed in | held by |\n| --- | --- | --- | --- |\n");
        String group = "";
        for (Equation e : Equations.all()) {
            String tests = e.tests().stream()
                    .map(test -> link(test.substring(test.lastIndexOf('/') + 1).replace(".java", ""), test))
                    .collect(Collectors.joining(", "));
            table.append("| %s | %s | %s | %s |\n"
                    .formatted(
                            e.group().equals(group) ? "" : e.group(),
                            e.title(),
                            link(e.place().title(), e.place().file()),
                            tests));
            group = e.group();
        }
        return table.toString();
    }

    private static String link(String name, String file) {
        return "[`%s`](../%s)".formatted(name, file);
    }
}
