package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RematerialisationTest {
    private static final int WIDTH = 64;

    private static Tensor normal(long seed, int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(seed));
    }

    /** tanh(x w) ⊙ exp x. */
    private static Var block(List<Var> v) {
        return Activations.tanh(Matrices.matmul(v.get(0), v.get(1))).times(Activations.exp(v.get(0)));
    }

    private static Function<List<Var>, Var> twice(boolean again) {
        return v -> {
            Var y = v.get(0);
            for (int i = 0; i < 2; i++) {
                List<Var> inputs = List.of(y, v.get(1));
                y = again ? Rematerialisation.rematerialised(RematerialisationTest::block, inputs) : block(inputs);
            }
            return y;
        };
    }

    @Test
    void hasTheValueAndTheDerivativeOfWhatItRunsAgain() {
        List<Tensor> at = List.of(normal(1, 3, 4), normal(2, 4, 4));
        Linearization kept = Autodiff.linearize(twice(false), at);
        Linearization again = Autodiff.linearize(twice(true), at);
        assertThat(again.value().toDoubles()).isEqualTo(kept.value().toDoubles());
        Tensor dx = normal(3, 5, 3, 4);
        Tensor dw = normal(4, 5, 4, 4);
        assertThat(again.push(dx, dw).toDoubles()).isEqualTo(kept.push(dx, dw).toDoubles());
        assertThat(again.push(null, dw).toDoubles())
                .isEqualTo(kept.push(null, dw).toDoubles());
        Tensor u = normal(5, 5, 3, 4);
        for (int i = 0; i < 2; i++) {
            assertThat(again.pull(u)[i].toDoubles()).isEqualTo(kept.pull(u)[i].toDoubles());
        }
    }

    @Test
    void runsAgainOnceForABlockOfDirections() {
        AtomicInteger runs = new AtomicInteger();
        Function<List<Var>, Var> f = v -> {
            runs.incrementAndGet();
            return Activations.exp(v.get(0));
        };
        Linearization l = Autodiff.linearize(x -> Rematerialisation.rematerialised(f, List.of(x)), normal(1, 7));
        assertThat(runs).hasValue(1);
        l.push(normal(2, 9, 7));
        l.pull(normal(2, 9, 7));
        assertThat(runs).hasValue(3);
    }

    @Test
    void differentiatesByThoseInputsAloneThatAreVariables() {
        Tensor w = normal(2, 4, 4);
        Tensor x = normal(1, 3, 4);
        Linearization l = Autodiff.linearize(
                v -> Rematerialisation.rematerialised(RematerialisationTest::block, List.of(Var.constant(x), v)), w);
        Linearization kept = Autodiff.linearize(v -> block(List.of(Var.constant(x), v)), w);
        Tensor u = normal(5, 2, 3, 4);
        assertThat(l.pull(u)[0].toDoubles()).isEqualTo(kept.pull(u)[0].toDoubles());
        Var constant = Rematerialisation.rematerialised(
                RematerialisationTest::block, List.of(Var.constant(x), Var.constant(w)));
        assertThat(constant.isActive()).isFalse();
    }

    @Test
    void refusesAVariableThatIsNotAnArgument() {
        assertThatThrownBy(() -> Autodiff.linearize(
                        x -> Rematerialisation.rematerialised(v -> v.get(0).times(x), List.of(x)), normal(1, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rematerialised: the function uses a variable that is not one of its arguments");
    }

    @Test
    void keepsNothingButInputs() throws InterruptedException {
        for (int i = 0; i < 5; i++) { // what other tests left behind is not to be given back while this one measures
            System.gc();
            Thread.sleep(20);
            normal(1, 1).close();
        }
        assertThat(kept(true, 8)).isLessThan(kept(false, 8) / 4);
    }

    /** Bytes that the derivative of blocks of ten functions each keeps. */
    private static long kept(boolean again, int blocks) {
        Function<List<Var>, Var> ten = v -> {
            Var y = v.get(0);
            for (int i = 0; i < 10; i++) {
                y = Activations.tanh(y);
            }
            return y;
        };
        try (Scope scope = Scope.open()) {
            Tensor x = normal(1, WIDTH, WIDTH);
            long before = Device.cpu().liveBytes();
            Linearization l = Autodiff.linearize(
                    (Var v) -> {
                        Var y = v;
                        for (int i = 0; i < blocks; i++) {
                            y = again ? Rematerialisation.rematerialised(ten, List.of(y)) : ten.apply(List.of(y));
                        }
                        return y;
                    },
                    x);
            long after = Device.cpu().liveBytes() - before;
            assertThat(l.push(normal(2, 1, WIDTH, WIDTH)).norm()).isPositive();
            return after;
        }
    }
}
