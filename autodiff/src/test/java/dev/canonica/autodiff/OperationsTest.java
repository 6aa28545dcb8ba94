package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Values of operations, by hand or by PyTorch, and derivatives where a table of smooth points does not reach. */
class OperationsTest {
    private static final Tensor B = Tensor.of(new double[] {1, 2, 4, 3, 5, 9}, 2, 3);

    private static double[] value(UnaryOperator<Var> f, Tensor x) {
        return f.apply(Var.constant(x)).value().toDoubles();
    }

    private static double[] gradient(UnaryOperator<Var> f, Tensor x) {
        return Autodiff.grad((List<Var> v) -> f.apply(v.get(0)).sum(), List.of(x))
                .gradients()
                .get(0)
                .toDoubles();
    }

    private static Tensor line(double... x) {
        return Tensor.of(x, x.length);
    }

    @Test
    void derivativesAtTiesAndEnds() {
        assertThat(gradient(x -> x.clamp(0, 1), line(-1, 0, 0.3, 1, 2))).containsExactly(0, 1, 1, 1, 0);
        assertThat(value(x -> x.clamp(0, 1), line(-1, Double.NaN, 5))).containsExactly(0, Double.NaN, 1);
        assertThat(gradient(x -> x.min(Var.constant(line(1, 1, 1))), line(0, 1, 2)))
                .containsExactly(1, 1, 0);
        assertThat(gradient(x -> x.min(0), line(2, 1, 1))).containsExactly(0, 0.5, 0.5);
        assertThat(gradient(x -> x.prod(0), line(2, 0, 3, 4))).containsExactly(0, 24, 0, 0);
        assertThat(gradient(x -> x.prod(0), line(2, 0, 0, 4))).containsExactly(0, 0, 0, 0);
        assertThat(gradient(x -> x.pow(0), line(0, 1))).containsExactly(0, 0);
        assertThat(gradient(x -> x.pow(2), line(0, -3))).containsExactly(0, -6);
        assertThat(gradient(y -> Powers.pow(Var.constant(line(0, 2)), y), line(2, 3)))
                .satisfies(g -> assertThat(g[0]).isZero())
                .satisfies(g -> assertThat(g[1]).isCloseTo(8 * Math.log(2), within(1e-13)));
    }

    /** As JAX and PyTorch: 0⁰ = 1 moves with neither. */
    @Test
    void powersOfZero() {
        Tensor zero = line(0);
        assertThat(gradient(x -> Powers.pow(x, Var.constant(zero)), zero)).containsExactly(0);
        assertThat(gradient(y -> Powers.pow(Var.constant(zero), y), zero)).containsExactly(0);
        assertThat(gradient(x -> Powers.pow(x, Var.constant(line(2))), line(0))).containsExactly(0);
        Tensor three = line(0, 1, 2, 3);
        Tensor x = line(0, 0, 0, 0);
        Tensor h = Autodiff.hessian(v -> Powers.pow(v, Var.constant(three)).sum(), x);
        assertThat(Matrices.einsum("ii->i", Var.constant(h)).value().toDoubles())
                .containsExactly(0, 0, 2, 0);
        Tensor both = Tensor.of(new double[] {0, 2}, 2, 1);
        assertThat(Autodiff.hessian(
                                v -> Powers.pow(v.slice(0, 0, 1), v.slice(0, 1, 2))
                                        .sum(),
                                both)
                        .toDoubles())
                .containsExactly(2, 0, 0, 0);
    }

