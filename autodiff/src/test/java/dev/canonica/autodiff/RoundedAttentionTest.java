package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Under {@link ProductPrecision#BF16} attention's value is rounded, its derivative is not. */
class RoundedAttentionTest {
    private static final Tensor X = Tensor.normal(DType.F32, Shape.of(2, 17, 3 * 8), new Philox(1));

    private static Var packed(Var x) {
        return Attentions.selfAttention(x, 2);
    }

    private static Var separate(Var x) {
        return Attentions.attention(x.slice(2, 0, 8), x.slice(2, 8, 16), x.slice(2, 16, 24), 2);
    }

    @Test
    void packedQueriesKeysAndValues() {
        check(RoundedAttentionTest::packed);
    }

    @Test
    void separateQueriesKeysAndValues() {
        check(RoundedAttentionTest::separate);
    }

    private static void check(Function<Var, Var> attention) {
        Tensor v = Tensor.normal(DType.F32, X.shape().prepend(3), new Philox(2));
        Linearization exact = Autodiff.linearize(attention::apply, X);
        Tensor u = Tensor.normal(DType.F32, exact.value().shape().prepend(3), new Philox(3));
        Session.current().withPrecision(ProductPrecision.BF16).run(() -> check(attention, exact, v, u));
    }

    private static void check(Function<Var, Var> attention, Linearization exact, Tensor v, Tensor u) {
        Linearization rounded = Autodiff.linearize(attention::apply, X);
        assertThat(distance(rounded.value(), exact.value())).isBetween(1e-4, 1e-2);
        assertThat(distance(rounded.push(v), exact.push(v))).isLessThan(1e-6);
        assertThat(distance(rounded.pull(u)[0], exact.pull(u)[0])).isLessThan(1e-6);
        assertThat(attention.apply(Var.constant(X)).value().toFloats())
                .as("without a derivative")
                .isEqualTo(rounded.value().toFloats());
    }

    private static double distance(Tensor y, Tensor exact) {
        return y.minus(exact).norm() / exact.norm();
    }
}
