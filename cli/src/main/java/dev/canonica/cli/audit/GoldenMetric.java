package dev.canonica.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.cli.audit.GoldenComparison.Deviation;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A golden case that {@code canonica metric} takes.
 *
 * @param folder of the case
 * @param metric the command's name of it
 * @param bound what its {@code case.json} allows in double precision
 */
record GoldenMetric(Path folder, String metric, Bound bound) {
    private static final String INPUTS = "inputs.npz";
    private static final String SIGMA = "rbf_fixed/sigma";

    /** Whole numbers, which are equal or wrong. */
    private static final Set<String> WHOLE = Set.of("labels", "predictions", "neighbours", "iterations", "k");

    /**
     * What is allowed.
     *
     * @param value of values: times the greatest of an array, or 1 where that is less
     * @param gradient of gradients: times the greatest of them
     * @param floor of gradients that vanish
     */
    record Bound(double value, double gradient, double floor) {}

    private static final Map<String, Bound> BOUNDS = Map.of(
            "cka", new Bound(1e-10, 1e-8, 1e-10),
            "rkd", new Bound(1e-10, 1e-8, 0),
            "at", new Bound(1e-12, 1e-10, 0),
            "fitnet", new Bound(1e-12, 1e-11, 0),
            "nmi", new Bound(1e-12, 0, 0),
            "subspace", new Bound(1e-9, 0, 0),
            "knn", new Bound(0, 0, 0),
            "kmeans", new Bound(1e-10, 0, 0),
            "elbow", new Bound(1e-13, 0, 0));

    static Map<String, Bound> bounds() {
        return BOUNDS;
    }

    /** The case in a folder; empty where the command does not take it. */
    static Optional<GoldenMetric> of(Path folder) {
        String metric = folder.getFileName().toString().replaceFirst("-.*", "");
        return Optional.ofNullable(BOUNDS.get(metric)).map(bound -> new GoldenMetric(folder, metric, bound));
    }

    /** Where the arrays are; those of a case that has them as JSON are written to {@code temporary}. */
    Path inputs(Path temporary) throws IOException {
        if (Files.exists(folder.resolve(INPUTS))) {
            return folder.resolve(INPUTS);
        }
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        json().properties()
                .forEach(e -> arrays.put(e.getKey() + "/s", vector(e.getValue().path("s"))));
        Npz.write(temporary, arrays);
        return temporary;
    }

    /** The command line but for its outputs. */
    List<String> words(Path inputs) throws IOException {
        List<String> words =
                new ArrayList<>(List.of("metric", metric, "--inputs", inputs.toString(), "--dtype", "f64"));
        Tensor sigma = expected().get(SIGMA);
        if (sigma != null) { // an option, not an array
            words.addAll(List.of("--sigma", Double.toString(sigma.item())));
        }
        return words;
    }

    /**
     * What was computed beside what was expected. Where nothing is, since all features of one side are the same, values and gradients have to be 0, by the convention of the case.
     */
    List<Deviation> compare(Map<String, Tensor> got) {
        Map<String, Tensor> want;
        try {
            want = expected();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Deviation> all = new ArrayList<>();
        if (want.isEmpty()) {
            got.forEach((key, a) -> {
                if (!key.contains("/sigma")) { // of the other side, whose features differ
                    all.add(new Deviation(key, greatest(a.toDoubles()), 0));
                }
            });
            return all;
        }
        want.forEach((key, b) -> {
            if (!key.equals(SIGMA)) {
                all.add(deviation(key, got.get(key), b));
            }
        });
        return all;
    }

    private Deviation deviation(String key, @Nullable Tensor a, Tensor b) {
        if (a == null || !a.shape().equals(b.shape())) {
            return new Deviation(key, Double.NaN, 0);
        }
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        double error = 0;
        for (int i = 0; i < x.length; i++) {
            error = Math.max(error, Math.abs(x[i] - y[i])); // NaN wins
        }
        double scale = greatest(y);
        String name = key.substring(key.lastIndexOf('/') + 1);
        double allowed = WHOLE.contains(name)
                ? 0
                : name.contains("grad") ? bound.gradient * scale + bound.floor : bound.value * Math.max(scale, 1);
        return new Deviation(key, error, allowed);
    }

    private static double greatest(double[] x) {
        double greatest = 0;
        for (double v : x) {
            greatest = Math.max(greatest, Math.abs(v));
        }
        return greatest;
    }

    /** The arrays that are expected, by their names; none where the case is degenerate. */
    private Map<String, Tensor> expected() throws IOException {
        if (Files.exists(folder.resolve("expected.npz"))) {
            return Npz.read(folder.resolve("expected.npz"));
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        if (Files.exists(folder.resolve("expected.json"))) {
            json().properties()
                    .forEach(of -> of.getValue().properties().forEach(e -> {
                        JsonNode v = e.getValue();
                        if (v.isArray() && !e.getKey().equals("s")) {
                            all.put(of.getKey() + "/" + e.getKey(), vector(v));
                        } else if (v.isNumber() && !e.getKey().startsWith("margin")) {
                            all.put(of.getKey() + "/" + e.getKey(), Tensor.scalar(DType.F64, v.asDouble()));
                        }
                    }));
        }
        return all;
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    }

    private static Tensor vector(JsonNode numbers) {
        double[] v = new double[numbers.size()];
        Arrays.setAll(v, i -> numbers.get(i).asDouble());
        return Tensor.of(v, v.length);
    }
}
