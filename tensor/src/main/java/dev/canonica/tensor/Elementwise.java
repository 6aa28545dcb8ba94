package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Binary;
import dev.canonica.tensor.kernel.Ternary;
import dev.canonica.tensor.kernel.Walk;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Element-wise operations with broadcasting. */
final class Elementwise {
    private Elementwise() {}

    static Tensor binary(Binary op, Tensor x, Tensor y) {
        String name = op.name().toLowerCase(Locale.ROOT);
        sameType(name, x, y);
        Shape s = Shape.broadcast(name, x.shape(), y.shape());
        Tensor z = x.like(s);
        try (Addresses at = Addresses.open()) {
            x.kernels().binary(op, Walk.broadcast(s, x.shape(), y.shape()), at.of(x), at.of(y), at.of(z));
        }
        return z;
    }

    static Tensor ternary(Ternary op, Tensor x, Tensor y, Tensor z) {
        String name = op.name().toLowerCase(Locale.ROOT);
        sameType(name, x, y);
        sameType(name, x, z);
        Shape s = Shape.broadcast(name, x.shape(), Shape.broadcast(name, y.shape(), z.shape()));
        Tensor r = x.like(s);
        Walk walk = Walk.broadcast(s, x.shape(), y.shape(), z.shape());
        try (Addresses at = Addresses.open()) {
            x.kernels().ternary(op, walk, at.of(x), at.of(y), at.of(z), at.of(r));
        }
        return r;
    }

    static void sameType(String operation, Tensor x, Tensor y) {
        if (x.dtype() != y.dtype()) {
            throw new IllegalArgumentException(operation + ": types differ: " + x.dtype() + " and " + y.dtype());
        }
        sameDevice(operation, x, y);
    }

    static void sameDevice(String operation, Tensor x, Tensor y) {
        if (x.device() != y.device()) {
            throw new IllegalArgumentException(operation + ": devices differ: " + x.device() + " and " + y.device()
                    + "; move one with to(Device)");
        }
    }

    static void sameShape(String operation, Tensor x, Tensor y) {
        sameType(operation, x, y);
        if (!x.shape().equals(y.shape())) {
            throw new IllegalArgumentException(operation + ": shapes differ: " + x.shape() + " and " + y.shape());
        }
    }

    /**
     * The number K of directions of tangents [K, *shape], of which some may be null.
     *
     * @throws IllegalArgumentException if all are null, or shapes do not fit
     */
    static int directions(String operation, List<Shape> shapes, @Nullable Tensor... tangents) {
        int directions = -1;
        for (int i = 0; i < tangents.length; i++) {
            Tensor t = tangents[i];
            if (t == null) {
                continue;
            }
            directions = directions < 0 && t.rank() > 0 ? t.dim(0) : directions;
            if (directions < 0 || !t.shape().equals(shapes.get(i).prepend(directions))) {
                throw new IllegalArgumentException(
                        operation + ": tangent " + t.shape() + " of an operand " + shapes.get(i));
            }
        }
        if (directions < 0) {
            throw new IllegalArgumentException(operation + ": push without a tangent");
        }
        return directions;
    }
}
