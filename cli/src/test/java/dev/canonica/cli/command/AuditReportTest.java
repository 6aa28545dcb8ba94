package dev.canonica.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.LinearMap;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code canonica audit --report} and {@code --json}: what they say is what the checks have found. */
class AuditReportTest {
    @TempDir
    private static Path shipped;

    @TempDir
    private Path temp;

    private static String model() {
        Dit model = Dit.initialised(new DitConfig(8, 4, 1, 8, 2, 2, 2, 0.1, 2, false), 1);
        Map<String, Tensor> parameters = new LinkedHashMap<>(); // none of them zero, as they begin
        model.parameters()
                .forEach((name, t) -> parameters.put(
                        name,
                        Tensor.normal(t.dtype(), t.shape(), new Philox(3).child(name.hashCode()))
                                .times(0.2)));
        ModelDirectory.save(
                shipped,
                new Dit(model.config(), parameters),
                Optional.of(SamplerConfig.COSINE_V),
                parameters,
                Map.of());
        return shipped.toString();
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome audit(List<Row> rows, String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine root = new CommandLine(CommandLine.Model.CommandSpec.create());
        root.addSubcommand("audit", new AuditCommand(rows));
        root.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        root.setExecutionExceptionHandler((failure, _, _) -> {
            err.append(failure.getMessage());
            return 1;
        });
        String[] words = new String[options.length + 1];
        words[0] = "audit";
        System.arraycopy(options, 0, words, 1, options.length);
        return new Outcome(root.execute(words), out.toString(), err.toString());
    }

    private static Row right() {
        return Row.unary("Activations.exp", Activations::exp).at(2, 7);
    }

    /** e^x whose derivative is 1 % too large, both ways. */
    private static Row wrong() {
        return Row.unary("Activations.exp", x -> {
                    Tensor y = x.value().exp();
                    return Var.record("exp", y, () -> LinearMap.diagonal(y.times(1.01)), x);
                })
                .onlyFirst()
                .at(3)
                .at(2, 7);
    }

    @Test
    void aRightOneHoldsAndPageAndJsonAgree() throws IOException {
        Path page = temp.resolve("audit.html");
        Outcome outcome = audit(List.of(right()), "--model", model(), "--json", "--report", page.toString());
        assertThat(outcome.code()).as(outcome.out()).isZero();
        JsonNode json = new ObjectMapper().readTree(outcome.out());
        assertThat(json.at("/verdict/holds").booleanValue()).isTrue();
        assertThat(json.at("/verdict/misses")).isEmpty();
        String html = Files.readString(page);
        assertThat(html).contains(json.at("/verdict/text").textValue());
        assertThat(html).contains(json.at("/code/digest").textValue());
        assertThat(html).contains(json.at("/surroundings/command").textValue());
        assertThat(html).contains("<span></span>Signature").doesNotContain("What misses");
        JsonNode errors = json.at("/primitives/0/errors");
        assertThat(errors).hasSizeGreaterThan(8);
        JsonNode decomposition = json.at("/model/decomposition");
        assertThat(decomposition.get("triples")).hasSizeGreaterThan(3);
        decomposition
                .get("triples")
                .forEach(t -> assertThat(html)
                        .contains("%.6g".formatted(t.get("exact").doubleValue())));
        assertThat(json.at("/losses")).hasSizeGreaterThan(10);
        assertThat(json.findValues("at"))
                .hasSizeGreaterThan(100)
                .allSatisfy(at -> assertThat(at.textValue()).isNotBlank());
        assertThat(json.at("/model/checks/2/errors/pull/at").textValue()).endsWith(".weight");
        assertThat(temp).isDirectoryContaining(f -> f.endsWith("audit.html")).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aPlantedWrongDerivativeIsTheFirstThingOnThePage() throws IOException {
        Path page = temp.resolve("audit.html");
        Outcome outcome = audit(List.of(right(), wrong()), "--model", model(), "--json", "--report", page.toString());
        assertThat(outcome.code()).isEqualTo(1);
        JsonNode json = new ObjectMapper().readTree(outcome.out());
        assertThat(json.at("/verdict/holds").booleanValue()).isFalse();
        assertThat(json.at("/verdict/missed").intValue()).isEqualTo(1);
        assertThat(json.at("/primitives/0/holds").booleanValue()).isTrue();
        assertThat(json.at("/primitives/1/holds").booleanValue()).isFalse();
        assertThat(json.at("/primitives/1/errors/push F64/error").doubleValue()).isBetween(5e-3, 2e-2);
        assertThat(json.at("/verdict/misses/0").textValue()).startsWith("Activations.exp: [3]: push F64: error");
        String html = Files.readString(page);
        assertThat(html).contains("<h2>What misses</h2>", "missed: do not sign");
        assertThat(html.indexOf("Activations.exp: [3]: push F64: error"))
                .as("before everything but the verdict")
                .isPositive()
                .isLessThan(html.indexOf("<h2>The worst errors"));
    }

    /** Without them the command is what it was: a table, and no golden case, decomposition or loss. */
    @Test
    void withoutThemItPrintsATable() {
        Outcome outcome = audit(List.of(right(), wrong()), "--model", model());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).contains("MISS", "1 of 5 checks miss their tolerance");
    }

    @Test
    void aFileThatCannotBeWrittenIsRefusedBeforeTheWork() {
        Row never = Row.unary("Activations.exp", x -> {
                    throw new AssertionError("work was begun");
                })
                .at(3);
        for (Path file : List.of(temp, temp.resolve("nowhere/audit.html"))) {
            Outcome outcome = audit(List.of(never), "--report", file.toString());
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).startsWith(file + ": cannot be written: ").doesNotContain("primitives");
        }
        assertThat(temp).isEmptyDirectory();
    }
}
