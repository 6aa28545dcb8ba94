package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LinearizationTest {
    private static Tensor f64(double... values) {
        return Tensor.of(values, values.length);
    }

    /** One direction. */
    private static Tensor one(double... values) {
        return Tensor.of(values, 1, values.length);
    }

    @Test
    void pushAndPullOfAKnownFunction() {
        // f(x, y) = x ⊙ y + sin x:  df = (y + cos x) dx + x dy
        Function<List<Var>, Var> f = v -> v.get(0).times(v.get(1)).plus(Activations.sin(v.get(0)));
        Linearization l = Autodiff.linearize(f, List.of(f64(1, 2), f64(3, 4)));
        assertThat(l.value().toDoubles()).containsExactly(3 + Math.sin(1), 8 + Math.sin(2));
        assertThat(l.push(one(1, 0), one(0, 1)).toDoubles()).containsExactly(3 + Math.cos(1), 2);
        Tensor[] pulled = l.pull(one(1, 10));
        assertThat(pulled[0].toDoubles()).containsExactly(3 + Math.cos(1), 40 + 10 * Math.cos(2));
        assertThat(pulled[1].toDoubles()).containsExactly(1, 20);
    }

    @Test
    void runsTheFunctionOnce() {
        AtomicInteger runs = new AtomicInteger();
        Linearization l = Autodiff.linearize(
                (Var x) -> {
                    runs.incrementAndGet();
                    return Activations.exp(x);
                },
                f64(1, 2, 3));
        for (int i = 0; i < 3; i++) {
            l.push(one(1, 1, 1));
            l.pull(one(1, 1, 1));
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void aVariableUsedManyTimesGathersAllItsParts() {
        Linearization l = Autodiff.linearize(
                (Var x) -> {
                    Var y = x;
                    for (int i = 0; i < 9; i++) {
                        y = y.plus(x);
                    }
                    return y.times(x); // 10 x²
                },
                f64(3));
        assertThat(l.value().toDoubles()).containsExactly(90);
        assertThat(l.push(one(1)).toDoubles()).containsExactly(60);
        assertThat(l.pull(one(1))[0].toDoubles()).containsExactly(60);
    }

    @Test
    void oneVariableAsEveryInputOfAPrimitive() {
        Linearization l = Autodiff.linearize((Var x) -> Arithmetic.multiplyAdd(x, x, x), f64(3, -1)); // x² + x
        assertThat(l.push(one(1, 1)).toDoubles()).containsExactly(7, -1);
        assertThat(l.pull(one(1, 1))[0].toDoubles()).containsExactly(7, -1);
    }

    @Test
    void aDiamondMeetsAgain() {
        // x → a = x², b = 3x → a ⊙ b = 3x³
        Linearization l = Autodiff.linearize(
                (Var x) -> {
                    Var a = Activations.square(x);
                    Var b = x.times(3);
                    return a.times(b);
                },
                f64(2, -1));
        assertThat(l.push(one(1, 1)).toDoubles()).containsExactly(36, 9);
        assertThat(l.pull(one(1, 1))[0].toDoubles()).containsExactly(36, 9);
    }

    @Test
    void aDeepChainNeedsNoRecursion() {
        int depth = 20_000;
        Linearization l = Autodiff.linearize(
                (Var x) -> {
                    Var y = x;
                    for (int i = 0; i < depth; i++) {
                        y = Arithmetic.shift(y, 1);
                    }
                    return y;
                },
                f64(0));
        assertThat(l.value().toDoubles()).containsExactly(depth);
        assertThat(l.pull(one(2))[0].toDoubles()).containsExactly(2);
    }

    @Test
    void valuesAfterTheOutputAndBesideItDoNotMatter() {
        Linearization l = Autodiff.linearize(
                (Var x) -> {
                    Var beside = Activations.exp(x);
                    Var y = x.times(2);
                    Activations.sin(beside.plus(y));
                    return y;
                },
                f64(1, 2));
        assertThat(l.push(one(1, 1)).toDoubles()).containsExactly(2, 2);
        assertThat(l.pull(one(1, 3))[0].toDoubles()).containsExactly(2, 6);
    }

    @Test
    void aConstantTakesNoPartInTheDerivative() {
        Var c = Var.constant(f64(5, 6));
        Linearization l = Autodiff.linearize((Var x) -> x.times(c).plus(c.times(c)), f64(1, 2));
        assertThat(l.push(one(1, 1)).toDoubles()).containsExactly(5, 6);
        assertThat(l.pull(one(1, 1))).hasSize(1);
        assertThat(c.times(c).isActive()).isFalse();
    }

    @Test
    void anInputThatTheValueDoesNotDependOnHasZeroDerivative() {
        Linearization l = Autodiff.linearize((List<Var> v) -> v.get(0).times(2), List.of(f64(1, 2), f64(1, 2, 3)));
        assertThat(l.pull(Tensor.of(new double[] {1, 1, 1, 1}, 2, 2))[1].toDoubles())
                .containsOnly(0);
        assertThat(l.pull(one(1, 1))[1].shape()).isEqualTo(Shape.of(1, 3));
        assertThat(l.push(null, one(1, 1, 1)).toDoubles()).containsExactly(0, 0);
    }

    @Test
    void aConstantFunctionHasZeroDerivative() {
        Linearization l = Autodiff.linearize((Var x) -> Var.constant(f64(7, 8, 9)), f64(1, 2));
        assertThat(l.value().toDoubles()).containsExactly(7, 8, 9);
        Tensor pushed = l.push(Tensor.of(new double[] {1, 1, 1, 1}, 2, 2));
        assertThat(pushed.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(pushed.toDoubles()).containsOnly(0);
        assertThat(l.pull(one(1, 1, 1))[0].toDoubles()).containsExactly(0, 0);
    }

    @Test
    void theIdentityIsItsOwnDerivative() {
        Linearization l = Autodiff.linearize((List<Var> v) -> v.get(1), List.of(f64(1), f64(2)));
        assertThat(l.value().toDoubles()).containsExactly(2);
        assertThat(l.push(one(3), one(4)).toDoubles()).containsExactly(4);
        Tensor u = one(5);
        Tensor[] pulled = l.pull(u);
        assertThat(pulled[0].toDoubles()).containsExactly(0);
        assertThat(pulled[1].toDoubles()).containsExactly(5);
        assertThat(u.toDoubles()).containsExactly(5);
    }

    @Test
    void pushAndPullGiveTheSameAgainInAnyOrder() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(3, 17), new Philox(1));
        Tensor w = Tensor.normal(DType.F32, Shape.of(7, 17), new Philox(2));
        Tensor b = Tensor.normal(DType.F32, Shape.of(7), new Philox(3));
        Linearization l = Autodiff.linearize(
                (List<Var> v) -> Normalisation.softmax(
                        Activations.gelu(Matrices.linear(Normalisation.normalize(v.get(0), 1e-6), v.get(1), v.get(2)))),
                List.of(x, w, b));
        Tensor[] v = new Tensor[3];
        Tensor[] points = {x, w, b};
        for (int i = 0; i < 3; i++) {
            v[i] = Tensor.normal(DType.F32, points[i].shape().prepend(4), new Philox(4, i));
        }
        Tensor u = Tensor.normal(DType.F32, Shape.of(4, 3, 7), new Philox(5));
        float[] push = l.push(v).toFloats();
        List<float[]> pull = floats(l.pull(u));
        assertThat(l.push(v).toFloats()).isEqualTo(push);
        assertThat(floats(l.pull(u))).usingRecursiveComparison().isEqualTo(pull);
        assertThat(l.push(v).toFloats()).isEqualTo(push);
    }

    private static List<float[]> floats(Tensor... tensors) {
        List<float[]> all = new ArrayList<>();
        for (Tensor t : tensors) {
            all.add(t.toFloats());
        }
        return all;
    }

    @Test
    void closesIntermediateTangentsAndKeepsResultsOutsideAnyScope() {
        int n = 1 << 16;
        int depth = 50;
        Linearization l = Autodiff.linearize((Var x) -> chain(x, depth), Tensor.zeros(DType.F32, Shape.of(n)));
        Tensor v = Tensor.full(DType.F32, Shape.of(1, n), 1);
        long before = Device.cpu().liveBytes();
        Tensor pushed = l.push(v);
        Tensor[] pulled = l.pull(v);
        // The two results and nothing else; less if the collector has freed what other tests left.
        assertThat(Device.cpu().liveBytes() - before).isLessThanOrEqualTo(2L * 4 * n);
        assertThat(pushed.rows(0, 1).toFloats()[n - 1]).isEqualTo(1);
        assertThat(pulled[0].toFloats()[n - 1]).isEqualTo(1);
        assertThat(v.toFloats()[0]).isEqualTo(1); // what the caller lent is not closed
    }

    @Test
    void resultsBelongToTheScopeTheyAreMadeIn() {
        Linearization l = Autodiff.linearize((Var x) -> chain(x, 5), Tensor.zeros(DType.F32, Shape.of(33)));
        Tensor v = Tensor.full(DType.F32, Shape.of(1, 33), 1);
        Tensor kept;
        Tensor lost;
        try (Scope scope = Scope.open()) {
            kept = scope.keep(l.push(v));
            lost = l.pull(v)[0];
            assertThat(lost.toFloats()[32]).isEqualTo(1);
        }
        assertThat(kept.toFloats()[32]).isEqualTo(1);
        assertThatThrownBy(lost::toFloats)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(l.push(v).toFloats()[32]).isEqualTo(1); // the linearization was made outside and lives on
    }

    /** Lends tangents to primitives that hand their memory on; nothing may be closed twice or too early. */
    @Test
    void sharedMemoryPassesThroughReshapesShiftsAndSums() {
        Linearization l = Autodiff.linearize(
                (List<Var> v) -> {
                    Var a = Arithmetic.shift(v.get(0), 1).reshape(2, 3);
                    Var b = a.plus(v.get(1)); // pull hands one tensor to both
                    Var c = b.plus(a).reshape(6);
                    return c.plus(Arithmetic.shift(c, 2)).plus(v.get(0));
                },
                List.of(Tensor.zeros(DType.F64, Shape.of(6)), Tensor.zeros(DType.F64, Shape.of(2, 3))));
        Tensor u = Tensor.full(DType.F64, Shape.of(2, 6), 1);
        for (int i = 0; i < 3; i++) {
            Tensor[] pulled = l.pull(u);
            assertThat(pulled[0].toDoubles()).containsOnly(5);
            assertThat(pulled[1].toDoubles()).containsOnly(2);
            Tensor v = Tensor.full(DType.F64, Shape.of(2, 2, 3), 1);
            assertThat(l.push(u, v).toDoubles()).containsOnly(7);
            assertThat(l.push(u, null).toDoubles()).containsOnly(5);
            assertThat(v.toDoubles()).containsOnly(1);
        }
        assertThat(u.toDoubles()).containsOnly(1);
    }

    private static Var chain(Var x, int depth) {
        Var y = x;
        for (int i = 0; i < depth; i++) {
            y = Activations.sin(y);
        }
        return y;
    }

    @Test
    void saysWhatIsWrongWithTangents() {
        Linearization l = Autodiff.linearize((List<Var> v) -> v.get(0).plus(v.get(1)), List.of(f64(1, 2), f64(3, 4)));
        assertThatThrownBy(() -> l.push(one(1, 1))).hasMessage("push: 1 tangents for 2 inputs");
        assertThatThrownBy(() -> l.push(null, null)).hasMessage("push: at least one tangent needed");
        assertThatThrownBy(() -> l.push(f64(1, 1), null)).hasMessage("push: tangent of shape [2], needed [K, 2]");
        assertThatThrownBy(() -> l.push(one(1, 1, 1), null)).hasMessage("push: tangent of shape [1, 3], needed [K, 2]");
        assertThatThrownBy(() -> l.push(one(1, 1), Tensor.zeros(DType.F64, Shape.of(3, 2))))
                .hasMessage("push: blocks of 1 and 3 directions");
        assertThatThrownBy(() -> l.push(one(1, 1).to(DType.F32), null))
                .hasMessage("push: tangent of type F32, needed F64");
        assertThatThrownBy(() -> l.pull(f64(1, 1))).hasMessage("pull: cotangent of shape [2], needed [K, 2]");
        assertThatThrownBy(() -> l.pull(one(1, 1).to(DType.F32))).hasMessage("pull: cotangent of type F32, needed F64");
    }

    @Test
    void saysWhatIsWrongWithFunctions() {
        assertThatThrownBy(() -> Autodiff.linearize((Var x) -> x, Tensor.of(new long[] {1}, 1)))
                .hasMessage("linearize: real inputs needed, not Tensor[1] I64");
        Var[] leaked = new Var[1];
        Autodiff.linearize(
                (Var x) -> {
                    leaked[0] = x;
                    return x;
                },
                f64(1));
        assertThatThrownBy(() -> Autodiff.linearize((Var x) -> leaked[0], f64(1)))
                .hasMessage("linearize: the function returned a variable of another function");
        assertThatThrownBy(() -> Autodiff.linearize((Var x) -> x.plus(leaked[0]), f64(1)))
                .hasMessage("add: inputs belong to different traces");
    }

    @Test
    void namesThePrimitiveWhoseRuleHasTheWrongShape() {
        Linearization l = Autodiff.linearize(
                (Var x) -> Var.record("half", x.value().rows(0, 1), () -> LinearMap.selfAdjoint(d -> d), x), f64(1, 2));
        assertThatThrownBy(() -> l.push(one(1, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("half: derivative of shape [1, 2], needed [K, 1]: K directions of a value of shape [1]");
        assertThatThrownBy(() -> l.pull(one(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("half: derivative of shape [1, 1], needed [K, 2]: K directions of a value of shape [2]");
        Linearization flat = Autodiff.linearize(
                (Var x) -> Var.record("flat", x.value(), () -> LinearMap.selfAdjoint(d -> d.row(0)), x), f64(1, 2));
        assertThatThrownBy(() -> flat.push(one(1, 2)))
                .hasMessage(
                        "flat: derivative of shape [2], needed [K, 2]: K directions of a value of shape [2]; the axis of directions is missing");
    }

    @Test
    void gradientOfAScalarFunction() {
        Autodiff.Gradients g = Autodiff.grad(
                v -> Reductions.sumAll(Activations.square(v.get(0)).times(v.get(1))), List.of(f64(1, 2), f64(3)));
        assertThat(g.value().item()).isEqualTo(15);
        assertThat(g.gradients().get(0).toDoubles()).containsExactly(6, 12);
        assertThat(g.gradients().get(1).toDoubles()).containsExactly(5);
        assertThat(g.gradients().get(1).shape()).isEqualTo(Shape.of(1));
        assertThatThrownBy(() -> Autodiff.grad(v -> v.get(0), List.of(f64(1, 2))))
                .hasMessage("grad: a scalar function needed, its value has shape [2]");
    }

    @Test
    void gradientsByName() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3));
        weights.put("b", f64(1, -1));
        weights.put("unused", f64(7));
        Var x = Var.constant(Tensor.of(new double[] {1, 1, 2}, 1, 3));
        Autodiff.NamedGradients g =
                Autodiff.grad(v -> x.linear(v.get("w"), v.get("b")).square().sum(), weights);
        assertThat(g.value().item()).isEqualTo(10 * 10 + 20 * 20); // x wᵀ + b = [10, 20]
        assertThat(g.gradients().keySet()).containsExactly("w", "b", "unused");
        assertThat(g.gradients().get("w").toDoubles()).containsExactly(20, 20, 40, 40, 40, 80);
        assertThat(g.gradients().get("b").toDoubles()).containsExactly(20, 40);
        assertThat(g.gradients().get("unused").toDoubles()).containsExactly(0);
    }

    /** What is written on values is what the named primitives compute. */
    @Test
    void fluentMethodsAreThePrimitives() {
        Var x = Var.constant(Tensor.of(new double[] {0.5, 1, 1.5, 2, 2.5, 3}, 2, 3));
        Var y = Var.constant(Tensor.of(new double[] {2, 4, 8}, 3));
        assertThat(List.of(
                        same(x.matmul(x.transpose()), Matrices.matmul(x, Layouts.permute(x, 1, 0))),
                        same(x.divide(y), Arithmetic.divide(x, y)),
                        same(x.plus(3), Arithmetic.shift(x, 3)),
                        same(x.negate(), Arithmetic.scale(x, -1)),
                        same(x.exp(), Activations.exp(x)),
                        same(x.log(), Activations.log(x)),
                        same(x.sqrt(), Activations.sqrt(x)),
                        same(x.square(), Activations.square(x)),
                        same(x.negate().abs(), x),
                        same(x.tanh(), Activations.tanh(x)),
                        same(x.sigmoid(), Activations.sigmoid(x)),
                        same(x.plus(-1).relu(), Activations.relu(Arithmetic.shift(x, -1))),
                        same(x.silu(), Activations.silu(x)),
                        same(x.gelu(), Activations.gelu(x)),
                        same(x.softmax(), Normalisation.softmax(x)),
                        same(x.logSoftmax(), Normalisation.logSoftmax(x)),
                        same(x.sum(), Reductions.sumAll(x)),
                        same(x.sum(0), Reductions.sum(x, 0)),
                        same(x.mean(), Reductions.meanAll(x)),
                        same(x.mean(1), Reductions.mean(x, 1))))
                .doesNotContain(false);
    }

    private static boolean same(Var a, Var b) {
        return a.shape().equals(b.shape())
                && Arrays.equals(a.value().toDoubles(), b.value().toDoubles());
    }
}
