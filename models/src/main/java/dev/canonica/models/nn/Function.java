package dev.canonica.models.nn;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.function.Unary;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A function of elements, without parameters. */
public record Function(String path, Kind kind) implements Part {
    /** Which function it is. */
    public enum Kind {
        /** max(x, 0). */
        RELU(Unary.RELU, Activations::relu),
        /** x σ(x), also called swish. */
        SILU(Unary.SILU, Activations::silu),
        /** The form with tanh. */
        GELU(Unary.GELU, Activations::gelu),
        /** x Φ(x), the form with the normal distribution function. */
        EXACT_GELU(Unary.EXACT_GELU, Activations::exactGelu),
        /** x tanh(log(1 + e^x)) (Misra 2020). */
        MISH(null, Kind::mish);

        private final @Nullable Unary unary;
        private final UnaryOperator<Var> function;

        Kind(@Nullable Unary unary, UnaryOperator<Var> function) {
            this.unary = unary;
            this.function = function;
        }

        /** Its value at x. */
        public Var apply(Var x) {
            return function.apply(x);
        }

        /** With p = σ(x) and q = σ(−x), tanh(log(1 + e^x)) = (1 − q²) / (1 + q²), where 1 − q² = p (1 + q) loses no digits. */
        private static Var mish(Var x) {
            Var q = Activations.sigmoid(x.times(-1));
            Var above = Activations.sigmoid(x).times(Arithmetic.shift(q, 1));
            return x.times(Arithmetic.divide(above, Arithmetic.shift(Activations.square(q), 1)));
        }
    }

    /** SiLU. */
    public static Function silu(String path) {
        return new Function(path, Kind.SILU);
    }

    /** As a kernel that can follow a product in one pass; null if there is none. */
    @Nullable
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
