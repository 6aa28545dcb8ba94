package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.family.ModelFamilies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

    private static final String DATA = "data/src/test/java/dev/canonica/data/corruption/GoldenCorruptionsTest.java";
    private static final String LOSSES = "cadistill/src/test/java/dev/canonica/cadistill/loss/GoldenLossesTest.java";
    private static final String METRICS = "clarid/src/test/java/dev/canonica/clarid/metrics/GoldenTest.java";

    /**
     * Which test runs which cases of {@code methods}: a name, or a beginning (with its hyphen) where a test lists the folders that have it. The test's source says the
     * same between quotation marks.
     */
    private static final Map<String, String> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("cka-", LOSSES);
        METHODS.put("rkd-", LOSSES);
        METHODS.put("fitnet-", LOSSES);
        METHODS.put("at-", LOSSES);
        METHODS.put("elbow", METRICS);
        METHODS.put("kmeans", METRICS);
        METHODS.put("knn", METRICS);
        METHODS.put("nmi", METRICS);
        METHODS.put("subspace", METRICS);
        METHODS.put("schedules", "models/src/test/java/dev/canonica/models/diffusion/GoldenSchedulesTest.java");
        METHODS.put("student-", "models/src/test/java/dev/canonica/models/resnet/GoldenStudentsTest.java");
        METHODS.put("attack", "cli/src/test/java/dev/canonica/cli/AttackGoldenTest.java");
        METHODS.put("corruptions", DATA);
        METHODS.put("corruptions-cifar", DATA);
        METHODS.put("corruptions-imagenet", DATA);
    }

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
                .filter(name -> METHODS.keySet().stream()
                        .noneMatch(claim -> claim.endsWith("-") ? name.startsWith(claim) : name.equals(claim)))
                .toList();
    }

    @Test
    void everyCaseOfAMethodIsRun() throws IOException {
        List<String> cases = folders(GOLDEN.resolve("methods"));
        assertThat(cases).hasSizeGreaterThanOrEqualTo(20);
        assertThat(unclaimed(cases)).as("cases that no test runs").isEmpty();
        assertThat(unclaimed(List.of("cka-new", "cka", "elbow-2"))).containsExactly("cka", "elbow-2");
        for (Map.Entry<String, String> claim : METHODS.entrySet()) {
            String name = claim.getKey();
            assertThat(cases).as(name).anyMatch(c -> name.endsWith("-") ? c.startsWith(name) : c.equals(name));
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
