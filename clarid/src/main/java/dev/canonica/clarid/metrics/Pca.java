package dev.canonica.clarid.metrics;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.memory.Workers;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Principal components: the orthonormal directions in which vectors vary most, to which features are brought down
 * before they are clustered.
 *
 * <p>With x̃ the centred vectors as rows, these are the leading eigenvectors of x̃ᵀx̃. The smaller of x̃ᵀx̃ and x̃x̃ᵀ
 * is formed, and its leading eigenvectors found by subspace iteration with Rayleigh–Ritz steps (Halko, Martinsson,
 * Tropp 2011, arXiv 0909.4061, section 4.5), from a start that is always the same, until the variance explained settles
 * to 10⁻⁹ of itself.
 *
 * @param mean [D]
 * @param components [d, D] orthonormal rows, by descending variance
 * @param variances [d] the variance along each, dividing by n − 1; NaN where that is no normal number of double, as of vectors near 1e±200
 */
public record Pca(double[] mean, double[][] components, double[] variances) {
    private static final int OVERSAMPLING = 10;
    private static final int MOST_ITERATIONS = 200;
    private static final double SETTLED = 1e-9;

    /** What rounding makes of a variance of 0, relative to the largest. */
    private static final double NOTHING = 0x1p-46;

    /**
     * The d leading components of x [n, D], n ≥ 1; fewer where the vectors differ in fewer directions, none if all are
     * the same.
     */
    public static Pca fit(double[][] x, int d) {
        Rows.check("pca", x);
        if (x.length == 0 || d < 1) {
            throw new IllegalArgumentException("pca: " + d + " components of " + x.length + " vectors");
        }
        int exponent = Rows.exponent(x);
        Pca near = fitNear(Rows.scaled(x, -exponent), d);
        return exponent == 0
                ? near
                : new Pca(
                        Rows.scaled(new double[][] {near.mean}, exponent)[0],
                        near.components,
                        Arrays.stream(near.variances)
                                .map(v -> Rows.squared(v, exponent))
                                .toArray());
    }

    private static Pca fitNear(double[][] x, int d) {
        double[] mean = Rows.mean(x);
        double[][] centred = centre(x, mean);
        boolean wide = x[0].length > x.length;
        Ritz leading = leading(gram(wide ? centred : Rows.transpose(centred)), d);
        int rank = rank(leading.values, x);
        double[][] vectors = Arrays.copyOf(leading.vectors, rank);
        double[][] components = wide && rank > 0 ? Rows.orthonormal(multiply(vectors, centred)) : vectors;
        double[] variances = Arrays.copyOf(leading.values, rank);
        for (int i = 0; i < variances.length; i++) {
            variances[i] /= Math.max(1, x.length - 1);
        }
        return new Pca(mean, components, variances);
    }

    /** The coordinates of x [m, D] along the components: [m, d]. */
    public double[][] project(double[][] x) {
        Rows.check("pca", x);
        if (x.length > 0 && x[0].length != mean.length) {
            throw new IllegalArgumentException("pca: vectors have " + x[0].length + " values, not " + mean.length);
        }
        double[][] coordinates = new double[x.length][components.length];
        double[][] centred = centre(x, mean);
        Workers.run(x.length, i -> Arrays.setAll(coordinates[i], c -> Rows.dot(centred[i], components[c])));
        return coordinates;
    }

    private static double[][] centre(double[][] x, double[] mean) {
        double[][] centred = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            centred[i] = x[i].clone();
            Rows.addScaled(centred[i], -1, mean);
        }
        return centred;
    }

    /** How many values are more than what rounding leaves of 0, in the products and in the centring. */
    private static int rank(double[] values, double[][] x) {
        double squares = 0;
        for (double[] row : x) {
            squares += Rows.dot(row, row);
        }
        int rank = 0;
        while (rank < values.length && values[rank] > Math.max(NOTHING * values[0], NOTHING * NOTHING * squares)) {
            rank++;
        }
        return rank;
    }

    /** The inner products of rows: [m, m]. */
    private static double[][] gram(double[][] rows) {
        double[][] gram = new double[rows.length][rows.length];
        Workers.run(rows.length, i -> {
            for (int j = 0; j <= i; j++) {
                gram[i][j] = Rows.dot(rows[i], rows[j]);
            }
        });
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < i; j++) {
                gram[j][i] = gram[i][j];
            }
        }
        return gram;
    }

    /** x y, [a, b] by [b, c]. */
    private static double[][] multiply(double[][] x, double[][] y) {
        double[][] product = new double[x.length][y[0].length];
        Workers.run(x.length, i -> {
            for (int k = 0; k < y.length; k++) {
                Rows.addScaled(product[i], x[i][k], y[k]);
            }
        });
        return product;
    }

    /** Approximate eigenvectors, as rows, and eigenvalues, descending. */
    private record Ritz(double[][] vectors, double[] values) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private static Ritz leading(double[][] symmetric, int d) {
        int size = symmetric.length;
        Philox random = new Philox(0);
        double[][] start = new double[Math.min(size, d + OVERSAMPLING)][size];
        for (int i = 0; i < start.length; i++) {
            random.stream(i).normals(0, start[i]);
        }
        double[][] basis = Rows.orthonormal(start);
        double explained = -1;
        for (int iteration = 0; ; iteration++) {
            double[][] image = multiply(basis, symmetric);
            Ritz ritz = ritz(basis, image, d);
            double before = explained;
            explained = Arrays.stream(ritz.values).sum();
            if (explained == 0 || explained - before <= SETTLED * explained || iteration == MOST_ITERATIONS) {
                return ritz;
            }
            basis = Rows.orthonormal(image);
        }
    }

    /**
     * The eigenpairs of the symmetric A on the span of a basis Q, of which the image QA is known: those of QAQᵀ, turned
     * back by Q.
     */
    private static Ritz ritz(double[][] basis, double[][] image, int d) {
        int size = basis.length;
        double[][] restricted = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                restricted[i][j] = Rows.dot(image[i], basis[j]);
                restricted[j][i] = restricted[i][j];
            }
        }
        EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(restricted, false));
        int kept = Math.min(d, size);
        double[][] turned = new double[kept][];
        double[] values = new double[kept];
        for (int i = 0; i < kept; i++) {
            turned[i] = eigen.getEigenvector(i).toArray();
            values[i] = Math.max(0, eigen.getRealEigenvalue(i));
        }
        return new Ritz(multiply(turned, basis), values);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
