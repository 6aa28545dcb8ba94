package dev.canonica.tensor;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.memory.Addresses;
import java.util.Locale;

/** Element-wise operations with broadcasting. */
final class Elementwise {
    private Elementwise() {}

    /** The walk of dense operands broadcast to {@code result}. */
    static Walk walk(Shape result, Shape... operands) {
        int[][] extents = new int[operands.length][];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = operands[i].dims();
        }
        return Walk.broadcast(result.dims(), extents);
    }

    static Tensor binary(Binary op, Tensor x, Tensor y) {
        String name = op.name().toLowerCase(Locale.ROOT);
        Operands.sameType(name, x, y);
        Shape s = Shape.broadcast(name, x.shape(), y.shape());
        Tensor z = x.like(s);
        try (Addresses at = Addresses.open()) {
            x.kernels().binary(op, walk(s, x.shape(), y.shape()), at.of(x), at.of(y), at.of(z));
        }
        return z;
    }

    static Tensor ternary(Ternary op, Tensor x, Tensor y, Tensor z) {
        String name = op.name().toLowerCase(Locale.ROOT);
        Operands.sameType(name, x, y);
        Operands.sameType(name, x, z);
        Shape s = Shape.broadcast(name, x.shape(), Shape.broadcast(name, y.shape(), z.shape()));
        Tensor r = x.like(s);
        Walk walk = walk(s, x.shape(), y.shape(), z.shape());
        try (Addresses at = Addresses.open()) {
            x.kernels().ternary(op, walk, at.of(x), at.of(y), at.of(z), at.of(r));
        }
        return r;
    }
}
