package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.IntUnaryOperator;

/** What is put around the entries of an axis; {@link Layouts#pad} puts zeros. An image is padded along its rows, then along its columns. */
public final class Padding {
    private Padding() {}

    /** One value before and after: y = c … c x₀ … xₙ₋₁ c … c. The adjoint cuts it off. */
    public static Var constant(Var x, int axis, int before, int after, double c) {
        int a = checked("constant", x, axis, before, after);
        if (before == 0 && after == 0) {
            return x;
        }
        return Layouts.concatenate(a, block(x, a, before, c), x, block(x, a, after, c));
    }

    private static Var block(Var x, int axis, int n, double c) {
        Tensor t = x.value();
        return Var.constant(Tensor.full(t.device(), t.dtype(), t.shape().with(axis, n), c));
    }

    /**
     * The entries mirrored at the first and the last, which are not repeated: y = … x₂ x₁ x₀ x₁ … xₙ₋₂ xₙ₋₁ xₙ₋₂ … The adjoint adds what is mirrored.
     *
     * @throws IllegalArgumentException if before or after are not below the extent
     */
    public static Var reflect(Var x, int axis, int before, int after) {
        int a = checked("reflect", x, axis, before, after);
        int n = x.dim(a);
        if (before >= n || after >= n) {
            throw new IllegalArgumentException("reflect: padding " + before + ", " + after
                    + " is not below the extent of axis " + axis + " of " + x.shape());
        }
        return padded(x, a, before, after, i -> i < 0 ? -i : i < n ? i : 2 * (n - 1) - i);
    }

    /** The first and the last entry repeated: y = x₀ … x₀ x₁ … xₙ₋₁ … xₙ₋₁. The adjoint adds what is repeated. */
    public static Var replicate(Var x, int axis, int before, int after) {
        int a = checked("replicate", x, axis, before, after);
        int n = notEmpty("replicate", x, axis);
        return padded(x, a, before, after, i -> Math.clamp(i, 0, n - 1));
    }

    /** The entries gone on with from the other end: y = … xₙ₋₁ x₀ … xₙ₋₁ x₀ … The adjoint adds what is repeated. */
    public static Var circular(Var x, int axis, int before, int after) {
        int a = checked("circular", x, axis, before, after);
        int n = notEmpty("circular", x, axis);
        return padded(x, a, before, after, i -> Math.floorMod(i, n));
    }

    private static Var padded(Var x, int axis, int before, int after, IntUnaryOperator source) {
        long[] index = new long[Math.addExact(Math.addExact(before, x.dim(axis)), after)];
        for (int i = 0; i < index.length; i++) {
            index[i] = source.applyAsInt(i - before);
        }
        return Indexing.take(x, axis, Tensor.of(index, index.length));
    }

    private static int checked(String operation, Var x, int axis, int before, int after) {
        if (before < 0 || after < 0) {
            throw new IllegalArgumentException(operation + ": negative padding " + before + ", " + after);
        }
        return x.shape().axis(axis);
    }

    private static int notEmpty(String operation, Var x, int axis) {
        Shape s = x.shape();
        if (s.dim(axis) == 0) {
            throw new IllegalArgumentException(operation + ": axis " + axis + " of " + s + " is empty");
        }
        return s.dim(axis);
    }
}
