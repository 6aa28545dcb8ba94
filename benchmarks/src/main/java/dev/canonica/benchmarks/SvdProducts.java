package dev.canonica.benchmarks;

import dev.canonica.benchmarks.work.BlockKrylov;
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
import java.util.stream.Stream;

/**
 * How many products with J or Jᵀ block Krylov and subspace iteration need, on the shipped model's Jacobians, until the largest principal angle
 * between their n right singular vectors and the right ones is at most 10⁻³; of block Krylov also how many until the certificate of {@link
 * RandomizedSvd} holds, and the angle then. The right ones are those of a block Krylov iteration with another start, run to a residual of 10⁻⁶. Prints
 * tables: of {@code krylov}, of {@code subspace} or, without an argument, both.
 *
 * <p>Counts do not depend on the machine or its load.
 */
public final class SvdProducts {
    private static final double ANGLE = 1e-3;
    private static final double CERTIFICATE = 1e-3;
    private static final double REFERENCE = 1e-6;
    private static final int MOST_SWEEPS = 100;
    private static final int MOST_VECTORS = 240;
    private static final int[] IMAGES = {0, 7, 15, 22};
    private static final int[] RANKS = {1, 5, 10};
    private static final int[] WIDTHS = {1, 2, 3, 4, 6, 8, 10, 12, 15, 20};
    private static final int[] OVERSAMPLES = {2, 5, 10};

    private SvdProducts() {}

    /**
     * What an iteration needed for n triples.
     *
     * @param toAngle products until the angle is small enough
     * @param toCertificate products until the certificate holds
     * @param angle that it had then
     */
    private record Needed(double toAngle, double toCertificate, double angle) {
        static final Needed NOTHING =
                new Needed(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

        Needed after(int products, double angle, boolean certified) {
            boolean first = certified && Double.isInfinite(toCertificate);
            return new Needed(
                    angle <= ANGLE ? Math.min(toAngle, products) : toAngle,
                    first ? products : toCertificate,
                    first ? angle : this.angle);
        }

        boolean isAll() {
            return !Double.isInfinite(toAngle) && !Double.isInfinite(toCertificate);
        }
    }

    /** Prints the tables: a row for each layer, t_e and n, medians over images. */
    public static void main(String... arguments) {
        List<String> methods = arguments.length == 0 ? List.of("krylov", "subspace") : List.of(arguments);
        for (String method : methods) {
            StringBuilder head = new StringBuilder("| layer, t_e | n | σₙ₊₁/σₙ ");
            if (method.equals("krylov")) {
                Arrays.stream(WIDTHS)
                        .forEach(b -> head.append("| b = ").append(b).append(' '));
                head.append("| b = n + 2 | b = n + 2, locking ");
            } else {
                Arrays.stream(OVERSAMPLES)
                        .forEach(p -> head.append("| b = n + ").append(p).append(' '));
            }
            System.out.println(head.append('|'));
            System.out.println(
                    "| --- ".repeat(3 + (method.equals("krylov") ? WIDTHS.length + 2 : OVERSAMPLES.length)) + "|");
            for (String layer : new String[] {"blocks.2", "blocks.3"}) {
                for (double te : new double[] {0.4, 0.48}) {
                    rows(layer, te, method.equals("krylov"));
                }
            }
        }
    }

    private static void rows(String layer, double te, boolean krylov) {
        List<List<List<Needed>>> images = new ArrayList<>(); // [image][rank][column]
        List<double[]> ratios = new ArrayList<>();
        for (int image : IMAGES) {
            try (Scope _ = Scope.open()) {
                ShippedModel shipped = new ShippedModel(image);
                CanonicalExtraction extraction = shipped.extraction(layer, te, RandomizedSvd.ofRank(1));
                Tensor latent = shipped.latent(extraction);
                LinearOperator j =
                        LinearOperator.jacobian(extraction.linearize(latent, shipped.condition()), latent.shape());
                int most = Arrays.stream(RANKS).max().orElseThrow();
                RandomizedSvd.Triples right = new RandomizedSvd(most + 1, 6, MOST_SWEEPS, REFERENCE, 0, 77)
                        .solve(j)
                        .samples()
                        .getFirst();
                ratios.add(Arrays.stream(RANKS)
                        .mapToDouble(n -> right.sigma()[n] / right.sigma()[n - 1])
                        .toArray());
                images.add(krylov ? krylov(j, right.v()) : subspace(j, right.v()));
            }
        }
        for (int r = 0; r < RANKS.length; r++) {
            int rank = r;
            StringBuilder line =
                    new StringBuilder(String.format(Locale.ROOT, "| `%s`, %.2f | %d ", layer, te, RANKS[r]));
            line.append(
                    String.format(Locale.ROOT, "| %.3f ", median(ratios.stream().map(x -> x[rank]))));
            for (int c = 0; c < images.getFirst().get(r).size(); c++) {
                int column = c;
                List<Needed> all =
                        images.stream().map(i -> i.get(rank).get(column)).toList();
                line.append("| ").append(describe(median(all.stream().map(Needed::toAngle)), "%.0f"));
                if (krylov) {
                    line.append(" (")
                            .append(describe(median(all.stream().map(Needed::toCertificate)), "%.0f"))
                            .append(", ")
                            .append(describe(median(all.stream().map(Needed::angle)), "%.1e"))
                            .append(')');
                }
                line.append(' ');
            }
            System.out.println(line.append('|'));
        }
    }

