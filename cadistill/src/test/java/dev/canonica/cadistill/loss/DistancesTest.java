package dev.canonica.cadistill.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What Procrustes' distance and that of cosines are 0 for, and what they are for features that they cannot compare. */
class DistancesTest {
    private static final Tensor X = Tensor.normal(DType.F64, Shape.of(9, 5), new Philox(1));

    /** Two columns each: the best rotation is found by trying all angles, and reflections. */
    @Test
    void procrustesIsTheDistanceToTheBestRotation() {
        Tensor x = Tensor.normal(DType.F64, Shape.of(7, 2), new Philox(2));
        Tensor y = Tensor.normal(DType.F64, Shape.of(7, 2), new Philox(3));
        double best = Double.MAX_VALUE;
        Tensor a = unit(x);
        Tensor b = unit(y);
        for (int flip : new int[] {1, -1}) {
            for (int i = 0; i < 20_000; i++) {
                double t = i * Math.PI / 10_000;
                Tensor r = Tensor.of(
                        new double[] {Math.cos(t), flip * -Math.sin(t), Math.sin(t), flip * Math.cos(t)}, 2, 2);
                double d = a.minus(b.matmul(r)).norm();
                best = Math.min(best, d * d);
            }
        }
        assertThat(value(Procrustes.loss(Var.constant(x), Var.constant(y)))).isCloseTo(best, within(1e-6));
    }

    @Test
    void rotationsAndScalesAreNoDistance() {
        Tensor q = LinearAlgebra.qr(Tensor.normal(DType.F64, Shape.of(5, 5), new Philox(4)))
                .q();
        Tensor rotated = X.matmul(q).times(3).plus(7);
        assertThat(value(Procrustes.loss(Var.constant(X), Var.constant(rotated))))
                .isCloseTo(0, within(1e-13));
        assertThat(value(Gram.loss(Var.constant(X), Var.constant(X.times(3).plus(7)))))
                .isCloseTo(0, within(1e-13));
        Tensor other = Tensor.normal(DType.F64, Shape.of(9, 3), new Philox(5));
        assertThat(value(Procrustes.loss(Var.constant(X), Var.constant(other)))).isBetween(0.1, 2.0);
        assertThat(value(Gram.loss(Var.constant(X), Var.constant(other)))).isGreaterThan(0.01);
    }

    /** Features apart by a rotation and by δ have a distance of order δ², which the rounding of 2 would hide, and a gradient of order δ. */
    @Test
    void smallDistancesAreSeen() {
        Tensor q = LinearAlgebra.qr(Tensor.normal(DType.F64, Shape.of(5, 5), new Philox(4)))
                .q();
        Tensor noise = Tensor.normal(DType.F64, Shape.of(9, 5), new Philox(6));
        double unit = value(Procrustes.loss(
                        Var.constant(X), Var.constant(X.plus(noise.times(1e-3)).matmul(q))))
                * 1e6;
        for (double delta : new double[] {1e-6, 1e-8, 1e-10}) {
            Var y = Var.constant(X.plus(noise.times(delta)).matmul(q));
            Autodiff.Gradients g = Autodiff.grad(v -> Procrustes.loss(v.getFirst(), y), List.of(X));
            assertThat(g.value().item()).isCloseTo(unit * delta * delta, withinPercentage(1));
            // ⟨gradient, direction of y⟩ = −2 y to first order
            double along =
                    g.gradients().getFirst().times(noise.times(delta)).sumAll().item();
            assertThat(along).isCloseTo(-2 * g.value().item(), withinPercentage(1));
        }
        assertThat(value(Procrustes.loss(Var.constant(X), Var.constant(X)))).isBetween(0.0, 1e-28);
    }

