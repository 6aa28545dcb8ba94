package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The soft projections on explicit matrices: what they minimise, and what they give where the answer is known. */
class FilterTest {
    private static final int N = 12;
    private static final double EXACT = 1e-12;
    private static final double[] SPECTRUM = {9, 7, 4, 3, 2, 1.5, 1, 0.7, 0.5, 0.3, 0.2, 0.1};

    private final RealMatrix j = MatrixOperator.withSpectrum(15, N, 3, SPECTRUM);
    private final RealMatrix k = MatrixOperator.withSpectrum(15, N, 8, 5, 2, 1);
    private final double[] x = normals(1);
    private final double[] w =
            Arrays.stream(normals(2)).map(v -> 1 / (1 + v * v)).toArray();

    /** ‖J (x + δ)‖² + τ² δᵀ W⁻¹ δ has its least value at δ: 2 Jᵀ J (x + δ) + 2 τ² W⁻¹ δ = 0, at any strength. */
    @Test
    void localSoftMinimises() {
        for (double r : new double[] {10, 3, 1, 0.1}) {
            Filter filter = soft(j, x, w).of(new double[] {r}, EXACT, 60, a(j));
            double[] left = minus(x, filter.removed()[0]);
            double[] gradient = j.transpose().operate(j.operate(left));
            double shift = r * greatest(j, w, filter.products()[0] / 2 - 1);
            for (int i = 0; i < N; i++) {
                gradient[i] -= shift * filter.removed()[0][i] / w[i];
            }
            assertThat(Vectors.norm(gradient))
                    .isLessThan(1e-9 * Vectors.norm(j.transpose().operate(j.operate(x))));
            assertThat(filter.residual()[0]).isLessThan(EXACT);
        }
    }

    /** The greatest Ritz value is that of the steps which the filter took. */
    private double greatest(RealMatrix map, double[] weights, int steps) {
        double[] roots = Arrays.stream(weights).map(Math::sqrt).toArray();
        UnaryOperator<List<double[]>> a = Filter.weighted(a(map), new double[][] {roots});
        double[] b = map.transpose().operate(map.operate(x));
        for (int i = 0; i < N; i++) {
            b[i] *= roots[i];
        }
        Lanczos l = new Lanczos(b);
        Lanczos.extend(List.of(l), steps, a);
        return l.space(steps).greatest();
    }

    /** What is reported of the equation is its residual. */
    @Test
    void saysHowNearlyTheEquationIsSolved() {
        Filter filter = soft(j, x, w).of(new double[] {0.01}, 0.5, 7, a(j)); // seven steps, come what may
        double shift = 0.01 * greatest(j, w, 7);
        double[] b = j.transpose().operate(j.operate(x));
        double[] image = j.transpose().operate(j.operate(filter.removed()[0]));
        double[] residual = new double[N];
        double[] right = new double[N];
        for (int i = 0; i < N; i++) {
            right[i] = Math.sqrt(w[i]) * b[i];
            residual[i] = shift * filter.removed()[0][i] / Math.sqrt(w[i]) + Math.sqrt(w[i]) * (image[i] - b[i]);
        }
        double expected = Vectors.norm(residual) / Vectors.norm(right);
        assertThat(expected).isGreaterThan(1e-8);
        assertThat(filter.residual()[0]).isCloseTo(expected, within(1e-10));
        assertThat(filter.products()[0]).isEqualTo(16);
        Filter more = soft(j, x, w).of(new double[] {0.01}, 1e-10, 60, a(j));
        assertThat(more.residual()[0]).isLessThan(1e-10);
        assertThat(more.products()[0]).isGreaterThan(16);
    }

    /** With W = 1 and a cut in place of the filter it removes V_k V_kᵀ x. */
    @Test
    void aHardCutIsTopK() {
        Lanczos l = new Lanczos(j.transpose().operate(j.operate(x)));
        Lanczos.extend(List.of(l), N, a(j));
        double cut = (SPECTRUM[1] * SPECTRUM[1] + SPECTRUM[2] * SPECTRUM[2]) / 2;
        double[] removed = l.space(N).apply(t -> t > cut ? 1 / t : 0, N);
        double[][] v = rightVectors(j);
        close(removed, Projection.within(x, v, 2), 1e-9);
    }

    /** Of a map of rank 2 the Krylov space has two dimensions, and σ²/(τ² + σ²) of the part along each direction goes. */
    @Test
    void isExactOfLowRank() {
        RealMatrix low = MatrixOperator.withSpectrum(15, N, 5, 6, 2);
        Filter.LocalSoft space = soft(low, x, ones());
        Filter filter = space.of(new double[] {0.5}, EXACT, 60, a(low));
        double[][] v = rightVectors(low);
        double tau = 0.5 * 36;
        double[] expected = new double[N];
        Vectors.axpy(36 / (tau + 36) * Vectors.dot(v[0], x), v[0], expected);
        Vectors.axpy(4 / (tau + 4) * Vectors.dot(v[1], x), v[1], expected);
        close(filter.removed()[0], expected, 1e-11);
        assertThat(filter.products()[0]).isEqualTo(6);
        assertThat(filter.residual()[0]).isZero();
        RandomizedSvd.Triples t = space.triples(new NormalMap.Units()).getFirst();
        assertThat(t.sigma()[0]).isCloseTo(6, within(1e-10));
        assertThat(t.sigma()[1]).isCloseTo(2, within(1e-10));
        assertThat(t.sigma()).hasSize(Projection.Soft.STEPS);
        assertThat(Math.abs(Vectors.dot(t.v()[0], v[0]))).isCloseTo(1, within(1e-10));
        assertThat(t.certified(1e-6)).isEqualTo(Projection.Soft.STEPS);
    }

