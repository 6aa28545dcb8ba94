package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.cli.option.Precision;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class MetricCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private record Outcome(int code, String out, String err) {
        JsonNode json() throws IOException {
            assertThat(err).isEmpty();
            assertThat(code).isZero();
            return JSON.readTree(out);
        }
    }

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Canonica.commandLine();
        command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Outcome(command.execute(args), out.toString(), err.toString());
    }

    /** Runs a metric on arrays; the results are in {@link #results}. */
    private Outcome run(String metric, Map<String, Tensor> arrays, String... options) {
        Path file = folder.resolve("in.npz");
        Npz.write(file, arrays);
        return onFile(metric, file, options);
    }

    private Outcome onFile(String metric, Path file, String... options) {
        String[] args = {"metric", metric, "--inputs", file.toString(), "--outputs", out().toString()};
        return run(Stream.concat(Arrays.stream(args), Arrays.stream(options)).toArray(String[]::new));
    }

    private Path out() {
        return folder.resolve("out.npz");
    }

    private Map<String, Tensor> results() {
        return Npz.read(out());
    }

    private static Path golden(String metric, String file) {
        return Path.of(System.getProperty("canonica.golden"), "methods", metric, file);
    }

    private JsonNode runGolden(String metric, Precision precision) throws IOException {
        return onFile(
                        metric,
                        golden(metric, "inputs.npz"),
                        "--dtype",
                        precision.name().toLowerCase())
                .json();
    }

    /** Scalars are in the object as in the file. */
    private static void assertScalar(
            JsonNode json, Map<String, Tensor> found, String name, double expected, double within) {
        assertThat(found.get(name).rank()).isZero();
        assertThat(json.at("/" + name).doubleValue()).as(name).isCloseTo(expected, within(within));
        double stored = Math.max(within, found.get(name).dtype() == DType.F32 ? 1e-7 * Math.abs(expected) : 0);
        assertThat(found.get(name).item()).as(name).isCloseTo(expected, within(stored));
    }

    @ParameterizedTest
    @EnumSource
    void nmi(Precision precision) throws IOException {
        JsonNode json = runGolden("nmi", precision);
        JsonNode expected = JSON.readTree(golden("nmi", "expected.json").toFile());
        assertThat(json).hasSameSizeAs(expected).isNotEmpty();
        for (Map.Entry<String, JsonNode> pair : expected.properties()) {
            assertThat(json.get(pair.getKey())).hasSize(5);
            for (Map.Entry<String, JsonNode> value : pair.getValue().properties()) {
                String name = pair.getKey() + "/" + value.getKey();
                assertScalar(json, results(), name, value.getValue().doubleValue(), 1e-12);
            }
        }
        assertScalar(json, results(), "permuted/ami", 1, 0);
        assertScalar(json, results(), "all_singletons/ami", 0, 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void knn(Precision precision) throws IOException {
        JsonNode json = runGolden("knn", precision);
        Map<String, Tensor> expected = Npz.read(golden("knn", "expected.npz"));
        Map<String, Tensor> found = results();
        assertThat(found).hasSameSizeAs(expected);
        boolean exact = precision == Precision.F64;
        long[] predictions = expected.get("predictions").toLongs();
        assertThat(differences(found.get("predictions").toLongs(), predictions)).isLessThanOrEqualTo(exact ? 0 : 1);
        for (String name : List.of("accuracy", "weighted", "leave_one_out")) {
            assertScalar(json, found, name, expected.get(name).item(), exact ? 0 : 1.0 / predictions.length);
        }
        assertThat(found.get("neighbours").shape())
                .isEqualTo(expected.get("neighbours").shape());
        if (exact) {
            assertThat(found.get("neighbours").toLongs())
                    .containsExactly(expected.get("neighbours").toLongs());
        }
    }

    private static long differences(long[] a, long[] b) {
        assertThat(a).hasSameSizeAs(b);
        return IntStream.range(0, a.length).filter(i -> a[i] != b[i]).count();
    }

    @ParameterizedTest
    @EnumSource
    void kmeans(Precision precision) throws IOException {
        JsonNode json = runGolden("kmeans", precision);
        Map<String, Tensor> expected = Npz.read(golden("kmeans", "expected.npz"));
        Map<String, Tensor> found = results();
        assertThat(found.keySet()).containsAll(expected.keySet());
        boolean exact = precision == Precision.F64;
        long[] labels = expected.get("labels").toLongs();
        assertThat(differences(found.get("labels").toLongs(), labels))
                .isLessThanOrEqualTo(exact ? 0 : labels.length / 200);
        double inertia = expected.get("inertia").item();
        assertScalar(json, found, "inertia", inertia, (exact ? 1e-10 : 1e-4) * inertia);
        assertScalar(json, found, "nmi", expected.get("nmi").item(), exact ? 1e-12 : 1e-2);
        assertScalar(json, found, "iterations", expected.get("iterations").item(), exact ? 0 : 2);
        assertThat(found.get("centers").shape())
                .isEqualTo(expected.get("centers").shape());
        assertThat(found.get("centers").toDoubles())
                .containsExactly(expected.get("centers").toDoubles(), within(exact ? 1e-9 : 1e-3));
        assertThat(found.get("inertia_at_start").toDoubles())
                .containsExactly(
                        expected.get("inertia_at_start").toDoubles(), within((exact ? 1e-10 : 1e-4) * inertia));
    }

    @ParameterizedTest
    @EnumSource
    void subspace(Precision precision) throws IOException {
        JsonNode json = runGolden("subspace", precision);
        Map<String, Tensor> expected = Npz.read(golden("subspace", "expected.npz"));
        Map<String, Tensor> found = results();
        assertThat(found).containsOnlyKeys(expected.keySet());
        for (String name : expected.keySet()) {
            double[] angles = expected.get(name).toDoubles();
            boolean scaled = name.startsWith("badly_scaled");
            if (name.endsWith("/overlap")) {
                double within = precision == Precision.F32 ? 1e-5 : scaled ? 1e-9 : 1e-12;
                assertScalar(json, found, name, angles[0], within);
                continue;
            }
            assertThat(found.get(name).dtype().name()).isEqualTo(precision.name());
            assertThat(found.get(name).shape()).isEqualTo(expected.get(name).shape());
            for (int i = 0; i < angles.length; i++) {
                double within = switch (precision) {
                    case F32 -> angles[i] < 0.01 ? 1e-3 : 1e-5;
                    case F64 -> scaled ? 1e-9 : 1e-12;
                };
                assertThat(found.get(name).toDoubles()[i]).as(name).isCloseTo(angles[i], within(within));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void elbow(Precision precision) throws IOException {
        JsonNode spectra = JSON.readTree(golden("elbow", "expected.json").toFile());
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> spectrum : spectra.properties()) {
            double[] s = JSON.convertValue(spectrum.getValue().get("s"), double[].class);
            arrays.put(spectrum.getKey() + "/s", Tensor.of(s, s.length));
        }
        Outcome outcome = run("elbow", arrays, "--dtype", precision.name());
        assertThat(outcome.err().lines())
                .hasSize(2)
                .allMatch(line ->
                        line.contains("does not descend, as singular values do: its elbow is that of the order given"));
        JsonNode json = new Outcome(outcome.code(), outcome.out(), "").json();
        Map<String, Tensor> found = results();
        assertThat(spectra).isNotEmpty();
        for (Map.Entry<String, JsonNode> spectrum : spectra.properties()) {
            String name = spectrum.getKey();
            JsonNode expected = spectrum.getValue();
            boolean exact = precision == Precision.F64;
            if (exact || expected.get("margin_over_the_second").asDouble() > 1e-5) {
                assertScalar(json, found, name + "/k", expected.get("k").asInt(), 0);
            }
            assertThat(found.get(name + "/evr").toDoubles())
                    .containsExactly(
                            JSON.convertValue(expected.get("evr"), double[].class), within(exact ? 1e-14 : 1e-6));
            assertThat(found.get(name + "/distance").toDoubles())
                    .containsExactly(
                            JSON.convertValue(expected.get("distance"), double[].class), within(exact ? 1e-13 : 1e-6));
        }
    }

    /** Names of arrays come from files, and are printed. */
    @Test
    void printsNothingThatATerminalObeys() {
        Outcome outcome = run("elbow", Map.of("\u009b31m/s", Tensor.of(new double[] {3, 2, 1}, 3)));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).startsWith("{\"\\u009b31m\":");
    }

    @Test
    void onePairNeedsNoName() throws IOException {
        Tensor a = Tensor.of(new long[] {3, 3, 8}, 3);
        assertThat(run("nmi", Map.of("a", a, "b", a)).out())
                .isEqualToIgnoringNewLines(
                        "{\"nmi\":1.0,\"ari\":1.0,\"nmi_min\":1.0,\"nmi_geometric\":1.0,\"ami\":1.0}");
        Tensor x = Tensor.of(new double[] {1, 0, 0}, 3, 1);
        Tensor y = Tensor.of(new double[] {0, 0, 0, 2, 0, -1}, 3, 2);
        assertThat(run("subspace", Map.of("x", x, "y", y)).json().get("overlap").doubleValue())
                .isCloseTo(0, within(1e-15));
        assertThat(results().get("angles").toDoubles()).containsExactly(Math.PI / 2);
        assertThat(run("elbow", Map.of("s", Tensor.of(new float[] {3, 2, 0.1f, 0.1f}, 4)))
                        .out())
                .isEqualToIgnoringNewLines("{\"k\":2}");
    }

    @Test
    void clustersWithoutCentresToStartFrom() throws IOException {
        Tensor x = Tensor.of(new float[] {0, 1, 10, 11, 20, 21, 22}, 7, 1);
        Tensor truth = Tensor.of(new long[] {5, 5, 6, 6, 7, 7, 7}, 7);
        JsonNode json =
                run("kmeans", Map.of("x", x, "truth", truth), "--clusters", "3").json();
        assertThat(json.get("inertia").doubleValue()).isEqualTo(3);
        assertThat(json.get("nmi").doubleValue()).isEqualTo(1);
        assertThat(run("kmeans", Map.of("x", x), "--clusters", "3").json().has("nmi"))
                .isFalse();
        assertThat(results().get("inertia_at_start").toDoubles()).endsWith(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nmi | a | array 'b' is missing",
                "nmi | p/a q/b | array 'p/b' is missing",
                "nmi | a b c | array 'c' is not known: known are a, b, NAME/a, NAME/b",
                "nmi | a x:b | array 'b' must have integers, not F64",
                "knn | x y:y q:q yq | array 'x' must have 2 axes, its shape is [3]",
                "knn | x:x y:y q:q | array 'yq' is missing",
                "knn | x:x y:y x:q yq z | array 'z' is not known: known are x, y, q, yq",
                "kmeans | x:x | array 'init' is missing, and there is no --clusters",
                "elbow | x:s | array 's' must have 1 axis, its shape is [3, 2]",
                "subspace | '' | there are no arrays in it"
            })
    void failureNamesTheArrayAndLeavesNoFile(String metric, String arrays, String said) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String array : arrays.isEmpty() ? new String[0] : arrays.split(" ")) {
            Tensor reals = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
            Tensor integers = Tensor.of(new long[] {1, 2, 3}, 3);
            boolean real = array.startsWith("x:") || array.startsWith("q:");
            boolean vector = array.equals("x:b");
            String name = array.substring(array.indexOf(':') + 1);
            inputs.put(name, vector ? Tensor.of(new double[3], 3) : real ? reals : integers);
        }
        Outcome outcome = run(metric, inputs);
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines("canonica metric: " + folder.resolve("in.npz") + ": " + said);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(out()).doesNotExist();
    }

    /** A single row has no distances, of which a bandwidth could be the median. */
    /** The values stay, and one line says which are 0 for want of anything, and why; the level by chance stands beside biased measures alone. */
    @Test
    void alignmentWithConstantFeaturesIsReported() throws IOException {
        Tensor x = Tensor.full(DType.F32, Shape.of(16, 5), 2);
        Tensor y = Tensor.normal(DType.F32, Shape.of(16, 4), new Philox(1));
        Outcome outcome = run("cka", Map.of("x", x, "y", y));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines(
                        "canonica metric: linear, unbiased, rbf, rbf_pairs: 0, for there is nothing to align: of array x: all rows are the same");
        for (String measure : List.of("linear", "unbiased", "rbf", "rbf_pairs")) {
            assertThat(JSON.readTree(outcome.out()).get(measure).doubleValue()).isZero();
        }
        JsonNode json = run("cka", Map.of("x", y, "y", Tensor.normal(DType.F32, Shape.of(16, 90), new Philox(2))))
                .json();
        assertThat(json.get("linear/by_chance").doubleValue())
                .isCloseTo(json.get("linear").doubleValue(), within(0.1))
                .isGreaterThan(0.3);
        assertThat(json.has("rbf/by_chance") && json.has("rbf_pairs/by_chance")).isTrue();
        assertThat(json.has("unbiased/by_chance") || json.has("rbf_fixed/by_chance"))
                .isFalse();
    }

    @Test
    void alignmentOfOneRowIsRefused() {
        Tensor row = Tensor.of(new double[] {1, 2}, 1, 2);
        Outcome outcome = run("cka", Map.of("x", row, "y", row));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .contains(
                        "in.npz: arrays 'x' [1, 2], 'y' [1, 2]: features [n, p] and [n, q] of the same samples, at least 2, are needed")
                .hasLineCount(1);
    }

    /** In one line that has file, arrays and their shapes, whatever the loss; nothing is printed where there is nothing to be said. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cka        | 8, 5    | 7, 3    | features [n, p] and [n, q] of the same samples, at least 2, are needed
            cka        | 1, 8, 5 | 1, 8, 3 | features [n, p] and [n, q] of the same samples, at least 2, are needed
            rkd        | 0, 5    | 0, 3    | features [n, p] and [n, q] of the same samples, at least 1, are needed
            gram       | 0, 5    | 0, 3    | features [n, p] and [n, q] of the same samples, at least 1, are needed
            procrustes | 0, 5    | 0, 3    | features [n, p] and [n, q] of the same samples, at least 1, are needed
            """)
    void shapesThatDoNotFitAreRefused(String metric, String x, String y, String needed) {
        Outcome outcome = run(metric, Map.of("x", zeros(x), "y", zeros(y)));
        assertThat(outcome)
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "canonica metric: %s: arrays 'x' [%s], 'y' [%s]: %s\n"
                                .formatted(folder.resolve("in.npz"), x, y, needed)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            4, 5, 3, 3 | 4, 2, 3, 2
            0, 5, 3, 3 | 0, 2, 3, 3
            4, 0, 3, 3 | 4, 2, 3, 3
            4, 5, 0, 3 | 4, 2, 0, 3
            """)
    void mapsThatDoNotFitAreRefused(String x, String y) {
        Outcome outcome = run("at", Map.of("x.0", zeros(x), "y.0", zeros(y)));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .contains("in.npz: arrays 'x.0' [%s], 'y.0' [%s]: maps [B, C, H, W] and [B, D, H, W]".formatted(x, y))
                .hasLineCount(1);
    }

    @Test
    void aHintsWeightThatDoesNotFitIsRefused() {
        for (Tensor x : new Tensor[] {zeros("8, 5"), zeros("0, 3"), zeros("3")}) {
            Outcome outcome = run(
                    "fitnet",
                    Map.of("x", x, "y", zeros(x.dim(0) + ", 2"), "weight", zeros("2, 3"), "bias", zeros("2")));
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err())
                    .contains("in.npz: arrays 'x' " + x.shape(), "'weight' [2, 3], 'bias' [2]: features [n, p]")
                    .hasLineCount(1);
        }
    }

    /** Arrays that do not fit each other, by file and name; those of one axis are labels, or singular values. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            knn      | x 0,2; y 0; q 1,2; yq 1  | 'x' has 0 rows; it needs at least 2
            knn      | x 1,2; y 1; q 1,2; yq 1  | 'x' has 1 rows; it needs at least 2
            knn      | x 3,2; y 2; q 1,2; yq 1  | 'y' has 2 labels; it needs one for each of the 3 rows of 'x'
            knn      | x 3,2; y 3; q 2,2; yq 1  | 'yq' has 1 labels; it needs one for each of the 2 rows of 'q'
            knn      | x 3,2; y 3; q 0,2; yq 0  | 'q' has 0 rows; it needs at least 1
            knn      | x 3,2; y 3; q 1,4; yq 1  | 'q' has 4 columns, 'x' has 2: as many are needed
            kmeans   | x 0,2                    | 'x' has 0 rows; it needs at least 1
            kmeans   | x 3,2; truth 2           | 'truth' has 2 labels; it needs one for each of the 3 rows of 'x'
            kmeans   | x 3,2; init 1,3          | 'init' has 3 columns, 'x' has 2: as many are needed
            kmeans   | x 3,2; init 0,2          | 'init' has 0 rows; it needs at least 1
            kmeans   | x 3,2; init 4,2          | 'init' has 4 rows; at most as many as 'x', 3, are possible
            subspace | p/x 3,2; p/y 4,2         | 'p/x' has 3 rows, 'p/y' has 4: as many are needed
            elbow    | p/s 0                    | 'p/s' is empty: at least one singular value is needed
            elbow    | s 2                      | 's' has -1.0: singular values are not less than 0
            """)
    void whatDoesNotFitIsNamed(String metric, String arrays, String said) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (String array : arrays.split("; ")) {
            String[] words = array.split(" ");
            Tensor zeros = zeros(words[1].replace(",", ", "));
            long[] integers = LongStream.range(0, zeros.size()).map(i -> -1).toArray();
            inputs.put(words[0], zeros.rank() == 2 ? zeros : Tensor.of(integers, zeros.dim(0)));
        }
        assertThat(run(metric, inputs))
                .isEqualTo(new Outcome(
                        1, "", "canonica metric: %s: array %s\n".formatted(folder.resolve("in.npz"), said)));
    }

    private static Tensor zeros(String shape) {
        return Tensor.zeros(
                DType.F64,
                Shape.of(Arrays.stream(shape.split(", "))
                        .mapToInt(Integer::parseInt)
                        .toArray()));
    }

    @Test
    void misuse() {
        Outcome outcome = run("metric", "accuracy", "--inputs", "in.npz");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .startsWith(
                        "canonica metric: there is no metric 'accuracy': there are elbow, kmeans, knn, nmi, subspace, cka");
        assertThat(run("metric", "nmi").err()).contains("--inputs");
        assertThat(run("metric", "nmi", "--inputs", "in.npz", "--dtype", "bf16").code())
                .isEqualTo(2);
        assertThat(run("metric", "nmi", "--inputs", "absent.npz").err())
                .contains("absent.npz")
                .containsOnlyOnce("\n");
        assertThat(Files.exists(Path.of("absent.npz"))).isFalse();
        assertThat(run("metric", "--help").out()).contains("subspace", "--neighbours");
    }

    /** Kernels near 1: bandwidths far above the distances give linear kernels, in both types. */
    @ParameterizedTest
    @CsvSource({
        "f64, 1, 1e8, 1e-13",
        "f64, 1, 1e160, 1e-13",
        "f64, 1e-9, 1, 1e-13",
        "f32, 1e-4, 1, 1e-5",
        "f32, 1, 1e20, 1e-5"
    })
    void ckaOfAWideKernelIsLinear(String dtype, double scale, String sigma, double close) throws IOException {
        JsonNode found = run(
                        "cka",
                        Map.of(
                                "x",
                                Tensor.normal(DType.F64, Shape.of(8, 3), new Philox(1))
                                        .times(scale),
                                "y",
                                Tensor.normal(DType.F64, Shape.of(8, 3), new Philox(2))
                                        .times(scale)),
                        "--sigma",
                        sigma,
                        "--dtype",
                        dtype)
                .json();
        assertThat(found.get("rbf_fixed").asDouble())
                .isCloseTo(found.get("linear").asDouble(), within(close));
        double[] expected = results().get("linear/grad_x").toDoubles();
        assertThat(results().get("rbf_fixed/grad_x").toDoubles()).containsExactly(expected, within(close / scale));
    }
}
