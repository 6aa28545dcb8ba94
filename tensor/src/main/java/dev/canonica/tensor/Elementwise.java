package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Binary;
import dev.canonica.tensor.kernel.Ternary;
import dev.canonica.tensor.kernel.Walk;
import java.util.Locale;

/** Element-wise operations with broadcasting. */
final class Elementwise {
    private Elementwise() {}

    static Tensor binary(Binary op, Tensor x, Tensor y) {
        String name = op.name().toLowerCase(Locale.ROOT);
        sameType(name, x, y);
        Shape s = Shape.broadcast(name, x.shape(), y.shape());
        Tensor z = x.like(s);
        x.kernels().binary(op, Walk.broadcast(s, x.shape(), y.shape()), x.address(), y.address(), z.address());
        return Tensor.done(z, x, y);
    }

    static Tensor ternary(Ternary op, Tensor x, Tensor y, Tensor z) {
        String name = op.name().toLowerCase(Locale.ROOT);
        sameType(name, x, y);
        sameType(name, x, z);
        Shape s = Shape.broadcast(name, x.shape(), Shape.broadcast(name, y.shape(), z.shape()));
        Tensor r = x.like(s);
        Walk walk = Walk.broadcast(s, x.shape(), y.shape(), z.shape());
        x.kernels().ternary(op, walk, x.address(), y.address(), z.address(), r.address());
        return Tensor.done(Tensor.done(r, x, y), z);
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
}
