package dev.canonica.clarid;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;

/** What is behind the {@linkplain Projection.Soft soft projections}, on an explicit random J [15, 12] in double, beside what is known of it: for an audit, in milliseconds. */
public final class SoftProjectionCheck {
    private static final int ROWS = 15;
    private static final int COLUMNS = 12;
    private static final double STRENGTH = 0.1;

    private final RealMatrix j = new Array2DRowRealMatrix(
            IntStream.range(0, ROWS).mapToObj(i -> normals(1 + i)).toArray(double[][]::new), false);

    private final double[] x = normals(100);

    /** Draws the same J and the same latent every time. */
    public SoftProjectionCheck() {}

    private static double[] normals(long stream) {
        double[] v = new double[COLUMNS];
        new Philox(5, stream).normals(0, v);
        return v;
    }

    private double[] normal(double[] v) {
        return j.transpose().operate(j.operate(v));
    }

    private List<double[]> normal(List<double[]> v) {
        return v.stream().map(this::normal).toList();
    }

    /** The greatest error of {@link Lanczos}' Ritz values after twelve steps, |θ_i − σ_i²| / σ_1², beside the σ of an exact decomposition. */
    public double lanczosError() {
        Lanczos l = new Lanczos(normal(x));
        Lanczos.extend(List.of(l), COLUMNS, this::normal);
        double[] theta = l.space(COLUMNS).ritzValues();
        double[] flat =
                Arrays.stream(j.getData()).flatMapToDouble(Arrays::stream).toArray();
        double[] s = LinearAlgebra.svd(Tensor.of(flat, ROWS, COLUMNS)).s().toDoubles();
        double worst = theta.length == s.length ? 0 : Double.NaN;
        for (int i = 0; i < theta.length; i++) {
            worst = Math.max(worst, Math.abs(theta[i] - s[i] * s[i]) / (s[0] * s[0]));
        }
        return worst;
    }

    /**
     * Of local-soft with weights W, x̃ = x + δ: the gradient of ‖J (x + δ)‖² + τ² δᵀ W⁻¹ δ at δ, which is to vanish, in relation to ‖2 JᵀJ x‖, its length at 0.
     */
    public double gradient() {
        double[] w = Arrays.stream(normals(101)).map(v -> 1 / (1 + v * v)).toArray();
        double[] roots = Arrays.stream(w).map(Math::sqrt).toArray();
        Filter.LocalSoft space = new Filter.LocalSoft(this::normal, new double[][] {x}, new double[][] {w});
        double[] removed =
                space.of(new double[] {STRENGTH}, 1e-13, COLUMNS, this::normal).removed()[0];
        Lanczos l = new Lanczos(scaled(normal(x), roots));
        Lanczos.extend(List.of(l), COLUMNS, Filter.weighted(this::normal, new double[][] {roots}));
        double shift =
                STRENGTH * l.space(COLUMNS).greatest(); // of all steps: the greatest Ritz value has long converged
        double[] left = x.clone();
        Vectors.axpy(-1, removed, left);
        double[] gradient = normal(left);
        for (int i = 0; i < COLUMNS; i++) {
            gradient[i] -= shift * removed[i] / w[i];
        }
        return Vectors.norm(gradient) / Vectors.norm(normal(x));
    }

    private static double[] scaled(double[] v, double[] by) {
        double[] out = v.clone();
        Arrays.setAll(out, i -> v[i] * by[i]);
        return out;
    }
}
