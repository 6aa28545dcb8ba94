package dev.canonica.models.nn;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.LinearLayers;
import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;

/**
 * x wᵀ + b with {@code weight} [out, in] and {@code bias} [out]. It runs in one pass with what follows, except where the probe wants to see what is in
 * between.
 *
 * @param biased whether there is a bias
 */
public record Linear(String path, int in, int out, boolean biased) implements Part {
    /** A linear layer with a bias: [..., in] → [..., out]. */
    public Linear(String path, int in, int out) {
        this(path, in, out, true);
    }

    @Override
    public void declare(StateDict.Shapes shapes) {
        shapes.put(weight(), out, in);
        if (biased) {
            shapes.put(bias(), out);
        }
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return Matrices.linear(x, pass.parameter(weight()), bias(pass));
    }

    /** f of this layer's output; the probe is shown both. */
    public Var then(Pass pass, Function f, Var x) {
        Unary kernel = f.unary();
        Var y = pass.wants(this) || kernel == null
                ? f.forward(pass, pass.apply(this, x))
                : LinearLayers.activated(x, pass.parameter(weight()), bias(pass), kernel);
        return pass.seen(f, y);
    }

    /**
     * residual + gate ⊙ this layer's output.
     *
     * @param module which this layer is the last of: it has the same output
     * @param x [B, T, in]
     * @param gate [B, 1, out]
     */
    public Var gated(Pass pass, Layer module, Var x, Var gate, Var residual) {
        if (!pass.wants(this) && !pass.wants(module)) {
            return LinearLayers.gated(x, pass.parameter(weight()), bias(pass), gate, residual);
        }
        Var y = pass.seen(module, pass.apply(this, x));
        return Arithmetic.multiplyAdd(y, gate, residual);
    }

    private Var bias(Pass pass) {
        if (biased) {
            return pass.parameter(bias());
        }
        Tensor like = pass.parameter(weight()).value();
        return Var.constant(Tensor.zeros(like.dtype(), Shape.of(out)));
    }

    private String weight() {
        return path + ".weight";
    }

    private String bias() {
        return path + ".bias";
    }
}
