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
     * The difference of two maps of one shape, of whose values the first so many along their first axis (channels) count.
     *
     * @param channels as many as are there, or fewer
     */
    static LinearOperator difference(LinearOperator f, LinearOperator g, int channels) {
        return new LinearOperator() {
            @Override
            public int batch() {
                return f.batch();
            }

            @Override
            public Shape domain() {
                return f.domain();
            }

            @Override
            public DType dtype() {
                return f.dtype();
            }

            private int all;

            @Override
            public Tensor push(Tensor v) {
                Tensor y = f.push(v).minus(g.push(v));
                all = y.dim(2);
                return all == channels ? y : y.slice(2, 0, channels);
            }

            @Override
            public Tensor pull(Tensor u) {
                Tensor y = all == channels ? u : u.pad(2, 0, all - channels);
                return f.pull(y).minus(g.pull(y));
            }
        };
    }

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
