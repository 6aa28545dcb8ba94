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
import org.junit.jupiter.params.provider.CsvSource;
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
            case "elbow" ->
                in.put(
                        "s",
                        Tensor.of(
                                Arrays.stream(normal(1, s, 12).toDoubles())
                                        .map(v -> -Math.abs(v))
                                        .sorted()
                                        .map(v -> -v)
                                        .toArray(),
                                12));
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

    private Map<String, Tensor> found(String metric, String dtype, Map<String, Tensor> in) {
        Path file = folder.resolve("these.npz");
        Npz.write(file, in);
        Path out = folder.resolve("out.npz");
        Outcome outcome = Outcome.run("metric", metric, "--inputs", file, "--outputs", out, "--dtype", dtype);
        assertThat(outcome.code()).as(metric + outcome.err()).isZero();
        return Npz.read(out);
    }

    private static double[] values(Map<String, Tensor> found, String name) {
        assertThat(found).containsKey(name);
        return Objects.requireNonNull(found.get(name)).toDoubles();
    }

    /** x by powers of ten of its own, likewise W, y and b: 0 stands for zeros. */
    @ParameterizedTest
    @CsvSource({
        "0, 1, 1, 1",
        "1, 0, 1, 1",
        "0, 0, 1, 1",
        "0, 1, 0, 0",
        "0, 0, 0, 0",
        "0, 1e300, 1e-150, 1e-150",
        "1e300, 0, 1, 1",
        "0, 1e-300, 1, 0",
        "1e-280, 1, 1, 1",
        "1e-280, 1e-20, 1, 1",
        "1e-280, 1e-280, 1, 1",
        "1e-280, 1e100, 1, 1",
        "1e-200, 1e-200, 1e100, 1e100",
        "1e-280, 1, 0, 1",
        "1e150, 1e-100, 1e50, 0",
        "1e-305, 1, 1e5, 1e5"
    })
    void fitnetOfArraysFarApart(double x, double w, double y, double b) {
        Tensor xs = normal(1, x, 6, 5);
        Tensor ws = normal(2, w, 4, 5);
        Tensor ys = normal(3, y, 6, 4);
        Tensor bs = normal(4, b, 4);
        Map<String, Tensor> found = found("fitnet", "f64", Map.of("x", xs, "weight", ws, "y", ys, "bias", bs));
        double[] xv = xs.toDoubles();
        double[] wv = ws.toDoubles();
        double[] error = new double[24];
        for (int i = 0; i < 24; i++) {
            for (int k = 0; k < 5; k++) {
                error[i] += xv[i / 4 * 5 + k] * wv[i % 4 * 5 + k];
            }
            error[i] += bs.toDoubles()[i % 4] - ys.toDoubles()[i];
        }
        double[] byX = new double[30];
        double[] byW = new double[20];
        double[] byB = new double[4];
        for (int i = 0; i < 24; i++) {
            byB[i % 4] += error[i] / 12;
            for (int k = 0; k < 5; k++) {
                byX[i / 4 * 5 + k] += error[i] / 12 * wv[i % 4 * 5 + k];
                byW[i % 4 * 5 + k] += error[i] / 12 * xv[i / 4 * 5 + k];
            }
        }
        double mse = Arrays.stream(error).map(e -> e * e / 24).sum();
        check(found, "mse", mse);
        check(found, "half_sum_per_sample", mse * 2);
        check(found, "mse/grad_x", byX);
        check(found, "mse/grad_weight", byW);
        check(found, "mse/grad_bias", byB);
    }

    private static void check(Map<String, Tensor> found, String name, double... expected) {
        double greatest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        assertThat(values(found, name)).as(name).containsExactly(expected, within(1e-13 * greatest));
    }

    @Test
    void fitnetOfSingleZeros() {
        Map<String, Tensor> in = new LinkedHashMap<>(inputs("fitnet", 1e20));
        in.put("x", normal(1, 0, 12, 5));
        Map<String, Tensor> found = found("fitnet", "f32", in);
        assertThat(values(found, "mse/grad_weight")).containsOnly(0);
        assertThat(found).doesNotContainKey("mse"); // near 1e40
        in.replaceAll((name, array) -> normal(0, 0, array.shape().dims()));
        assertThat(values(found("fitnet", "f32", in), "mse")).containsExactly(0);
    }

    /** All features 0, of one side or of both: what the losses say of features without a direction, whatever the other side's unit. */
    @ParameterizedTest
    @ValueSource(strings = {"f32", "f64"})
    void zeros(String dtype) {
        double close = dtype.equals("f32") ? 1e-6 : 1e-14;
        for (double s : new double[] {0, 1e-30, 1e30}) {
            for (String zero : new String[] {"x", "y"}) {
                Map<String, Tensor> found = zero("cka", dtype, s, zero);
                for (String name : List.of("linear", "unbiased", "rbf", "rbf_pairs")) {
                    assertThat(values(found, name)).as(name).containsExactly(0);
                    assertThat(values(found, name + "/grad_x")).as(name).containsOnly(0);
                }
                found = zero("procrustes", dtype, s, zero);
                assertThat(values(found, "procrustes")).containsExactly(2);
                assertThat(values(found, "procrustes/grad_x")).containsOnly(0);

                double[][] other = rows(zero.equals("x") ? normal(2, 1, 12, 4) : normal(1, 1, 12, 5));
                found = zero("gram", dtype, s, zero);
                isClose(found, "gram", s == 0 ? 0 : squaredCosines(other), close);
                found = zero("rkd", dtype, s, zero);
                isClose(found, "distance", s == 0 ? 0 : relativeDistances(other), close);
                assertThat(found).containsKeys("angle", "rkd");
                if (s == 0 || zero.equals("x")) {
                    assertThat(values(found, "rkd/grad_x")).containsOnly(0);
                }
                if (s == 0 || s > 1) { // see floors()
                    found = zero("at", dtype, s, zero + ".0");
                    isClose(found, "at", s == 0 ? 0 : 1 / 9.0, close); // of 9 places
                }
            }
        }
    }

    private static void isClose(Map<String, Tensor> found, String name, double expected, double close) {
        assertThat(values(found, name)).as(name).containsExactly(new double[] {expected}, within(close));
    }

    private Map<String, Tensor> zero(String metric, String dtype, double s, String zero) {
        Map<String, Tensor> in = inputs(metric, s);
        in.computeIfPresent(zero, (name, array) -> normal(1, 0, array.shape().dims()));
        return found(metric, dtype, in);
    }

    private static double[][] rows(Tensor x) {
        double[][] rows = new double[x.dim(0)][];
        Arrays.setAll(rows, i -> x.row(i).toDoubles());
        return rows;
    }

    /** The mean of the squares of the cosines of centred rows. */
    private static double squaredCosines(double[][] x) {
        int n = x.length;
        double[][] c = new double[n][x[0].length];
        for (int k = 0; k < x[0].length; k++) {
            int column = k;
            double mean = Arrays.stream(x).mapToDouble(row -> row[column]).sum() / n;
            for (int i = 0; i < n; i++) {
                c[i][k] = x[i][k] - mean;
            }
        }
        double sum = 0;
        for (double[] a : c) {
            for (double[] b : c) {
                sum += dot(a, b) * dot(a, b) / dot(a, a) / dot(b, b);
            }
        }
        return sum / n / n;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    /** The mean of Huber's loss of the distances of rows over the mean of those that are not 0. */
    private static double relativeDistances(double[][] x) {
        int n = x.length;
        double[] d = new double[n * n];
        for (int i = 0; i < n * n; i++) {
            double[] a = x[i / n];
            double[] b = x[i % n];
            d[i] = Math.sqrt(Math.max(0, dot(a, a) + dot(b, b) - 2 * dot(a, b)));
        }
        double mean = Arrays.stream(d).sum() / (n * (n - 1));
        return Arrays.stream(d)
                        .map(v -> v / mean)
                        .map(v -> v < 1 ? v * v / 2 : v - 0.5)
                        .sum()
                / n
                / n;
    }

    /** What no type holds is not for the other type. */
    @Test
    void infinitiesAreNotOverflows() {
        Path in = folder.resolve("in.npz");
        for (double bad : new double[] {Double.POSITIVE_INFINITY, Double.NaN}) {
            for (String metric : new String[] {"cka", "knn", "kmeans", "elbow", "fitnet"}) {
                Map<String, Tensor> arrays = inputs(metric, 1);
                String name = metric.equals("elbow") ? "s" : "x";
                double[] values = arrays.get(name).toDoubles();
                values[3] = bad;
                arrays.put(name, Tensor.of(values, arrays.get(name).shape().dims()));
                Npz.write(in, arrays);
                Outcome outcome = Outcome.run(
                        "metric", metric, "--inputs", in, "--outputs", folder.resolve("o.npz"), "--dtype", "f32");
                assertThat(outcome.code()).isOne();
                assertThat(outcome.err())
                        .contains("array '" + name + "' is " + bad + " at [")
                        .doesNotContain("overflows", "--dtype f64");
            }
        }
    }
}
