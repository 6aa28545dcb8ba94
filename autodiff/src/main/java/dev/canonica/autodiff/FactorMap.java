package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The derivative of factors F of a matrix A, whose pull is a function of F and u alone, and written on variables: so the second derivative is its push,
 *
 * <pre>
 *   H(u) v = d/dt pull(F + t dF, u)  at  t = 0,  dF = J v
 * </pre>
 */
final class FactorMap implements LinearMap {
    /** The rule of reverse mode. */
    @FunctionalInterface
    interface Pull {
        /**
         * Ā [K, *a].
         *
         * @param factors F
         * @param prepared what was made of them for both rules
         * @param u cotangents of F [K, *f]
         */
        Var apply(Var factors, Var prepared, Var u);
    }

    private final Tensor factors;
    private final UnaryOperator<Var> prepare;
    private final Var prepared; // of the constant factors
    private final BinaryOperator<Tensor> push;
    private final Pull pull;

    private FactorMap(Tensor factors, UnaryOperator<Var> prepare, BinaryOperator<Tensor> push, Pull pull) {
        this.factors = factors;
        this.prepare = prepare;
        this.prepared = prepare.apply(Var.constant(factors));
        this.push = push;
        this.pull = pull;
    }

    /**
     * The factors as a primitive's output; constants where A is not differentiated.
     *
     * @param factors F, one tensor
     * @param prepare makes what both rules need of F, such as an inverse: once for all directions
     * @param push dF of that and dA [K, *a]
     */
    static Var record(
            String primitive,
            Tensor factors,
            UnaryOperator<Var> prepare,
            BinaryOperator<Tensor> push,
            Pull pull,
            Var a) {
        if (!a.isActive()) {
            return Var.constant(factors);
        }
        FactorMap map = new FactorMap(factors, prepare, push, pull);
        return Var.record(primitive, factors, () -> map, () -> Curvature.of(map::hessianPush), a);
    }

    @Override
    public Tensor push(@Nullable Tensor... tangents) {
        return push.apply(prepared.value(), Objects.requireNonNull(tangents[0]));
    }

    @Override
    public @Nullable Tensor[] pull(Tensor u) {
        return new @Nullable Tensor[] {
            pull.apply(Var.constant(factors), prepared, Var.constant(u)).value()
        };
    }

    private Tensor hessianPush(Tensor u, Tensor v) {
        Var cotangent = Var.constant(u);
        Tensor h = Autodiff.linearize((Var f) -> pull.apply(f, prepare.apply(f), cotangent), factors)
                .push(push(v)); // [K, 1, *a]
        return h.reshape(v.shape());
    }
}
