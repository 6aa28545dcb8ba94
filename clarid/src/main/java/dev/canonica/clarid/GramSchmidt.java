package dev.canonica.clarid;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** Orthonormal blocks by Gram and Schmidt's way, each vector twice, in double. */
final class GramSchmidt {
    /** What is left of a vector after projection, relative to it, where it depends on those before it. */
    static final double DEPENDENT = 1e-10;

    private GramSchmidt() {}

    /** {@link Rows#extension} on the processor, with products where the rows are. */
    static double[][] extension(Rows v, double[][] candidates, int count, IntFunction<double[][]> gaussians) {
        List<double[]> block = new ArrayList<>();
        double[][] next = copy(candidates);
        while (block.size() < count) {
            double[] before = Arrays.stream(next).mapToDouble(Vectors::norm).toArray();
            project(v, next);
            for (int i = 0; i < next.length && block.size() < count; i++) {
                addTo(block, next[i], DEPENDENT * before[i]);
            }
            next = gaussians.apply(count - block.size());
        }
        // What was nearly in the span of the others has grown when it was normalised, and with it what was left of the
        // basis: once more, which is enough (Parlett 1998, Section 6.9).
        double[][] rough = block.toArray(new double[0][]);
        project(v, rough);
        block.clear();
        for (double[] x : rough) {
            addTo(block, x, 0);
        }
        return block.toArray(new double[0][]);
    }

    private static double[][] copy(double[][] x) {
        return Arrays.stream(x).map(double[]::clone).toArray(double[][]::new);
    }

    /** x ← x − V Vᵀ x, for rows x. */
    private static void project(Rows v, double[][] x) {
        double[][] within = v.combinations(v.dots(x));
        for (int i = 0; i < x.length; i++) {
            Vectors.axpy(-1, within[i], x[i]);
        }
    }

    /** Adds to a block what x adds to its span, normalised, if that is longer than {@code least}; says whether it was. */
    static boolean addTo(List<double[]> block, double[] x, double least) {
        for (int pass = 0; pass < 2; pass++) {
            for (double[] row : block) {
                Vectors.axpy(-Vectors.dot(row, x), row, x);
            }
        }
        double norm = Vectors.norm(x);
        if (norm > least) {
            Vectors.scale(1 / norm, x);
            block.add(x);
            return true;
        }
        return false;
    }
}
