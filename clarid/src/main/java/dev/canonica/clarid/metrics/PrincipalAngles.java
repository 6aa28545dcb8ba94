package dev.canonica.clarid.metrics;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * The principal angles θ_1 ≥ θ_2 ≥ … between two subspaces, in radians: with orthonormal bases X (the larger) and Y,
 *
 * <pre>
 *   cos θ = singular values of XᵀY,    sin θ = singular values of Y − X XᵀY
 *   θ     = arcsin(sin θ) where cos² θ ≥ 1/2, else arccos(cos θ)
 * </pre>
 *
 * (Knyazev and Argentati 2002, doi 10.1137/S1064827500377332): cosines alone lose all angles below 10⁻⁸.
 *
 * <p>Vectors need not be orthogonal or of length 1, and those that depend on others add nothing: there are as many
 * angles as the smaller subspace has dimensions.
 *
 * @param angles descending
 */
public record PrincipalAngles(double[] angles) {

    /** Between the spans of the columns of x [n, a] and y [n, b]. */
    public static PrincipalAngles betweenColumns(double[][] x, double[][] y) {
        Rows.check("principal angles", x);
        Rows.check("principal angles", y);
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "principal angles: columns have " + x.length + " and " + y.length + " values");
        }
        return between(Rows.transpose(x), Rows.transpose(y));
    }

    /** Between the spans of the rows of x [a, n] and y [b, n], such as two sets of directions. */
    public static PrincipalAngles betweenRows(double[][] x, double[][] y) {
        Rows.check("principal angles", x);
        Rows.check("principal angles", y);
        if (x.length > 0 && y.length > 0 && x[0].length != y[0].length) {
            throw new IllegalArgumentException(
                    "principal angles: rows have " + x[0].length + " and " + y[0].length + " values");
        }
        return between(x, y);
    }

    private static PrincipalAngles between(double[][] first, double[][] second) {
        double[][] x = Rows.orthonormal(first);
        double[][] y = Rows.orthonormal(second);
        if (x.length < y.length) {
            double[][] smaller = x;
            x = y;
            y = smaller;
        }
        if (y.length == 0) {
            return new PrincipalAngles(new double[0]);
        }
        double[][] products = new double[y.length][x.length];
        double[][] rests = new double[y.length][];
        for (int i = 0; i < y.length; i++) {
            rests[i] = y[i].clone();
            for (int j = 0; j < x.length; j++) {
                products[i][j] = Rows.dot(x[j], y[i]);
                Rows.addScaled(rests[i], -products[i][j], x[j]);
            }
        }
        double[] cosines = singularValues(products);
        double[] sines = singularValues(rests);
        double[] angles = new double[y.length];
        for (int i = 0; i < angles.length; i++) {
            double cosine = cosines[angles.length - 1 - i];
            angles[i] = cosine * cosine >= 0.5 ? Math.asin(Math.min(1, sines[i])) : Math.acos(Math.min(1, cosine));
        }
        return new PrincipalAngles(angles);
    }

    /** Descending. */
    private static double[] singularValues(double[][] matrix) {
        return new SingularValueDecomposition(new Array2DRowRealMatrix(matrix, false)).getSingularValues();
    }

    /**
     * How far the subspaces coincide: the mean of cos² θ, 1 if the larger holds the smaller, 0 if they are orthogonal
     * or one is {0}.
     */
    public double overlap() {
        double sum = 0;
        for (double angle : angles) {
            double cosine = Math.cos(angle);
            sum += cosine * cosine;
        }
        return angles.length == 0 ? 0 : sum / angles.length;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
