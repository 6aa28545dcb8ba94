package dev.canonica.tensor;

import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.memory.Addresses;

/** Sums and maxima along axes. */
final class Reductions {
    private Reductions() {}

    /** √Σ x²; where its square may have left the range of the type, once more of numbers near 1. */
    static double norm(Tensor x) {
        try (Scope _ = Scope.open()) {
            double norm = Math.sqrt(x.map(Unary.SQUARE).sumAll().item());
            if (norm > 0 && Math.abs(Math.getExponent(norm)) <= Magnitudes.far(x.dtype())) {
                return norm;
            }
            double near = Magnitudes.near(Magnitudes.greatest(x), x.dtype(), 0);
            return Math.sqrt(x.times(near).map(Unary.SQUARE).sumAll().item()) / near;
        }
    }

    static Tensor sum(Tensor x, int axis) {
        Shape s = x.shape();
        int a = s.axis(axis);
        Tensor y = x.like(s.without(a));
        try (Addresses at = Addresses.open()) {
            x.kernels().sum(at.of(x), at.of(y), s.size(0, a), s.dim(a), s.size(a + 1, s.rank()));
        }
        return y;
    }

    static Tensor max(Tensor x, int axis) {
        Shape s = x.shape();
        int a = s.axis(axis);
        Tensor y = x.like(s.without(a));
        try (Addresses at = Addresses.open()) {
            x.kernels().max(at.of(x), at.of(y), s.size(0, a), s.dim(a), s.size(a + 1, s.rank()));
        }
        return y;
    }

    static Tensor sumTo(Tensor x, Shape target) {
        if (x.shape().equals(target)) {
            return x;
        }
        if (target.rank() > x.rank()
                || !Shape.broadcast("sumTo", x.shape(), target).equals(x.shape())) {
            throw new IllegalArgumentException("sumTo: " + target + " does not broadcast to " + x.shape());
        }
        Tensor y = x;
        int extra = x.rank() - target.rank();
        // Neighbouring axes are summed in one pass over the data: first find a run, then reduce it.
        int axis = 0;
        while (axis < y.rank()) {
            if (!reduced(y.shape(), target, axis, extra)) {
                axis++;
                continue;
            }
            int end = axis + 1;
            while (end < y.rank() && reduced(y.shape(), target, end, extra)) {
                end++;
            }
            Shape s = y.shape();
            Tensor r = y.like(s.withOnes(axis, end));
            try (Addresses at = Addresses.open()) {
                y.kernels().sum(at.of(y), at.of(r), s.size(0, axis), s.size(axis, end), s.size(end, s.rank()));
            }
            y = r;
            axis = end;
        }
        return y.reshape(target);
    }

    private static boolean reduced(Shape s, Shape target, int axis, int extra) {
        return axis < extra || (target.dim(axis - extra) == 1 && s.dim(axis) != 1);
    }
}
