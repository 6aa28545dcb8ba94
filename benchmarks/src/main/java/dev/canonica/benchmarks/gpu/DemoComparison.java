package dev.canonica.benchmarks.gpu;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * CLARID on the shipped model: what the demonstration has written on two devices. Singular values and latents are well determined. What is left
 * when a direction is removed depends on that direction, which the decomposition knows to its residual of 10⁻³ over the gap to the next value.
 */
final class DemoComparison {
    private static final Map<String, Double> TOLERANCES =
            Map.of("latent", 1e-3, "s", 1e-3, "evr", 1e-3, "clarep", 2e-2, "canonical", 2e-2);

    private DemoComparison() {}

    /** Compares two output folders, batch by batch: ‖a − b‖ / ‖a‖ of each array. */
    static void run(Path one, Path other, Results results) throws IOException {
        List<Path> batches;
        try (Stream<Path> files = Files.list(one.resolve("batches"))) {
            batches = files.filter(f -> f.toString().endsWith(".npz")).sorted().toList();
        }
        if (batches.isEmpty()) {
            results.check("clarid", "batches", false, "none in " + one);
        }
        for (Path batch : batches) {
            Map<String, Tensor> expected = Npz.read(batch);
            Map<String, Tensor> actual = Npz.read(other.resolve("batches").resolve(batch.getFileName()));
            TOLERANCES.forEach((key, tolerance) -> {
                double error = distance(actual.get(key), expected.get(key));
                String name = batch.getFileName() + " " + key;
                results.check(
                        "clarid",
                        name,
                        error <= tolerance,
                        "relative difference %.2e, allowed %.0e".formatted(error, tolerance));
            });
        }
    }

    private static double distance(@Nullable Tensor actual, @Nullable Tensor expected) {
        if (actual == null || expected == null) {
            return Double.NaN; // no array of this name
        }
        double[] a = actual.toDoubles();
        double[] b = expected.toDoubles();
        double squares = 0;
        double scale = 0;
        for (int i = 0; i < b.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
            scale += b[i] * b[i];
        }
        return Math.sqrt(squares / scale);
    }
}
