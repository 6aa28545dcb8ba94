package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class JacobiansTest {
    private static Tensor normal(int seed, int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(seed));
    }

    /** Rosenbrock's function, 100 (y − x²)² + (1 − x)². */
    private static Var rosenbrock(Var p) {
        Var x = p.slice(0, 0, 1);
        Var y = p.slice(0, 1, 2);
        return y.minus(x.square())
                .square()
                .times(100)
                .plus(x.times(-1).plus(1).square())
                .sum();
    }

    private static final Tensor P = Tensor.of(new double[] {-1.5, 2}, 2);
    private static final double[] HESSIAN = {1200 * 1.5 * 1.5 - 400 * 2 + 2, 600, 600, 200};

    @Test
    void hessianOfRosenbrocksFunction() {
        Tensor h = Autodiff.hessian(JacobiansTest::rosenbrock, P);
        assertThat(h.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(h.toDoubles()).containsExactly(HESSIAN, within(1e-11));
        Tensor v = Tensor.of(new double[] {1, -2}, 2);
        assertThat(Autodiff.hvp(JacobiansTest::rosenbrock, P, v).toDoubles())
                .containsExactly(new double[] {HESSIAN[0] - 1200, 600 - 400}, within(1e-11));
        assertThat(Autodiff.laplacian(JacobiansTest::rosenbrock, P)).isCloseTo(HESSIAN[0] + 200, within(1e-11));
        assertThat(Autodiff.laplacian(JacobiansTest::rosenbrock, P, 1)).isCloseTo(HESSIAN[0] + 200, within(1e-11));
    }

    @Test
    void gradientsOfOneTensor() {
        Autodiff.Gradient g = Autodiff.grad(JacobiansTest::rosenbrock, P);
        assertThat(g.value().item()).isCloseTo(100 * 0.25 * 0.25 + 2.5 * 2.5, within(1e-12));
        assertThat(g.gradient().shape()).isEqualTo(P.shape());
        assertThat(g.gradient().toDoubles()).containsExactly(new double[] {-155, -50}, within(1e-11));
    }

    /** What the value does not depend on is pushed neither for first nor for second derivatives. */
    @Test
    void whatDoesNotLeadToTheValueIsNotPushed() {
        Tensor h = Autodiff.hvp(
                x -> {
                    Var.recordLinear(
                            "aside",
                            x.value(),
                            () -> LinearMap.selfAdjoint(d -> {
                                throw new AssertionError("pushed");
                            }),
                            x);
                    return x.square().sum();
                },
                P,
                P);
        assertThat(h.toDoubles()).containsExactly(-3, 4);
    }

    /** E (vᵀ H v) is the trace, and the estimate's error what it says. */
    @Test
    void hutchinsonsEstimate() {
        Function<Var, Var> f = x -> Activations.sin(x.square().sum());
        Tensor x = normal(1, 7).times(0.3);
        double exact = Autodiff.laplacian(f, x);
        double square = x.norm() * x.norm();
        assertThat(exact).isCloseTo(2 * 7 * Math.cos(square) - 4 * square * Math.sin(square), within(1e-12));
        Autodiff.Estimate e = Autodiff.laplacian(f, x, 300, new Philox(3));
        assertThat(e.standardError()).isPositive().isLessThan(0.3);
        assertThat(e.value()).isCloseTo(exact, within(4 * e.standardError()));
        assertThat(Autodiff.laplacian(f, x, 300, new Philox(3))).isEqualTo(e);
        // of a diagonal Hessian every sample is exact
        assertThat(Autodiff.laplacian(v -> v.exp().sum(), x, 2, new Philox(1)).value())
                .isCloseTo(x.exp().sumAll().item(), within(1e-12));
    }

    /** Tall by pushes, wide by pulls; any block gives the same. */
    @Test
    void jacobiansAreThoseOfTheFormula() {
        Tensor w = normal(2, 3, 5);
        Tensor x = normal(3, 2, 3);
        Tensor tall = Autodiff.jacobian(v -> v.matmul(Var.constant(w)), x);
        assertThat(tall.shape()).isEqualTo(Shape.of(2, 5, 2, 3));
        double[] j = tall.toDoubles();
        for (int i = 0; i < 2; i++) {
            for (int o = 0; o < 5; o++) {
                for (int k = 0; k < 2; k++) {
                    for (int c = 0; c < 3; c++) {
                        double expected = i == k ? w.toDoubles()[5 * c + o] : 0;
                        assertThat(j[((i * 5 + o) * 2 + k) * 3 + c]).isEqualTo(expected);
                    }
                }
            }
        }
        Function<Var, Var> wide = v -> v.tanh().sum(0);
        Tensor all = Autodiff.jacobian(wide, x);
        assertThat(all.shape()).isEqualTo(Shape.of(3, 2, 3));
        assertThat(Autodiff.jacobian(wide, x, 1).toDoubles()).containsExactly(all.toDoubles());
        assertThat(Autodiff.jacobian(v -> v, x, 4).toDoubles()).containsOnly(0, 1);
    }

    @Test
    void productsOfOneDirection() {
        Tensor x = normal(4, 3);
        Tensor v = normal(5, 3);
        Autodiff.Tangent pushed = Autodiff.jvp(Var::square, x, v);
        assertThat(pushed.value().toDoubles()).containsExactly(x.times(x).toDoubles());
        assertThat(pushed.tangent().toDoubles())
                .containsExactly(x.times(v).times(2).toDoubles());
        Autodiff.Cotangent pulled = Autodiff.vjp(y -> y.square().sum(), x, Tensor.scalar(DType.F64, 3));
        assertThat(pulled.cotangent().toDoubles()).containsExactly(x.times(6).toDoubles());
    }

    /** What a layer of a transformer is made of, as one function, against differences of its gradient. */
    @Test
    void hessiansOfNetworksAreDerivativesOfTheirGradients() {
        Tensor w = normal(6, 12, 4);
        Tensor b = normal(7, 12);
        Function<Var, Var> f = x -> {
            Var n = Normalisation.normalize(x, 1e-5);
            Var qkv = LinearLayers.activated(n, Var.constant(w), Var.constant(b), Unary.GELU);
            return Attentions.selfAttention(qkv, 2).plus(x).square().sum();
        };
        Tensor x = normal(8, 1, 3, 4);
        Tensor v = normal(9, 1, 3, 4);
        double h = 1e-4;
        Function<Tensor, double[]> gradient = at -> Autodiff.grad((List<Var> y) -> f.apply(y.get(0)), List.of(at))
                .gradients()
                .get(0)
                .toDoubles();
        double[] up = gradient.apply(x.plus(v.times(h)));
        double[] down = gradient.apply(x.minus(v.times(h)));
        double[] ours = Autodiff.hvp(f, x, v).toDoubles();
        for (int i = 0; i < ours.length; i++) {
            assertThat(ours[i]).isCloseTo((up[i] - down[i]) / (2 * h), within(1e-5));
        }
    }

    @Test
    void refuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.hvp(x -> x, P, P))
                .withMessage("hvp: a scalar function needed, its value has shape [2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.jvp(x -> x, P, Tensor.scalar(DType.F64, 1)))
                .withMessage("jvp: direction of shape [], needed [2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.jacobian(x -> x, P, 0))
                .withMessage("jacobian: a block of at least one direction needed, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.laplacian(JacobiansTest::rosenbrock, P, 1, new Philox(1)))
                .withMessage("laplacian: at least 2 samples needed, not 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.laplacian(JacobiansTest::rosenbrock, P, 0))
                .withMessage("laplacian: a block of at least one direction needed, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Autodiff.hessian(
                        x -> Var.record("own", x.value().sumAll(), () -> LinearMap.of(d -> d.sum(1), u -> u), x), P))
                .withMessage("no second derivative of the primitive own is known: put it together of others, or record"
                        + " it with its curvature");
        Linearization once = Autodiff.linearize(JacobiansTest::rosenbrock, P);
        Tensor u = Tensor.full(DType.F64, Shape.of(1), 1);
        assertThatIllegalStateException()
                .isThrownBy(() -> once.hessianPush(u, P.reshape(1, 2)))
                .withMessage("hessianPush: linearizeTwice keeps what second derivatives need, linearize does not");
        Linearization twice = Autodiff.linearizeTwice(JacobiansTest::rosenbrock, P);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twice.hessianPush(Tensor.full(DType.F64, Shape.of(2), 1), P.reshape(1, 2)))
                .withMessage("hessianPush: cotangent of shape [2], needed [1]");
        Linearization rows = Autodiff.linearizeTwice(Var::square, P);
        for (Shape wrong : List.of(Shape.of(2), Shape.of(3, 2))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rows.hessianPush(Tensor.full(DType.F64, wrong, 1), P.reshape(1, 2)))
                    .withMessage("hessianPush: cotangent of shape " + wrong + ", needed [1, 2]");
        }
    }

    /** What does not depend on x, or is linear in it, has no curvature; nothing is left behind in memory. */
    @Test
    void linearFunctionsHaveNoSecondDerivativeAndMemoryIsGivenBack() {
        assertThat(Autodiff.hessian(x -> x.sum(), P).toDoubles()).containsOnly(0);
        assertThat(Autodiff.hessian(x -> Var.constant(Tensor.scalar(DType.F64, 1)), P)
                        .toDoubles())
                .containsOnly(0);
        try (Scope scope = Scope.open()) {
            long before = Device.cpu().liveBytes();
            Tensor h = Autodiff.hessian(JacobiansTest::rosenbrock, P);
            Autodiff.laplacian(JacobiansTest::rosenbrock, P);
            assertThat(Device.cpu().liveBytes() - before).isLessThanOrEqualTo(64);
            assertThat(h.toDoubles()).hasSize(4);
        }
    }
}
