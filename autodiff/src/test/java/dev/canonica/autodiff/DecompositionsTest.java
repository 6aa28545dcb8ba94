package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import dev.canonica.tensor.operation.LinearSystems;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class DecompositionsTest {
    private static final Tensor A = Tensor.of(new double[] {0, 2, 1, 4, 1, 0, 1, 1, 1}, 3, 3);

    /** A zero on the diagonal, so that rows must be exchanged; by hand. */
    @Test
    void solvesWithPivots() {
        Tensor x = Tensor.of(new double[] {1, 2, 3, -1, 0, 5}, 3, 2);
        assertThat(LinearSystems.solve(A, A.matmul(x)).toDoubles()).containsExactly(x.toDoubles(), within(1e-14));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        LinearSystems.solve(Tensor.of(new double[] {1, 2, 2, 4}, 2, 2), Tensor.of(new double[2], 2, 1)))
                .withMessage("solve: a matrix of shape [2, 2] is singular, or not finite: pivot 0.0 in column 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearSystems.solve(
                        Tensor.of(new double[] {1, Double.NaN, 2, 4}, 2, 2), Tensor.of(new double[2], 2, 1)))
                .withMessageStartingWith("solve: a matrix of shape [2, 2] is singular, or not finite");
    }

    @Test
    void choleskyFactorsMultiplyBack() {
        Tensor l = Tensor.of(new double[] {2, 0, 0, -1, 3, 0, 0.5, 1, 1}, 3, 3);
        Tensor a = l.matmul(false, l, true);
        assertThat(LinearSystems.cholesky(a).toDoubles()).containsExactly(l.toDoubles(), within(1e-14));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearSystems.cholesky(Tensor.of(new double[] {1, 2, 2, 4}, 2, 2)))
                .withMessage("cholesky: a matrix of shape [2, 2] is not positive definite: pivot 0.0 in row 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearSystems.cholesky(Tensor.of(new double[] {Double.NaN}, 1, 1)));
    }

    /** The derivative of ln det A by A is A⁻ᵀ, by way of each factorisation. */
    @Test
    void derivativesOfTheDeterminant() {
        Tensor g = Tensor.normal(DType.F64, Shape.of(3, 3), new Philox(4));
        Tensor a = g.matmul(false, g, true).plus(Tensor.of(new double[] {2, 0, 0, 0, 3, 0, 0, 0, 4}, 3, 3));
        Tensor eye = Tensor.of(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3);
        double[] inverse = LinearSystems.solve(a, eye).toDoubles();
        assertThat(gradient(x -> trace(Decompositions.cholesky(x)).times(2), a))
                .containsExactly(inverse, within(1e-12));
        assertThat(gradient(x -> trace(Decompositions.qr(x).r()), a)).containsExactly(inverse, within(1e-12));
        assertThat(gradient(x -> Decompositions.svd(x).s().log().sum(), a)).containsExactly(inverse, within(1e-12));
    }

    /** The second derivative of ln det A along V is −A⁻ᵀ Vᵀ A⁻ᵀ, by way of each factorisation. */
    @Test
    void secondDerivativesOfTheDeterminant() {
        Tensor g = Tensor.normal(DType.F64, Shape.of(3, 3), new Philox(4));
        Tensor a = g.matmul(false, g, true).plus(Tensor.of(new double[] {2, 0, 0, 0, 3, 0, 0, 0, 4}, 3, 3));
        Tensor v = Tensor.normal(DType.F64, Shape.of(3, 3), new Philox(5));
        Tensor inverse = LinearSystems.solve(a, Tensor.of(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3));
        Tensor expected = inverse.matmul(v).matmul(inverse).transpose().negate();
        Function<Var, Var> byQr = x -> trace(Decompositions.qr(x).r());
        Function<Var, Var> bySvd = x -> Decompositions.svd(x).s().log().sum();
        for (Function<Var, Var> f : List.of(byQr, bySvd)) {
            assertThat(Autodiff.hvp(f, a, v).toDoubles()).containsExactly(expected.toDoubles(), within(1e-11));
        }
        // of (A + Aᵀ)/2
        Tensor symmetric = expected.plus(inverse.matmul(v.transpose())
                        .matmul(inverse)
                        .transpose()
                        .negate())
                .times(0.5);
        Function<Var, Var> byCholesky = x -> trace(Decompositions.cholesky(x)).times(2);
        assertThat(Autodiff.hvp(byCholesky, a, v).toDoubles()).containsExactly(symmetric.toDoubles(), within(1e-11));
        Tensor h = Autodiff.hessian(byCholesky, a);
        assertThat(h.shape()).isEqualTo(Shape.of(3, 3, 3, 3));
        assertThat(h.reshape(9, 9).matmul(v.reshape(9, 1)).toDoubles())
                .containsExactly(symmetric.toDoubles(), within(1e-11));
    }

    /** Of singular values (3, 1) times a power of ten, the first along E = e₁ e₂ᵀ: its second derivative is s₁ F, F = 1/(s₁² − s₂²) = 1/8, over that power. */
    @Test
    void secondDerivativesWhoseSquaresLeaveTheRange() {
        for (double scale : new double[] {1, 1e19, 1e-20}) {
            Tensor a = Tensor.of(new double[] {3 * scale, 0, 0, scale}, 2, 2).to(DType.F32);
            Tensor d = Tensor.of(new double[] {0, scale, 0, 0}, 2, 2).to(DType.F32);
            Tensor h = Autodiff.hvp(x -> Decompositions.svd(x).s().slice(0, 0, 1), a, d);
            assertThat(h.toDoubles()).as("%s", scale).containsExactly(new double[] {0, 0.375, 0.125, 0}, within(1e-6));
        }
    }

    /** By way of the singular values alone: ln det A, its gradient A⁻ᵀ, and its second derivative as {@link Decompositions#svd} has it. */
    @Test
    void singularValuesAlone() {
        Tensor a = Tensor.normal(DType.F64, Shape.of(2, 3, 3), new Philox(6));
        Tensor v = Tensor.normal(DType.F64, Shape.of(2, 3, 3), new Philox(7));
        Function<Var, Var> own = x -> Decompositions.singularValues(x).log().sum();
        Function<Var, Var> bySvd = x -> Decompositions.svd(x).s().log().sum();
        assertThat(gradient(own::apply, a)).containsExactly(gradient(bySvd::apply, a), within(1e-12));
        assertThat(Autodiff.hvp(own, a, v).toDoubles())
                .containsExactly(Autodiff.hvp(bySvd, a, v).toDoubles(), within(1e-9));
        assertThat(Autodiff.jvp(own, a, v).tangent().item())
                .isCloseTo(Autodiff.jvp(bySvd, a, v).tangent().item(), within(1e-11));
    }

    /** Of A = 2 Q with an orthogonal Q, all values are 2: Σ s has the gradient Q, Σ s² that of ‖A‖², 2 A. */
    @Test
    void repeatedSingularValuesHaveAFirstDerivative() {
        Tensor q = Tensor.of(new double[] {0.6, 0.8, 0, 0, 0, -1, 0.8, -0.6, 0}, 3, 3);
        Tensor a = q.times(2);
        assertThat(gradient(x -> Decompositions.singularValues(x).sum(), a))
                .containsExactly(q.toDoubles(), within(1e-14));
        assertThat(gradient(x -> Decompositions.singularValues(x).square().sum(), a))
                .containsExactly(a.times(2).toDoubles(), within(1e-14));
        Tensor v = Tensor.normal(DType.F64, Shape.of(3, 3), new Philox(8));
        assertThat(Autodiff.jvp(x -> Decompositions.singularValues(x).sum(), a, v)
                        .tangent()
                        .item())
                .isCloseTo(q.times(v).sumAll().item(), within(1e-14));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.hvp(
                        x -> Decompositions.singularValues(x).sum(),
                        Tensor.of(new double[] {2, 0, 0, 2}, 2, 2),
                        Tensor.of(new double[] {1, 0, 0, 0}, 2, 2)))
                .withMessage(
                        "singularValues: second derivative: singular values 2.0 and 2.0 of a matrix of shape [2, 2]"
                                + " are too near each other: their vectors are no differentiable function of it");
    }

    /** A value that is 0 has none, and is given 0; the others keep theirs. */
    @Test
    void singularValuesThatAreZero() {
        Tensor a = Tensor.of(new double[] {3, 0, 0, 0, 0, 0}, 3, 2);
        assertThat(gradient(x -> Decompositions.singularValues(x).sum(), a)).containsExactly(1, 0, 0, 0, 0, 0);
        Tensor zero = Tensor.zeros(DType.F32, Shape.of(2, 3, 3));
        Linearization l = Autodiff.linearizeTwice(Decompositions::singularValues, zero);
        assertThat(l.pull(Tensor.full(DType.F32, Shape.of(4, 2, 3), 1))[0].toDoubles())
                .containsOnly(0);
        assertThat(l.push(Tensor.full(DType.F32, Shape.of(4, 2, 3, 3), 1)).toDoubles())
                .containsOnly(0);
    }

    /** Of a wide matrix: the factors of {@link LinearAlgebra#lq}, whose L has the volume √det(A Aᵀ) with the gradient (A Aᵀ)⁻¹ A of its logarithm. */
    @Test
    void lqOfWideMatrices() {
        Tensor a = Tensor.normal(DType.F64, Shape.of(3, 5), new Philox(9));
        Decompositions.Lq f = Decompositions.lq(Var.constant(a));
        assertThat(f.l().matmul(f.q()).value().toDoubles()).containsExactly(a.toDoubles(), within(1e-13));
        assertThat(f.l().value().toDoubles())
                .containsExactly(LinearAlgebra.lq(a).l().toDoubles());
        assertThat(f.l().value().toDoubles()[1]).isZero();
        Tensor gram = a.matmul(false, a, true);
        assertThat(gradient(x -> trace(Decompositions.lq(x).l()), a))
                .containsExactly(LinearSystems.solve(gram, a).toDoubles(), within(1e-12));
    }

    private static Var trace(Var x) {
        return Matrices.einsum("ii->i", x).log().sum();
    }

    private static double[] gradient(UnaryOperator<Var> f, Tensor x) {
        return Autodiff.grad((List<Var> v) -> f.apply(v.get(0)), List.of(x))
                .gradients()
                .get(0)
                .toDoubles();
    }

    /** With s = (3, 1) times a power of ten, dA = [[0, 1], [0, 0]] turns U by F s₂ and V by F s₁, F = 1/(s₁² − s₂²) = 1/8: times that power, the same. */
    @Test
    void singularValuesWhoseSquaresLeaveTheRange() {
        for (double scale : new double[] {1, 1e19, 1e-20}) {
            Tensor a = Tensor.of(new double[] {3 * scale, 0, 0, scale}, 2, 2).to(DType.F32);
            Tensor d = Tensor.of(new double[] {0, scale, 0, 0}, 2, 2).to(DType.F32);
            Tensor u =
                    Autodiff.jvp(x -> withoutSigns(Decompositions.svd(x)), a, d).tangent();
            assertThat(u.toDoubles()).as("%s", scale).containsExactly(new double[] {0, -0.125, 0.125, 0}, within(1e-6));
            assertThat(gradient(x -> Decompositions.svd(x).s().sum(), a))
                    .containsExactly(new double[] {1, 0, 0, 1}, within(1e-6));
        }
    }

    /** U with each column times its element on the diagonal, so that the column's sign is gone. */
    private static Var withoutSigns(Decompositions.Svd svd) {
        Var first = svd.u().slice(1, 0, 1).times(svd.u().slice(1, 0, 1).slice(0, 0, 1));
        Var second = svd.u().slice(1, 1, 2).times(svd.u().slice(1, 1, 2).slice(0, 1, 2));
        return Layouts.concatenate(1, first, second);
    }

    /** Rows, or columns, of very different lengths are no sign of a singular matrix. */
    @Test
    void badlyScaledSystems() {
        for (double[] a :
                new double[][] {{1e17, 0, 0, 1}, {1, 1e17, 0, 1}, {1e17, 1e17, 1, -1}, {1e-300, 0, 0, 1e300}}) {
            Tensor ta = Tensor.of(a, 2, 2);
            Tensor one = Tensor.of(new double[] {1, 1}, 2, 1);
            double[] y = LinearSystems.solve(ta, one).toDoubles();
            double det = a[0] * a[3] - a[1] * a[2];
            assertThat(y[0]).isCloseTo((a[3] - a[1]) / det, withinPercentage(1e-10));
            assertThat(y[1]).isCloseTo((a[0] - a[2]) / det, withinPercentage(1e-10));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearSystems.solve(
                        Tensor.of(new double[] {1e17, 2e17, 1, 2}, 2, 2), Tensor.of(new double[2], 2, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearSystems.solve(
                        Tensor.of(new double[] {1, Double.POSITIVE_INFINITY, 0, 1}, 2, 2),
                        Tensor.of(new double[2], 2, 1)));
    }

    /** Of diagonal matrices: √a has the derivative 1/(2 √a), R = A the identity. */
    @Test
    void factorsOfBadlyScaledMatrices() {
        Tensor a = Tensor.of(new double[] {1e34, 0, 0, 1}, 2, 2);
        double[] g = gradient(
                x -> Matrices.einsum("ii->i", Decompositions.cholesky(x)).sum(), a);
        assertThat(g[0]).isCloseTo(0.5e-17, withinPercentage(1e-10));
        assertThat(g[3]).isCloseTo(0.5, within(1e-12));
        for (double[] r : new double[][] {{1, 1e17, 0, 1}, {1e17, 0, 0, 1}}) {
            Tensor tr = Tensor.of(r, 2, 2);
            assertThat(gradient(
                            x -> Matrices.einsum("ii->i", Decompositions.qr(x).r())
                                    .sum(),
                            tr))
                    .satisfies(x -> assertThat(x[0]).isCloseTo(1, within(1e-12)))
                    .satisfies(x -> assertThat(x[3]).isCloseTo(1, within(1e-12)));
        }
        Tensor three = Tensor.of(new double[] {1, 1e17, 0, 0, 1, 1e17, 0, 0, 1}, 3, 3);
        assertThat(LinearSystems.solveTriangular(three, Tensor.of(new double[] {0, 0, 1}, 3, 1), true)
                        .toDoubles())
                .containsExactly(1e17 * 1e17, -1e17, 1);
        Tensor lower = Tensor.of(new double[] {2, Double.NaN, 1, 4}, 2, 2);
        assertThat(LinearSystems.solveTriangular(lower, Tensor.of(new double[] {2, 5}, 2, 1), false)
                        .toDoubles())
                .containsExactly(1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinearSystems.solveTriangular(A, Tensor.zeros(DType.F64, Shape.of(3, 1)), false))
                .withMessage("solveTriangular: a matrix of shape [3, 3] is singular, or not finite: 0.0 in row 0 of its"
                        + " diagonal");
    }

    @Test
    void refusesVectorsThatAreNoFunctionOfTheMatrix() {
        Tensor twice = Tensor.of(new double[] {2, 0, 0, -2}, 2, 2);
        assertThat(Decompositions.svd(Var.constant(twice)).s().value().toDoubles())
                .containsExactly(2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.linearize(x -> Decompositions.svd(x).s(), twice))
                .withMessage(
                        "svd: singular values 2.0 and 2.0 of a matrix of shape [2, 2] are too near each other: their"
                                + " vectors are no differentiable function of it");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Autodiff.hessian(x -> Decompositions.svd(x).s().sum(), twice))
                .withMessageStartingWith("svd: singular values 2.0 and 2.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Decompositions.cholesky(Var.constant(Tensor.zeros(DType.F64, Shape.of(2, 3)))))
                .withMessage("cholesky: square matrices [..., n, n] needed, shape is [2, 3]");
    }
}