    /** What is removed does not depend on the features' unit, also where double has no squares of its numbers. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-200, 1e-100, 1e100, 1e200})
    void takesFeaturesOfAnyMagnitude(double unit) {
        RealMatrix scaled = j.scalarMultiply(unit);
        double[] expected =
                soft(j, x, w).of(new double[] {0.1}, 1e-10, 60, a(j)).removed()[0];
        NormalMap.Units units = new NormalMap.Units();
        UnaryOperator<List<double[]>> a = Filter.normal(new MatrixOperator(DType.F64, scaled), units);
        Filter.LocalSoft space = new Filter.LocalSoft(a, new double[][] {x}, new double[][] {w});
        close(space.of(new double[] {0.1}, 1e-10, 60, a).removed()[0], expected, 1e-9);
        double sigma = space.triples(units).getFirst().sigma()[0];
        double first = soft(j, x, w).triples(new NormalMap.Units()).getFirst().sigma()[0];
        assertThat(sigma / unit).isCloseTo(first, within(1e-10 * first));
    }

    /** What the network is not sensitive to stays, and where the weight is 0 nothing changes. */
    @Test
    void leavesWhatItMayNotTouch() {
        RealMatrix first = MatrixUtils.createRealMatrix(1, N);
        first.setEntry(0, 0, 5);
        double[] none = new double[N];
        none[1] = 1;
        assertThat(soft(first, none, ones())
                        .of(new double[] {1}, EXACT, 60, a(first))
                        .removed()[0])
                .containsOnly(0);
        double[] half = ones();
        Arrays.fill(half, 0, N / 2, 0);
        double[] removed =
                soft(j, x, half).of(new double[] {0.1}, EXACT, 60, a(j)).removed()[0];
        assertThat(Arrays.copyOf(removed, N / 2)).containsOnly(0);
        assertThat(Vectors.norm(removed)).isGreaterThan(0.1);
    }

    /** Each sample as if it were alone, whatever the others need. */
    @Test
    void samplesDoNotDependOnEachOther() {
        RealMatrix low = MatrixOperator.withSpectrum(15, N, 5, 6, 2);
        double[] y = normals(4);
        double[] r = {0.01, 3};
        Filter both = new Filter.LocalSoft(a(j, low), new double[][] {x, y}, new double[][] {w, ones()})
                .of(r, 1e-9, 60, a(j, low));
        assertThat(both.removed()[0])
                .isEqualTo(soft(j, x, w).of(new double[] {0.01}, 1e-9, 60, a(j)).removed()[0]);
        assertThat(both.removed()[1])
                .isEqualTo(soft(low, y, ones())
                        .of(new double[] {3}, 1e-9, 60, a(low))
                        .removed()[0]);
    }

    /** A strength's result does not depend on what others were asked for before it. */
    @Test
    void strengthsDoNotDependOnEachOther() {
        Filter.LocalSoft space = soft(j, x, w);
        space.of(new double[] {0.001}, EXACT, 60, a(j));
        assertThat(space.of(new double[] {3}, 1e-3, 60, a(j)).removed()[0])
                .isEqualTo(soft(j, x, w).of(new double[] {3}, 1e-3, 60, a(j)).removed()[0]);
    }

    /** ‖J (x + δ)‖² + τ² (‖δ‖² + (μ/θ_K) ‖K δ‖²): its gradient vanishes; with μ = 0 it is the filter without weights. */
    @Test
    void evidenceMinimises() {
        double greatest = 81;
        double priced = 25;
        double r = 0.1;
        double mu = 30;
        Filter filter = Filter.evidence(
                a(j), a(k), new double[][] {x}, new double[] {r}, mu, new double[] {greatest}, EXACT, 60);
        double[] removed = filter.removed()[0];
        double[] gradient = j.transpose().operate(j.operate(minus(x, removed)));
        double shift = r * greatest;
        Vectors.axpy(-shift, removed, gradient);
        Vectors.axpy(-shift * mu / priced, k.transpose().operate(k.operate(removed)), gradient);
        assertThat(Vectors.norm(gradient))
                .isLessThan(1e-9 * Vectors.norm(j.transpose().operate(j.operate(x))));
        assertThat(filter.residual()[0]).isLessThan(EXACT);

        Filter free = Filter.evidence(
                a(j), a(k), new double[][] {x}, new double[] {r}, 0, new double[] {greatest}, EXACT, 60);
        double[][] v = rightVectors(j);
        double[] expected = new double[N];
        for (int i = 0; i < N; i++) {
            double s = SPECTRUM[i] * SPECTRUM[i];
            Vectors.axpy(s / (shift + s) * Vectors.dot(v[i], x), v[i], expected);
        }
        close(free.removed()[0], expected, 1e-9);
    }

    private static Filter.LocalSoft soft(RealMatrix map, double[] x, double[] w) {
        return new Filter.LocalSoft(a(map), new double[][] {x}, new double[][] {w});
    }

    private static UnaryOperator<List<double[]>> a(RealMatrix... maps) {
        return Filter.normal(new MatrixOperator(DType.F64, maps), new NormalMap.Units());
    }

    private static double[][] rightVectors(RealMatrix map) {
        return new SingularValueDecomposition(map).getVT().getData();
    }

    private static double[] normals(long stream) {
        double[] v = new double[N];
        new Philox(11, stream).normals(0, v);
        return v;
    }

    private static double[] ones() {
        double[] w = new double[N];
        Arrays.fill(w, 1);
        return w;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] d = a.clone();
        Vectors.axpy(-1, b, d);
        return d;
    }

    private static void close(double[] got, double[] want, double by) {
        assertThat(got).hasSameSizeAs(want);
        for (int i = 0; i < want.length; i++) {
            assertThat(got[i]).isCloseTo(want[i], within(by));
        }
    }
}