    /** More columns than samples: the cross product has singular values of 0, and the rotation is of the kind that keeps norms. */
    @Test
    void distancesOfFewSamples() {
        for (int[] columns : new int[][] {{20, 11}, {11, 20}, {4, 30}}) {
            Tensor x = Tensor.normal(DType.F64, Shape.of(6, columns[0]), new Philox(7));
            Tensor y = Tensor.normal(DType.F64, Shape.of(6, columns[1]), new Philox(8));
            Tensor m = unit(x).transpose().matmul(unit(y));
            double expected = 2 - 2 * LinearAlgebra.svd(m).s().sumAll().item();
            assertThat(value(Procrustes.loss(Var.constant(x), Var.constant(y)))).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void constantFeaturesAreNeverNaN() {
        Tensor constant = Tensor.full(DType.F64, Shape.of(9, 4), 2);
        for (Tensor x : List.of(constant, Tensor.zeros(DType.F64, Shape.of(9, 4)))) {
            Var y = Var.constant(X);
            Autodiff.Gradients g = Autodiff.grad(v -> Procrustes.loss(v.get(0), y), List.of(x));
            assertThat(g.value().item()).isEqualTo(2);
            assertThat(g.gradients().getFirst().norm()).isZero();
            Autodiff.Gradients gram = Autodiff.grad(v -> Gram.loss(v.get(0), y), List.of(x));
            assertThat(gram.value().item()).isPositive();
            assertThat(gram.gradients().getFirst().norm()).isFinite();
            Autodiff.Gradients rkd = Autodiff.grad(v -> Rkd.loss(v.get(0), y), List.of(x));
            assertThat(rkd.value().item()).isPositive();
            assertThat(rkd.gradients().getFirst().norm()).isFinite();
        }
    }

    /** The derivative at samples that are the same is that of features near 1, in the features' unit. */
    @Test
    void sameSamplesHaveDerivativesInTheFeaturesUnit() {
        double[] v =
                X.times(Magnitudes.near(Magnitudes.greatest(X), DType.F64, 0)).toDoubles(); // greatest in [1, 2)
        System.arraycopy(v, 0, v, 5, 5);
        Tensor x = Tensor.of(v, 9, 5);
        Var y = Var.constant(Tensor.normal(DType.F64, Shape.of(9, 3), new Philox(9)));
        for (double unit : new double[] {0x1p40, 0x1p-40, 0x1p400}) {
            Tensor near = Autodiff.grad(w -> Rkd.angle(w.getFirst(), y), List.of(x))
                    .gradients()
                    .getFirst();
            Tensor far = Autodiff.grad(w -> Rkd.angle(w.getFirst(), y), List.of(x.times(unit)))
                    .gradients()
                    .getFirst();
            assertThat(near.row(0).norm()).isPositive();
            assertThat(far.times(unit).toDoubles()).containsExactly(near.toDoubles(), within(1e-14 * near.norm()));
        }
    }

    @Test
    void otherSamplesAreRefused() {
        Var x = Var.constant(X);
        Var y = Var.constant(Tensor.zeros(DType.F64, Shape.of(8, 5)));
        assertThatThrownBy(() -> Cka.linear(x, y))
                .hasMessage("cka: features [n, p] and [n, q] of the same samples needed, not [9, 5] and [8, 5]");
        assertThatThrownBy(() -> Cka.rbf(x, x, 0)).hasMessage("cka: a kernel's bandwidth must be positive, not 0.0");
        assertThatThrownBy(() -> AttentionTransfer.loss(x, x))
                .hasMessage("at: maps [B, C, H, W] of the same samples and places needed, not [9, 5] and [9, 5]");
        assertThatThrownBy(() -> FitNet.mapped(x.reshape(9, 5, 1), x, x))
                .hasMessage("fitnet: features [n, p] or [B, p, H, W] needed, not [9, 5, 1]");
    }

    /** Of the nuclear norm, square and not, and of the distance; where a singular value is 0 it is refused. */
    @Test
    void secondDerivativesOfProcrustes() {
        Row norm = Row.unary("nuclearNorm", Procrustes::nuclearNorm)
                .at(1, 1)
                .at(4, 4)
                .at(5, 3)
                .at(2, 6);
        Row distance = Row.binary("loss", Procrustes::loss)
                .tolerance(new Tolerance(2e-4, 1e-7, 1e-11))
                .at(Shape.of(9, 4), Shape.of(9, 3));
        for (Row row : List.of(norm, distance)) {
            assertThat(PrimitiveCheck.check(row).failures()).as(row.name()).isEmpty();
        }
        Tensor few = Tensor.normal(DType.F64, Shape.of(3, 5), new Philox(6));
        assertThatThrownBy(() ->
                        Autodiff.hvp(x -> Procrustes.loss(x, Var.constant(few.plus(few.times(few)))), few, few))
                .hasMessageStartingWith("procrustes: no second derivative where a singular value of XᵀY is 0: ");
    }

    private static Tensor unit(Tensor x) {
        Tensor c = Similarities.centred(Var.constant(x)).value();
        return c.times(1 / c.norm());
    }

    private static double value(Var loss) {
        return loss.value().item();
    }
}
