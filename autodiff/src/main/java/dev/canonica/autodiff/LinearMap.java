package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The derivative of a primitive at a point: a linear map J from the tangents of its inputs to the tangent of its output, applied to
 * blocks of K directions at once.
 *
 * <p>For inputs x₁, …, xₘ and output y, a tangent of xᵢ has shape [K, *xᵢ] and a cotangent of y has shape [K, *y]. The rules index axes
 * from the end, so that the leading axis simply comes along.
 */
public interface LinearMap {
    /**
     * J v, forward mode (Griewank &amp; Walther 2008, Section 3.1).
     *
     * @param tangents one per input; null stands for zero, and not all are null
     * @return the tangent of the output, [K, *y]
     */
    Tensor push(@Nullable Tensor... tangents);

    /**
     * Jᵀ u, reverse mode (Griewank &amp; Walther 2008, Section 3.2).
     *
     * @param u cotangents of y [K, *y]
     * @return one cotangent per input, [K, *xᵢ]; null for an input that is not differentiated
     */
    @Nullable
    Tensor[] pull(Tensor u);

    /** One input: push and pull given. */
    static LinearMap of(UnaryOperator<Tensor> push, UnaryOperator<Tensor> pull) {
        return sum(new Partial(push, pull));
    }

    /** y ← g ⊙ v: the derivative of every element-wise function of one argument, its own adjoint. */
    static LinearMap diagonal(Tensor g) {
        return selfAdjoint(v -> v.times(g));
    }

    /** A symmetric Jacobian: pull is push. */
    static LinearMap selfAdjoint(UnaryOperator<Tensor> f) {
        return of(f, f);
    }

    /** Several inputs: J v = Σᵢ Jᵢ vᵢ. A partial map is null where its input is not differentiated. */
    static LinearMap sum(@Nullable Partial... partials) {
        return new LinearMap() {
            @Override
            public Tensor push(@Nullable Tensor... tangents) {
                Tensor total = null;
                for (int i = 0; i < partials.length; i++) {
                    Tensor v = tangents[i];
                    Partial p = partials[i];
                    if (v != null && p != null) {
                        Tensor term = p.push().apply(v);
                        total = total == null ? term : total.plus(term);
                    }
                }
                if (total == null) {
                    throw new IllegalArgumentException("push: no tangent given for any differentiated input");
                }
                return total;
            }

            @Override
            public @Nullable Tensor[] pull(Tensor u) {
                @Nullable Tensor[] result = new Tensor[partials.length];
                for (int i = 0; i < partials.length; i++) {
                    Partial p = partials[i];
                    result[i] = p == null ? null : p.pull().apply(u);
                }
                return result;
            }
        };
    }

    /** The derivative by one input: Jᵢ and its transpose. */
    record Partial(UnaryOperator<Tensor> push, UnaryOperator<Tensor> pull) {}
}
