package dev.canonica.benchmarks;

import dev.canonica.benchmarks.work.ShippedModel;
import dev.canonica.benchmarks.work.SubspaceIteration;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.metrics.PrincipalAngles;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How many products with J or Jᵀ block Krylov and subspace iteration need, on the shipped model's Jacobians, until the largest principal angle
 * between their n right singular vectors and the right ones is at most 10⁻³. The right ones are those of a block Krylov iteration with another
 * start, run to a residual of 10⁻⁶. Prints a table.
 *
 * <p>Counts do not depend on the machine or its load.
 */
public final class SvdProducts {
    private static final double ANGLE = 1e-3;
    private static final double REFERENCE = 1e-6;
    private static final int MOST_SWEEPS = 100;
    private static final int[] IMAGES = {0, 7, 15, 22};
    private static final int[] OVERSAMPLES = {2, 5, 10};

    private SvdProducts() {}

    /** Prints the table: a row for each layer, t_e and n, medians over images. */
    public static void main(String... arguments) {
        StringBuilder head = new StringBuilder("| layer, t_e | n | σₙ₊₁/σₙ ");
        for (String method : new String[] {"Krylov", "subspace"}) {
            for (int p : OVERSAMPLES) {
                head.append("| ").append(method).append(", b = n + ").append(p).append(' ');
            }
        }
        System.out.println(head.append('|'));
        System.out.println("| --- ".repeat(3 + 2 * OVERSAMPLES.length) + "|");
        for (String layer : new String[] {"blocks.2", "blocks.3"}) {
            for (double te : new double[] {0.4, 0.48}) {
                for (int n : new int[] {1, 5, 10}) {
                    row(layer, te, n);
                }
            }
        }
    }

    private static void row(String layer, double te, int n) {
        List<List<Double>> cells = new ArrayList<>();
        for (int image : IMAGES) {
            try (Scope scope = Scope.open()) {
                ShippedModel shipped = new ShippedModel(image);
                CanonicalExtraction extraction = shipped.extraction(layer, te, RandomizedSvd.ofRank(n));
                Tensor latent = shipped.latent(extraction);
                LinearOperator j =
                        LinearOperator.jacobian(extraction.linearize(latent, shipped.condition()), latent.shape());
                cells.add(products(j, n));
            }
        }
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "| `%s`, %.2f | %d ", layer, te, n));
        for (int i = 0; i < cells.getFirst().size(); i++) {
            int column = i;
            double[] sorted =
                    cells.stream().mapToDouble(c -> c.get(column)).sorted().toArray();
            double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
            line.append(i == 0 ? String.format(Locale.ROOT, "| %.3f ", median) : describe(median));
        }
        System.out.println(line.append('|'));
    }

    private static String describe(double products) {
        return Double.isInfinite(products) ? "| more " : String.format(Locale.ROOT, "| %.0f ", products);
    }

    private static List<Double> products(LinearOperator j, int n) {
        RandomizedSvd.Triples right = new RandomizedSvd(n + 1, 6, MOST_SWEEPS, REFERENCE, 0, 77)
                .solve(j)
                .samples()
                .getFirst();
        double[][] v = Arrays.copyOf(right.v(), n);
        List<Double> cells = new ArrayList<>();
        cells.add(right.sigma()[n] / right.sigma()[n - 1]);
        for (int p : OVERSAMPLES) {
            cells.add(krylov(j, n, p, v));
        }
        for (int p : OVERSAMPLES) {
            SubspaceIteration iteration = new SubspaceIteration(j, n + p, 1);
            double needed = Double.POSITIVE_INFINITY;
            for (int q = 0; q < MOST_SWEEPS && Double.isInfinite(needed); q++) {
                if (angle(iteration.sweep(n), v) <= ANGLE) {
                    needed = iteration.products();
                }
            }
            cells.add(needed);
        }
        return cells;
    }

    private static double krylov(LinearOperator j, int n, int p, double[][] right) {
        for (int q = 1; q <= MOST_SWEEPS; q++) { // the same start each time: q sweeps are the first q of any longer run
            RandomizedSvd.Result r = new RandomizedSvd(n, p, q, 0, 0, 1).solve(j);
            if (angle(r.samples().getFirst().v(), right) <= ANGLE) {
                return r.products();
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private static double angle(double[][] v, double[][] right) {
        return PrincipalAngles.betweenRows(v, right).angles()[0];
    }
}
