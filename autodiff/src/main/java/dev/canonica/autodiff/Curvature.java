package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The second derivative of a primitive at a point: how its {@linkplain LinearMap#pull pull} changes as the point moves. With f the primitive, u a cotangent and v
 * tangents of the inputs, it is the product of v with the Hessian of ⟨u, f⟩:
 *
 * <pre>
 *   H(u) v = d/dt J(x + t v)ᵀ u  at  t = 0
 * </pre>
 *
 * <p>H(u) is symmetric, and 0 for linear primitives. It is asked for by {@link Autodiff#linearizeTwice}, and not made otherwise.
 */
@FunctionalInterface
public interface Curvature {
    /** That of linear primitives, and of piecewise linear ones where they are differentiable. */
    Curvature NONE = (_, tangents) -> new Tensor[tangents.length];

    /**
     * H(u) v.
     *
     * @param cotangent u, one: [1, *y]
     * @param tangents v, one per input, [K, *xᵢ]; null stands for zero, and not all are null
     * @return one per input, [K, *xᵢ]; null for zero
     */
    @Nullable
    Tensor[] apply(Tensor cotangent, @Nullable Tensor... tangents);

    /**
     * That of a primitive of one input.
     *
     * @param f H(u) v of u [1, *y] and v [K, *x]
     */
    static Curvature of(BinaryOperator<Tensor> f) {
        return (u, tangents) -> {
            Tensor v = tangents[0];
            return new @Nullable Tensor[] {v == null ? null : f.apply(u, v)};
        };
    }

    /** That of an element-wise function of one argument with this second derivative: f″(x) ⊙ u ⊙ v. */
    static Curvature diagonal(Tensor second) {
        return of((u, v) -> v.times(u).times(second));
    }

    /**
     * That of a primitive which is linear in its first input, in its second, and in what others it has: x̄ meets dy, ȳ meets dx.
     *
     * @param first of u [1, *z] and dy [K, *y], for x [K, *x]
     * @param second of u and dx, for y
     */
    static Curvature bilinear(Var x, Var y, BinaryOperator<Tensor> first, BinaryOperator<Tensor> second) {
        if (!x.isActive() || !y.isActive()) {
            return NONE;
        }
        return (u, v) -> {
            @Nullable Tensor[] result = new Tensor[v.length];
            Tensor dx = v[0];
            Tensor dy = v[1];
            result[0] = dy == null ? null : first.apply(u, dy);
            result[1] = dx == null ? null : second.apply(u, dx);
            return result;
        };
    }

    /**
     * That of a primitive which a composition of others computes, too.
     *
     * @param f the same function as the primitive, of the same inputs, put together of primitives with second derivatives
     */
    static Curvature expansion(Function<List<Var>, Var> f, Var... inputs) {
        Replay replay = new Replay(f, List.of(inputs));
        return (u, tangents) -> replay.ofAll(replay.linearize(true).hessianPush(u, replay.ofActive(tangents)));
    }
}
