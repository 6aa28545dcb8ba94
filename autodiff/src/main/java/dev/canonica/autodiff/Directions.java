package dev.canonica.autodiff;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.UnaryOperator;

/** Whole derivatives from products with blocks of directions, each block in a scope of its own. */
final class Directions {
    private Directions() {}

    /** Rows of a matrix, by products with the unit vectors of shape s, {@code block} at once: [size of s, width]. */
    static Tensor rows(Tensor like, Shape s, int width, int block, UnaryOperator<Tensor> product) {
        int n = Math.toIntExact(s.size());
        Tensor rows = like.like(Shape.of(n, width));
        for (int from = 0; from < n; from += block) {
            int to = Math.min(n, from + block);
            try (Scope scope = Scope.open()) {
                Tensor part = product.apply(units(like, s, from, to));
                rows.rows(from, to).assign(part.reshape(to - from, width));
            }
        }
        return rows;
    }

    /** Unit vectors {@code from} to {@code to}: [to − from, *s]. */
    private static Tensor units(Tensor like, Shape s, int from, int to) {
        int n = Math.toIntExact(s.size());
        double[] e = new double[Math.multiplyExact(to - from, n)];
        for (int i = from; i < to; i++) {
            e[(i - from) * n + i] = 1;
        }
        return tensor(like, e, s.prepend(to - from));
    }

    /** Vectors of ±1 with equal chance, numbers {@code from} to {@code to} of a stream: [to − from, *s]. */
    static Tensor signs(Tensor like, Shape s, int from, int to, Philox random) {
        int n = Math.toIntExact(s.size());
        double[] v = new double[Math.multiplyExact(to - from, n)];
        random.uniforms((long) from * n, v);
        for (int i = 0; i < v.length; i++) {
            v[i] = v[i] < 0.5 ? -1 : 1;
        }
        return tensor(like, v, s.prepend(to - from));
    }

    private static Tensor tensor(Tensor like, double[] values, Shape s) {
        Device device = like.device();
        return Tensor.of(device, values, s.dims()).to(like.dtype());
    }

    /** One value, as the cotangent 1 of a scalar: [1, *y]. */
    static Tensor one(Tensor y) {
        return Tensor.full(y.device(), y.dtype(), y.shape().prepend(1), 1);
    }

    static void checkBlock(String operation, int block) {
        if (block < 1) {
            throw new IllegalArgumentException(operation + ": a block of at least one direction needed, not " + block);
        }
    }
}
