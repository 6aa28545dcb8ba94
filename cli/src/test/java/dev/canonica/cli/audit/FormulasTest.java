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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the audit says of primitives and equations is what their Javadoc says; {@code -Dcanonica.write=true} takes it over anew. */
class FormulasTest {
    private static final Path ROOT = Path.of("..");
    private static final Path RESOURCE =
            Path.of("src/main/resources/dev/canonica/cli/audit").resolve(Formulas.RESOURCE);

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
}