    private static double median(Stream<Double> values) {
        double[] sorted = values.mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static String describe(double x, String format) {
        return Double.isInfinite(x) ? "more" : String.format(Locale.ROOT, format, x);
    }

    /** [rank][column]: one Krylov space of each width serves all ranks. */
    private static List<List<Needed>> krylov(LinearOperator j, double[][] right) {
        List<Needed[]> columns = new ArrayList<>();
        for (int width : WIDTHS) {
            Needed[] needed = new Needed[RANKS.length];
            Arrays.fill(needed, Needed.NOTHING);
            BlockKrylov iteration = new BlockKrylov(j, width, 1);
            while (iteration.products() < 2 * MOST_VECTORS
                    && !Arrays.stream(needed).allMatch(Needed::isAll)) {
                iteration.sweep();
                look(iteration, needed, RANKS, right);
            }
            columns.add(needed);
        }
        for (boolean locking : new boolean[] {false, true}) {
            Needed[] needed = new Needed[RANKS.length];
            for (int r = 0; r < RANKS.length; r++) {
                int[] rank = {RANKS[r]};
                Needed[] one = {Needed.NOTHING};
                BlockKrylov iteration = new BlockKrylov(j, rank[0] + OVERSAMPLES[0], 1);
                while (iteration.products() < 2 * MOST_VECTORS && !one[0].isAll()) {
                    iteration.sweep();
                    BlockKrylov.Pairs pairs = look(iteration, one, rank, right);
                    if (locking) {
                        iteration.lock(pairs, CERTIFICATE);
                    }
                }
                needed[r] = one[0];
            }
            columns.add(needed);
        }
        List<List<Needed>> result = new ArrayList<>();
        for (int r = 0; r < RANKS.length; r++) {
            int rank = r;
            result.add(columns.stream().map(c -> c[rank]).toList());
        }
        return result;
    }

    /** Notes what the iteration has come to; the pairs of the greatest rank. */
    private static BlockKrylov.Pairs look(BlockKrylov iteration, Needed[] needed, int[] ranks, double[][] right) {
        BlockKrylov.Pairs pairs = iteration.pairs(ranks[ranks.length - 1]);
        for (int r = 0; r < ranks.length; r++) {
            if (pairs.v().length >= ranks[r]) {
                BlockKrylov.Pairs first = pairs.first(ranks[r]);
                double angle = angle(first.v(), Arrays.copyOf(right, ranks[r]));
                needed[r] = needed[r].after(iteration.products(), angle, first.certified(CERTIFICATE));
            }
        }
        return pairs;
    }

    private static List<List<Needed>> subspace(LinearOperator j, double[][] right) {
        List<List<Needed>> result = new ArrayList<>();
        for (int n : RANKS) {
            List<Needed> columns = new ArrayList<>();
            for (int p : OVERSAMPLES) {
                SubspaceIteration iteration = new SubspaceIteration(j, n + p, 1);
                Needed needed = Needed.NOTHING;
                for (int q = 0; q < MOST_SWEEPS && Double.isInfinite(needed.toAngle); q++) {
                    double angle = angle(iteration.sweep(n), Arrays.copyOf(right, n));
                    needed = needed.after(iteration.products(), angle, false);
                }
                columns.add(needed);
            }
            result.add(columns);
        }
        return result;
    }

    private static double angle(double[][] v, double[][] right) {
        return PrincipalAngles.betweenRows(v, right).angles()[0];
    }
}
