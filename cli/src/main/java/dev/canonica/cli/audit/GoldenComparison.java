package dev.canonica.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Compares what {@code canonica run} gives of a golden model with its reference, as {@code golden/check.py} does. */
public final class GoldenComparison {
    private static final double RESIDUAL = 1e-2;

    private GoldenComparison() {}

    /**
     * An array beside the reference's.
     *
     * @param array its name
     * @param error NaN where there is none to compare
     * @param allowed the greatest that passes
     */
    public record Deviation(String array, double error, double allowed) {
        /** Whether it is near enough; NaN is not. */
        public boolean holds() {
            return error <= allowed;
        }

        /** The error as a share of what is allowed; 0 where it is 0. */
        double share() {
            return error == 0 ? 0 : error / allowed;
        }

        @Override
        public String toString() {
            return Double.isNaN(error)
                    ? array + ": missing, of another shape, or not a number"
                    : String.format(Locale.ROOT, "%s: error %.2e, allowed %.2e", array, error, allowed);
        }
    }

    /** Every array of the reference, and every residual. */
    public static List<Deviation> of(Map<String, Tensor> got, Map<String, Tensor> want, JsonNode tolerance) {
        double relative = tolerance.path("relative_l2").asDouble(2e-5);
        double sigma = tolerance.path("sigma_relative").asDouble(1e-4);
        double angle = tolerance.path("subspace_angle").asDouble(1e-3);
        List<Deviation> all = new ArrayList<>();
        want.forEach((key, b) -> {
            Tensor a = got.get(key);
            if (a == null || !a.shape().equals(b.shape())) {
                all.add(new Deviation(key, Double.NaN, 0));
            } else if (key.endsWith("/v")) {
                Tensor s = Objects.requireNonNull(want.get(key.substring(0, key.length() - 1) + "s"));
                for (int i = 0; i < b.dim(0); i++) {
                    double[] spectrum = s.row(i).toDoubles();
                    int leading = Decomposition.bestSeparated(spectrum, spectrum.length - 1);
                    all.add(new Deviation(key + "[" + i + "]", sine(a.row(i), b.row(i), leading), angle));
                }
            } else if (key.endsWith("/s") || key.endsWith("/evr")) {
                all.add(new Deviation(key, worstRelative(a.toDoubles(), b.toDoubles()), sigma));
            } else if (key.endsWith("/k")) {
                all.add(new Deviation(key, Arrays.equals(a.toDoubles(), b.toDoubles()) ? 0 : 1, 0));
            } else if (key.endsWith("to_k.bias")) {
                // a bias of keys shifts all scores of a query alike: its gradient is 0, and what the reference has is
                // rounding
                double[] q = Objects.requireNonNull(want.get(key.replace("to_k", "to_q")))
                        .toDoubles();
                all.add(new Deviation(key, distance(a.toDoubles(), b.toDoubles()) / Math.sqrt(dot(q, q)), relative));
            } else {
                all.add(new Deviation(key, relative(a.toDoubles(), b.toDoubles()), relative));
            }
        });
        got.forEach((key, a) -> {
            if (key.endsWith("/residual")) {
                all.add(new Deviation(key, Arrays.stream(a.toDoubles()).max().orElseThrow(), RESIDUAL));
            }
        });
        return all;
    }

    /** ‖a − b‖ / ‖b‖. */
    public static double relative(double[] a, double[] b) {
        return distance(a, b) / Math.max(Math.sqrt(dot(b, b)), 1e-12);
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    private static double worstRelative(double[] a, double[] b) {
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            worst = Math.max(worst, Math.abs(a[i] - b[i]) / Math.max(Math.abs(b[i]), 1e-12));
        }
        return worst;
    }

    /** The sine of the largest angle between the spans of the first {@code n} rows: ‖A − B Bᵀ A‖ in the Frobenius norm, which bounds it. */
    private static double sine(Tensor a, Tensor b, int n) {
        double[][] p = orthonormal(a, n);
        double[][] q = orthonormal(b, n);
        double squares = 0;
        for (double[] x : p) {
            double[] rest = x.clone();
            for (double[] y : q) {
                add(rest, -dot(x, y), y);
            }
            squares += dot(rest, rest);
        }
        return Math.sqrt(squares);
    }

    /** Gram and Schmidt, twice. */
    private static double[][] orthonormal(Tensor rows, int n) {
        double[][] q = new double[n][];
        for (int i = 0; i < n; i++) {
            q[i] = rows.row(i).toDoubles();
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    add(q[i], -dot(q[i], q[j]), q[j]);
                }
            }
            double norm = Math.sqrt(dot(q[i], q[i]));
            q[i] = Arrays.stream(q[i]).map(v -> v / norm).toArray();
        }
        return q;
    }

    private static double dot(double[] x, double[] y) {
        double s = 0;
        for (int i = 0; i < x.length; i++) {
            s += x[i] * y[i];
        }
        return s;
    }

    private static void add(double[] x, double scale, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += scale * y[i];
        }
    }
}
