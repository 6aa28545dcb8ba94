package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.cli.audit.GoldenTests;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.family.ModelFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;

/** Every golden case is run by a test, and every family of models has one. */
class GoldenCasesTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"));

    /** Folders that hold no case. */
    private static final Set<String> OTHERS = Set.of("scripts");

    private static List<String> folders(Path of) throws IOException {
        try (Stream<Path> all = Files.list(of)) {
            return all.filter(Files::isDirectory)
                    .map(f -> f.getFileName().toString())
                    .filter(name -> !OTHERS.contains(name))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> unclaimed(List<String> cases) {
        return cases.stream()
                .filter(name -> GoldenTests.METHODS.keySet().stream().noneMatch(c -> GoldenTests.claims(c, name)))
                .toList();
    }

    /** The source of the test that {@link GoldenTests} names says the name between quotation marks. */
    @Test
    void everyCaseOfAMethodIsRun() throws IOException {
        List<String> cases = folders(GOLDEN.resolve("methods"));
        assertThat(cases).hasSizeGreaterThanOrEqualTo(20);
        assertThat(unclaimed(cases)).as("cases that no test runs").isEmpty();
        assertThat(unclaimed(List.of("cka-new", "cka", "elbow-2"))).containsExactly("cka", "elbow-2");
        for (Map.Entry<String, String> claim : GoldenTests.METHODS.entrySet()) {
            String name = claim.getKey();
            assertThat(cases).as(name).anyMatch(c -> GoldenTests.claims(name, c));
            String source = Files.readString(Path.of("..").resolve(claim.getValue()));
            String kind = name.replaceFirst("-$", "");
            assertThat(source).as(claim.getValue()).containsPattern("\"" + kind + "-?\"");
        }
    }

    /** The folders that there are, and nothing beside models, methods and the tokenizer. */
    @Test
    void everyCaseOfAModelIsRun() throws IOException {
        Set<String> run = GoldenModelsTest.cases()
                .map(Arguments::get)
                .map(arguments -> (String) arguments[0])
                .collect(Collectors.toSet());
        assertThat(run).containsExactlyInAnyOrderElementsOf(folders(GOLDEN.resolve("models")));
        assertThat(folders(GOLDEN)).containsExactly("methods", "models", "tokenizer");
    }

    @Test
    void everyFamilyHasACase() throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(GOLDEN.resolve("models"))) {
            for (Path file : files.filter(f -> f.endsWith("config.json")).toList()) {
                JsonNode config = new ObjectMapper().readTree(file.toFile());
                named.add(config.path("_class_name").asText(""));
                config.path("architectures").forEach(name -> named.add(name.asText()));
            }
        }
        List<String> without = new ArrayList<>();
        for (ModelFamily<?> family : ModelFamilies.ALL) {
            if (family.classNames().stream().noneMatch(named::contains)) {
                without.add(family.classNames().getFirst());
            }
        }
        assertThat(without).as("families without a golden case").isEmpty();
    }
}
