package dev.canonica.models.nn;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.function.Unary;
import java.util.function.UnaryOperator;

/** A function of elements, without parameters. */
public record Function(String path, Kind kind) implements Part {
    /** Which function it is. */
    public enum Kind {
        RELU(Unary.RELU, Activations::relu),
        SILU(Unary.SILU, Activations::silu),
        /** The form with tanh. */
        GELU(Unary.GELU, Activations::gelu);

        private final Unary unary;
        private final UnaryOperator<Var> function;

        Kind(Unary unary, UnaryOperator<Var> function) {
            this.unary = unary;
            this.function = function;
        }
    }

    /** SiLU. */
    public static Function silu(String path) {
        return new Function(path, Kind.SILU);
    }

    /** As a kernel that can follow a product in one pass. */
    Unary unary() {
        return kind.unary;
    }

    @Override
    public void declare(StateDict.Shapes shapes) {
        // there are no parameters
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return kind.function.apply(x);
    }
}
