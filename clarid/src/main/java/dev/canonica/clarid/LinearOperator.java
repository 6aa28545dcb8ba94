package dev.canonica.clarid;

import dev.canonica.autodiff.Linearization;
import dev.canonica.models.diffusion.WorkListener;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/**
 * B independent linear maps J_b of one shape, applied to blocks of K vectors each: what a singular value decomposition needs to know of a
 * network's Jacobian. The maps are never formed.
 */
public interface LinearOperator {
    /** B. */
    int batch();

    /** Shape of a vector that a map takes. */
    Shape domain();

    /** Type of the vectors. */
    DType dtype();

    /** J v: [K, B, *domain] → [K, B, *range]. */
    Tensor push(Tensor v);

    /** Jᵀ u: [K, B, *range] → [K, B, *domain]. */
    Tensor pull(Tensor u);

    /**
     * The Jacobian of a function from [B, *domain] to [B, *range] that treats samples alike and apart: sample b of the value depends on sample
     * b of the input alone, so that one product serves all B maps.
     */
    static LinearOperator jacobian(Linearization at, Shape input) {
        return new LinearOperator() {
            @Override
            public int batch() {
                return input.dim(0);
            }

            @Override
            public Shape domain() {
                return input.without(0);
            }

            @Override
            public DType dtype() {
                return at.value().dtype();
            }

            @Override
            public Tensor push(Tensor v) {
                Tensor y = at.push(v);
                WorkListener.done();
                return y;
            }

            @Override
            public Tensor pull(Tensor u) {
                Tensor x = at.pull(u)[0];
                WorkListener.done();
                return x;
            }
        };
    }
}
