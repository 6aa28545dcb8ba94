package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearSystems;
import java.util.List;
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

    private static Var trace(Var x) {
        return Matrices.einsum("ii->i", x).log().sum();
    }

    private static double[] gradient(UnaryOperator<Var> f, Tensor x) {
        return Autodiff.grad((List<Var> v) -> f.apply(v.get(0)), List.of(x))
                .gradients()
                .get(0)
                .toDoubles();
    }

    @Test
    void refusesVectorsThatAreNoFunctionOfTheMatrix() {
        Var twice = Var.constant(Tensor.of(new double[] {2, 0, 0, -2}, 2, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Decompositions.svd(twice))
                .withMessage(
                        "svd: singular values 2.0 and 2.0 of a matrix of shape [2, 2] are too near each other: their"
                                + " vectors are no differentiable function of it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Decompositions.cholesky(Var.constant(Tensor.zeros(DType.F64, Shape.of(2, 3)))))
                .withMessage("cholesky: square matrices [..., n, n] needed, shape is [2, 3]");
    }
}
