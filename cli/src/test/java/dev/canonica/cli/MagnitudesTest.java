package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Metrics of features far from 1: of features s times as great a result is s^d times as great, by its degree d; where the type has no such number, the result is left out and named. Never 0, NaN
 * or another value without a word.
 */
class MagnitudesTest {
    private static final double[] SINGLE = {1e20, 1e-20, 1e37, 3e-37};
    private static final double[] DOUBLE = {1e-160, 1e200, 1e-300, 4e307};

    @TempDir
    private Path folder;

    private static Tensor normal(int stream, double scale, int... dims) {
        double[] v = new double[Math.toIntExact(Shape.of(dims).size())];
        new Philox(7).stream(stream).normals(0, v);
        return Tensor.of(Arrays.stream(v).map(x -> x * scale).toArray(), dims);
    }

    private static Map<String, Tensor> inputs(String metric, double s) {
        Map<String, Tensor> in = new LinkedHashMap<>();
        switch (metric) {
            case "at" -> {
                in.put("x.0", normal(1, s, 3, 4, 3, 3));
                in.put("y.0", normal(2, s, 3, 5, 3, 3));
            }
            case "fitnet" -> {
                in.put("x", normal(1, s, 12, 5));
                in.put("y", normal(2, s, 12, 4));
                in.put("weight", normal(3, 1, 4, 5));
                in.put("bias", normal(4, s, 4));
            }
            case "knn" -> {
                in.put("x", normal(1, s, 12, 5));
                in.put("y", Tensor.of(new long[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 12));
                in.put("q", normal(2, s, 6, 5));
                in.put("yq", Tensor.of(new long[] {0, 1, 2, 0, 1, 2}, 6));
            }
            case "kmeans" -> in.put("x", normal(1, s, 12, 5));
            case "elbow" -> in.put("s", normal(1, s, 12));
            default -> {
                in.put("x", normal(1, s, 12, 5));
                in.put("y", normal(2, s, 12, 4));
            }
        }
        return in;
    }

    /** The power of the features' magnitude that a result grows with. */
    private static int degree(String result) {
        return switch (result) {
            case "mse", "half_sum_per_sample", "mse/grad_weight", "inertia", "inertia_at_start" -> 2;
            case "mse/grad_x", "mse/grad_bias", "centers" -> 1;
            default -> result.contains("/sigma_") ? 1 : result.contains("/grad_x") ? -1 : 0;
        };
    }

    private Outcome run(String metric, String dtype, double s) {
        Path in = folder.resolve("in.npz");
        Npz.write(in, inputs(metric, s));
        List<Object> args = new ArrayList<>(
                List.of("metric", metric, "--inputs", in, "--outputs", folder.resolve("out.npz"), "--dtype", dtype));
        if (metric.equals("kmeans")) {
            args.addAll(List.of("--clusters", "3"));
        }
        return Outcome.run(args.toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cka", "rkd", "procrustes", "gram", "subspace", "at", "fitnet", "knn", "kmeans", "elbow"})
    void isRightOrNamed(String metric) {
        for (String dtype : new String[] {"f32", "f64"}) {
            boolean single = dtype.equals("f32");
            assertThat(run(metric, dtype, 1).err()).isEmpty();
            Map<String, Tensor> base = Npz.read(folder.resolve("out.npz"));
            for (double s : single ? SINGLE : DOUBLE) {
                if (metric.equals("at") && s < 1) {
                    continue; // see floors()
                }
                Outcome outcome = run(metric, dtype, s);
                String where = "%s %s %s: %s".formatted(metric, dtype, s, outcome.err());
                assertThat(outcome.code()).as(where).isZero();
                Map<String, Tensor> found = Npz.read(folder.resolve("out.npz"));
                base.forEach((name, expected) -> {
                    double[] values = expected.toDoubles();
                    double greatest = Arrays.stream(values).map(Math::abs).max().orElse(0);
                    // The logarithm of what is expected, in that of the least and the greatest numbers of the type.
                    double size = Math.log10(greatest) + degree(name) * Math.log10(s);
                    double least = Math.log10(single ? Float.MIN_NORMAL : Double.MIN_NORMAL);
                    double most = Math.log10(single ? Float.MAX_VALUE : Double.MAX_VALUE);
                    if (greatest > 0 && (size < least || size > most)) {
                        assertThat(found).as(where).doesNotContainKey(name);
                        assertThat(outcome.err()).contains(name).contains("left out");
                        return;
                    }
                    assertThat(found).as(where + name).containsKey(name);
                    double[] actual = Objects.requireNonNull(found.get(name)).toDoubles();
                    double[] unscaled = Arrays.stream(actual)
                            .map(v -> degree(name) > 0
                                    ? v / s / (degree(name) == 2 ? s : 1)
                                    : degree(name) < 0 ? v * s : v)
                            .toArray();
                    assertThat(unscaled)
                            .as(where + name)
                            .containsExactly(values, within((single ? 2e-5 : 1e-9) * greatest));
                });
            }
        }
    }

    /** The authors of attention transfer divide by 1e-12 where a map is no longer: that is done, and said. */
    @Test
    void floors() {
        Outcome small = run("at", "f64", 1e-10);
        assertThat(small.code()).isZero();
        assertThat(small.err()).contains("6 maps").contains("1.0E-12");
        assertThat(Npz.read(folder.resolve("out.npz")).get("at").item())
                .isCloseTo(3.323944941569452e-17, within(1e-28));
    }

    @Test
    void whatTheTypeDoesNotHoldIsRefused() {
        Outcome over = run("cka", "f32", 1e200);
        assertThat(over.code()).isOne();
        assertThat(over.err()).contains("array 'x' overflows F32", "--dtype f64");
        Outcome under = run("knn", "f32", 1e-60);
        assertThat(under.code()).isOne();
        assertThat(under.err()).contains("underflows F32", "--dtype f64");
    }
}
