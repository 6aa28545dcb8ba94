package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The measures against those of scikit-learn, SciPy and exact arithmetic: {@code golden/methods} says which and how
 * near.
 */
class GoldenTest {
    private static Path file(String name, String file) {
        return Path.of(System.getProperty("canonica.golden"), "methods", name, file);
    }

    private static Map<String, Tensor> inputs(String name) {
        return Npz.read(file(name, "inputs.npz"));
    }

    private static Map<String, Tensor> expected(String name) {
        return Npz.read(file(name, "expected.npz"));
    }

    private static JsonNode json(String name, String file) throws IOException {
        return new ObjectMapper().readTree(file(name, file).toFile());
    }

    private static double[][] rows(Tensor t) {
        double[] values = t.toDoubles();
        double[][] rows = new double[t.dim(0)][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * t.dim(1), (i + 1) * t.dim(1)));
        return rows;
    }

    private static int[] labels(Tensor t) {
        return Arrays.stream(t.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    @Test
    void nmi() throws IOException {
        Map<String, Tensor> inputs = inputs("nmi");
        JsonNode pairs = json("nmi", "expected.json");
        assertThat(pairs).hasSize(inputs.size() / 2).isNotEmpty();
        for (Map.Entry<String, JsonNode> pair : pairs.properties()) {
            int[] a = labels(inputs.get(pair.getKey() + "/a"));
            int[] b = labels(inputs.get(pair.getKey() + "/b"));
            Map<String, Double> found = Map.of(
                    "nmi", Nmi.nmi(a, b),
                    "nmi_min", Nmi.nmiMin(a, b),
                    "nmi_geometric", Nmi.nmiGeometric(a, b),
                    "ari", Nmi.adjustedRand(a, b));
            assertThat(pair.getValue()).hasSize(found.size());
            found.forEach((name, value) -> assertThat(value)
                    .as(pair.getKey() + "/" + name)
                    .isCloseTo(pair.getValue().get(name).asDouble(), within(1e-12)));
        }
    }

    @Test
    void knn() {
        Map<String, Tensor> inputs = inputs("knn");
        Map<String, Tensor> expected = expected("knn");
        Knn knn = Knn.of(rows(inputs.get("x")), labels(inputs.get("y")), Knn.NEIGHBOURS);
        double[][] queries = rows(inputs.get("q"));
        int[] truth = labels(inputs.get("yq"));
        int[] predicted = knn.predict(queries);
        assertThat(predicted).containsExactly(labels(expected.get("predictions")));
        assertThat(Knn.accuracy(predicted, truth))
                .isEqualTo(expected.get("accuracy").item());
        assertThat(Knn.accuracy(knn.predictWeighted(queries, Knn.TEMPERATURE), truth))
                .isEqualTo(expected.get("weighted").item());
        assertThat(Knn.accuracy(knn.predictLeaveOneOut(), labels(inputs.get("y"))))
                .isEqualTo(expected.get("leave_one_out").item());
        int[] neighbours = Arrays.stream(knn.neighbours(queries))
                .flatMapToInt(Arrays::stream)
                .toArray();
        assertThat(neighbours).containsExactly(labels(expected.get("neighbours")));
    }

    @Test
    void kmeansFromGivenCentres() {
        Map<String, Tensor> inputs = inputs("kmeans");
        Map<String, Tensor> expected = expected("kmeans");
        KMeans found = KMeans.lloyd(rows(inputs.get("x")), rows(inputs.get("init")));
        assertThat(found.labels()).containsExactly(labels(expected.get("labels")));
        double inertia = expected.get("inertia").item();
        assertThat(found.inertia()).isCloseTo(inertia, within(1e-10 * inertia));
        assertThat(Arrays.stream(found.centres())
                        .flatMapToDouble(Arrays::stream)
                        .toArray())
                .containsExactly(expected.get("centers").toDoubles(), within(1e-9));
        assertThat(found.iterations())
                .isEqualTo((int) expected.get("iterations").toLongs()[0]);
        double[] atStart = expected.get("inertia_at_start").toDoubles();
        assertThat(Arrays.copyOf(found.history(), atStart.length)).containsExactly(atStart, within(1e-10 * atStart[0]));
        assertThat(Nmi.nmi(labels(inputs.get("truth")), found.labels()))
                .isCloseTo(expected.get("nmi").item(), within(1e-12));
    }

    @Test
    void kmeansFromItsOwnCentres() throws IOException {
        double[][] x = rows(inputs("kmeans").get("x"));
        double most = json("kmeans", "case.json").at("/kpp/best_of_10/max").asDouble();
        for (int seed = 0; seed < 10; seed++) {
            assertThat(KMeans.best(x, 10, 10, new Philox(seed)).inertia()).isLessThanOrEqualTo(1.01 * most);
        }
    }

    @Test
    void principalAngles() {
        Map<String, Tensor> inputs = inputs("subspace");
        Map<String, Tensor> expected = expected("subspace");
        Set<String> names = new HashSet<>();
        for (String name : inputs.keySet()) {
            names.add(name.substring(0, name.indexOf('/')));
        }
        assertThat(expected).hasSize(2 * names.size()).isNotEmpty();
        for (String name : names) {
            double[][] x = rows(inputs.get(name + "/x"));
            double[][] y = rows(inputs.get(name + "/y"));
            PrincipalAngles found = PrincipalAngles.betweenColumns(x, y);
            double tolerance = name.equals("badly_scaled") ? 1e-9 : 1e-12;
            assertThat(found.angles())
                    .as(name)
                    .containsExactly(expected.get(name).toDoubles(), within(tolerance));
            assertThat(found.overlap())
                    .as(name)
                    .isCloseTo(expected.get(name + "/overlap").item(), within(tolerance));
            assertThat(PrincipalAngles.betweenRows(Rows.transpose(y), Rows.transpose(x))
                            .angles())
                    .containsExactly(found.angles(), within(1e-14));
        }
    }

    @Test
    void elbow() throws IOException {
        JsonNode spectra = json("elbow", "expected.json");
        assertThat(spectra).isNotEmpty();
        for (Map.Entry<String, JsonNode> spectrum : spectra.properties()) {
            JsonNode expected = spectrum.getValue();
            Elbow found = Elbow.of(doubles(expected.get("s")));
            assertThat(found.k())
                    .as(spectrum.getKey())
                    .isEqualTo(expected.get("k").asInt());
            assertThat(found.evr()).as(spectrum.getKey()).containsExactly(doubles(expected.get("evr")), within(1e-14));
            assertThat(found.distance())
                    .as(spectrum.getKey())
                    .containsExactly(doubles(expected.get("distance")), within(1e-13));
        }
    }

    private static double[] doubles(JsonNode array) {
        double[] values = new double[array.size()];
        Arrays.setAll(values, i -> array.get(i).asDouble());
        return values;
    }
}