    /** As PyTorch: z = x³ = −8, by x 3 x² = 12, then 6 x = −12; by the exponent, whose neighbours give no numbers, NaN. */
    @Test
    void powersOfNegativeNumbers() {
        Tensor x = line(-2, -2, -0.5);
        Tensor y = line(3, -1, 0);
        Function<List<Var>, Var> pow = v -> Powers.pow(v.get(0), v.get(1));
        Linearization l = Autodiff.linearize(pow, List.of(x, y));
        assertThat(l.value().toDoubles()).containsExactly(-8, -0.5, 1);
        Tensor u = Tensor.full(DType.F64, Shape.of(1, 3), 1);
        assertThat(l.pull(u)[0].toDoubles()).containsExactly(12, -0.25, 0);
        assertThat(l.pull(u)[1].toDoubles()).containsOnly(Double.NaN);
        assertThat(l.push(u, null).toDoubles()).containsExactly(12, -0.25, 0);
        assertThat(l.push(null, u).toDoubles()).containsOnly(Double.NaN);
        Linearization twice = Autodiff.linearizeTwice(pow, List.of(x, y));
        Tensor[] byX = twice.hessianPush(u, u, null);
        assertThat(byX[0].toDoubles()).containsExactly(new double[] {-12, -0.25, 0}, within(1e-15));
        assertThat(byX[1].toDoubles()).containsOnly(Double.NaN);
        assertThat(twice.hessianPush(u, null, u)[1].toDoubles()).containsOnly(Double.NaN);
        assertThat(Autodiff.hvp(v -> Powers.pow(v, Var.constant(y)).sum(), x, line(1, 1, 1))
                        .toDoubles())
                .containsExactly(new double[] {-12, -0.25, 0}, within(1e-15));
        assertThat(gradient(v -> Powers.pow(v, Var.constant(line(0.5))), line(-2)))
                .containsExactly(Double.NaN);
        assertThat(gradient(v -> Powers.pow(Var.constant(line(-0.1)), v), line(400)))
                .containsExactly(Double.NaN);
    }

    /** A row of equal elements, whose rounded mean is not that number, has the deviation 0, and derivatives that are. */
    @Test
    void theDeviationOfEqualElements() {
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor x = Tensor.of(new double[] {0.1, 0.1, 0.1, 1, 2, 3}, 2, 3).to(type);
            for (int correction = 0; correction < 2; correction++) {
                int c = correction;
                Function<Var, Var> f = v -> Statistics.standardDeviation(v, c, -1);
                Linearization l = Autodiff.linearizeTwice(f, x);
                double y = Math.sqrt(2.0 / (3 - c));
                double g = 1 / (y * (3 - c));
                assertThat(l.value().toDoubles()).containsExactly(new double[] {0, y}, within(1e-7));
                assertThat(l.pull(Tensor.full(type, Shape.of(1, 2), 1))[0].toDoubles())
                        .containsExactly(new double[] {0, 0, 0, -g, 0, g}, within(1e-7));
                Tensor v = Tensor.of(new double[] {1, 2, -5, 1, 0, 0}, 1, 2, 3).to(type);
                assertThat(l.push(v).toDoubles()).containsExactly(new double[] {0, -g}, within(1e-7));
                double[] h = l.hessianPush(Tensor.full(type, Shape.of(1, 2), 1), v)[0].toDoubles();
                assertThat(Arrays.copyOf(h, 3)).containsExactly(0, 0, 0);
                // (v − mean v)/(n − c)/y − g gᵀ v/y, of v = (1, 0, 0)
                double d = 1 / (y * (3 - c));
                assertThat(Arrays.copyOfRange(h, 3, 6))
                        .containsExactly(
                                new double[] {2 * d / 3 - g * g / y, -d / 3, -d / 3 + g * g / y}, within(1e-6));
            }
        }
    }

    /** (v − e ⟨e, v⟩)/‖x‖, and 0 at 0 as the derivative is. */
    @Test
    void theSecondDerivativeOfNormAtZero() {
        Tensor x = Tensor.of(new double[] {0, 0, 3, 4}, 2, 2);
        Tensor v = Tensor.of(new double[] {1, 2, 1, 0}, 2, 2);
        assertThat(Autodiff.hvp(t -> Reductions.norm(t).sum(), x, v).toDoubles())
                .containsExactly(new double[] {0, 0, 0.128, -0.096}, within(1e-15));
    }

    @Test
    void aFloorIsGivenForEachRow() {
        Var x = Var.constant(B);
        assertThat(Normalisation.unit(x, Tensor.of(new double[] {0, 100}, 2, 1))
                        .value()
                        .toDoubles()[5])
                .isEqualTo(0.09);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Normalisation.unit(x, line(0, 0, 0)))
                .withMessage("unit: floor [3] for x [2, 3]: [2, 1] needed, one for each row");
    }

    /** ln of what is not chosen gives no NaN. */
    @Test
    void whereKeepsNaNOfTheOtherOut() {
        Tensor x = line(-1, 2);
        Tensor mask = Tensor.of(new byte[] {0, 1}, 2);
        Linearization l = Autodiff.linearize(v -> Selections.where(mask, v.log(), v), x);
        assertThat(l.value().toDoubles()).containsExactly(-1, Math.log(2));
        assertThat(l.push(Tensor.of(new double[] {Double.NaN, 1}, 1, 2)).toDoubles()[1])
                .isEqualTo(0.5);
    }

    @Test
    void reductions() {
        assertThat(value(x -> x.sum(0, 1), B)).containsExactly(24);
        assertThat(value(x -> x.mean(-1, 0), B)).containsExactly(4);
        assertThat(value(x -> x.max(0, 1), B)).containsExactly(9);
        assertThat(value(Var::max, B)).containsExactly(9);
        assertThat(value(Var::min, B)).containsExactly(1);
        assertThat(value(x -> x.sum().max(), B)).containsExactly(24);
        assertThat(gradient(Var::max, line(2, 3, 3))).containsExactly(0, 0.5, 0.5);
        assertThat(value(x -> x.max(0), B)).containsExactly(3, 5, 9);
        assertThat(value(x -> x.min(1), B)).containsExactly(1, 3);
        assertThat(value(x -> x.prod(1), B)).containsExactly(8, 135);
        assertThat(value(x -> x.prod(0), Tensor.zeros(DType.F64, Shape.of(0, 2))))
                .containsExactly(1, 1);
        assertThat(value(x -> Statistics.variance(x, 1, 0, 1), B)).containsExactly(8);
        assertThat(value(x -> Statistics.standardDeviation(x, 0, 1), B)[1]).isCloseTo(2.494438257849294, within(1e-15));
        assertThat(value(x -> x.cumulativeSum(1), B)).containsExactly(1, 3, 7, 3, 8, 17);
        double inf = Double.POSITIVE_INFINITY;
        double[] sums = value(
                x -> Statistics.logSumExp(x, 1), Tensor.of(new double[] {1, 2, 3, -inf, -inf, -inf, inf, 1, 2}, 3, 3));
        assertThat(sums[0]).isCloseTo(3.4076059644443806, within(1e-15));
        assertThat(sums[1]).isEqualTo(-inf);
        assertThat(sums[2]).isEqualTo(inf);
    }

    @Test
    void layouts() {
        assertThat(value(x -> x.flip(1), B)).containsExactly(4, 2, 1, 9, 5, 3);
        assertThat(value(x -> x.flip(0, 1), B)).containsExactly(9, 5, 3, 4, 2, 1);
        assertThat(value(x -> x.roll(1, 1), B)).containsExactly(4, 1, 2, 9, 3, 5);
        assertThat(value(x -> x.roll(1, -4), B)).containsExactly(2, 4, 1, 5, 9, 3);
        assertThat(value(x -> Layouts.stack(-1, x, x.times(2)), line(1, 3))).containsExactly(1, 2, 3, 6);
        Var x = Var.constant(B);
        List<Var> parts = Layouts.split(x, 1, 1, 2);
        assertThat(parts.get(0).value().toDoubles()).containsExactly(1, 3);
        assertThat(parts.get(1).value().toDoubles()).containsExactly(2, 4, 5, 9);
        assertThat(x.unsqueeze(1).squeeze(1).shape()).isEqualTo(B.shape());
        assertThat(x.unsqueeze(-1).shape()).isEqualTo(Shape.of(2, 3, 1));
    }

    @Test
    void indices() {
        Tensor index = Tensor.of(new long[] {2, 0, 0, 1}, 2, 2);
        assertThat(value(x -> Indexing.gather(x, 1, index), B)).containsExactly(4, 1, 3, 5);
        assertThat(value(x -> x.take(1, Tensor.of(new long[] {2, 2, 0}, 3)), B)).containsExactly(4, 4, 1, 9, 9, 3);
        Var ten = Var.constant(Tensor.of(new double[] {10, 20, 30, 40}, 2, 2));
        assertThat(value(x -> Indexing.scatter(x, 1, index, ten), B)).containsExactly(20, 2, 10, 30, 40, 9);
        Tensor twice = Tensor.of(new long[] {2, 2, 0, 1}, 2, 2);
        assertThat(value(x -> Indexing.scatterAdd(x, 1, twice, ten), B)).containsExactly(1, 2, 34, 33, 45, 9);
        Indexing.Sorted top = Indexing.topK(Var.constant(B), 1, 2);
        assertThat(top.values().value().toDoubles()).containsExactly(4, 2, 9, 5);
        assertThat(top.index().toLongs()).containsExactly(2, 1, 2, 1);
        assertThat(Indexing.sort(Var.constant(B), 0, true).values().value().toDoubles())
                .containsExactly(3, 5, 9, 1, 2, 4);
    }

    @Test
    void einsumsAreWhatTheyAbbreviate() {
        Var a = Var.constant(Tensor.normal(DType.F64, Shape.of(2, 3, 4), new Philox(1)));
        Var b = Var.constant(Tensor.normal(DType.F64, Shape.of(2, 4, 5), new Philox(2)));
        double[] product = a.matmul(b).value().toDoubles();
        assertThat(Matrices.einsum("bij, bjk -> bik", a, b).value().toDoubles()).containsExactly(product);
        assertThat(Matrices.einsum("...ij,...jk", a, b).value().toDoubles()).containsExactly(product);
        assertThat(Matrices.einsum("cba", a).shape()).isEqualTo(Shape.of(4, 3, 2)); // the letters in their order
        assertThat(Matrices.einsum("ii", Var.constant(Tensor.of(new double[] {1, 2, 3, 4}, 2, 2)))
                        .value()
                        .item())
                .isEqualTo(5);
        assertThat(Matrices.einsum("ii->i", Var.constant(Tensor.of(new double[] {1, 2, 3, 4}, 2, 2)))
                        .value()
                        .toDoubles())
                .containsExactly(1, 4);
        assertThat(Matrices.einsum("i,j->ji", Var.constant(line(1, 2)), Var.constant(line(3, 4)))
                        .value()
                        .toDoubles())
                .containsExactly(3, 6, 4, 8);
        Var c = Var.constant(Tensor.normal(DType.F64, Shape.of(2, 3, 4), new Philox(3)));
        double[] each = a.times(c).value().toDoubles();
        assertThat(Matrices.einsum("ijk,ijk->ijk", a, c).value().toDoubles()).containsExactly(each);
        assertThat(Matrices.einsum("ijk,i->ijk", a, Var.constant(line(2, 2)))
                        .value()
                        .toDoubles())
                .containsExactly(a.times(2).value().toDoubles());
    }

    @Test
    void productsWithVectors() {
        Var m = Var.constant(B);
        assertThat(m.matmul(Var.constant(line(1, 0, 2))).value().toDoubles()).containsExactly(9, 21);
        assertThat(Var.constant(line(1, 2)).matmul(m).value().toDoubles()).containsExactly(7, 12, 22);
        assertThat(Matrices.dot(Var.constant(line(1, 2)), Var.constant(line(3, 4)))
                        .shape())
                .isEqualTo(Shape.SCALAR);
    }

    @Test
    void paddings() {
        Tensor x = line(1, 2, 3);
        assertThat(value(v -> Padding.reflect(v, 0, 2, 1), x)).containsExactly(3, 2, 1, 2, 3, 2);
        assertThat(value(v -> Padding.replicate(v, 0, 2, 1), x)).containsExactly(1, 1, 1, 2, 3, 3);
        assertThat(value(v -> Padding.circular(v, 0, 2, 1), x)).containsExactly(2, 3, 1, 2, 3, 1);
        double inf = Double.POSITIVE_INFINITY;
        assertThat(value(v -> Padding.constant(v, 0, 1, 1, inf), x)).containsExactly(inf, 1, 2, 3, inf);
        assertThat(gradient(v -> Padding.reflect(v, 0, 2, 1), x)).containsExactly(1, 3, 2);
        Var c = Var.constant(x);
        assertThat(Padding.constant(c, 0, 0, 0, 1)).isSameAs(c);
    }

    @Test
    void dropoutIsAFunctionOfItsSeedAndKeepsTheMean() {
        int n = 10_000;
        Tensor x = Tensor.full(DType.F64, Shape.of(n), 1);
        double[] y = value(v -> Dropout.dropout(v, 0.2, new Philox(1)), x);
        assertThat(y).containsOnly(0, 1.25);
        assertThat(Arrays.stream(y).average().orElseThrow()).isCloseTo(1, within(0.02)); // deviation 0.005
        assertThat(value(v -> Dropout.dropout(v, 0.2, new Philox(1)), x)).containsExactly(y);
        assertThat(value(v -> Dropout.dropout(v, 0.2, new Philox(2)), x)).isNotEqualTo(y);
        assertThat(gradient(v -> Dropout.dropout(v, 0.2, new Philox(1)), x)).containsExactly(y);
    }
}
