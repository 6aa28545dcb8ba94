package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tells tensors of finite numbers from those that hold NaN or ±∞. Whoever reads numbers from a file, ends a step of a sampler or hands out a result asks
 * here, so that nothing is lost without a word.
 */
public final class Finite {
    /** Numbers that are looked at together: their sums stay in a cache. */
    private static final int CHUNK = 1 << 18;

    private Finite() {}

    /**
     * Whether all numbers of a tensor are finite, on its device: s += 0 · x is NaN where x is not finite, and 0 elsewhere. One pass over x; where x
     * lies on another device, it is waited for.
     */
    public static boolean all(Tensor x) {
        if (!x.dtype().isFloating() || x.size() == 0) {
            return true;
        }
        if (x.size() > Integer.MAX_VALUE) {
            for (int i = 0; i < x.dim(0); i++) {
                if (!all(x.row(i))) {
                    return false;
                }
            }
            return true;
        }
        try (Scope _ = Scope.open()) {
            Tensor flat = x.reshape((int) x.size());
            DType real = x.dtype() == DType.F64 ? DType.F64 : DType.F32;
            int size = (int) Math.min(x.size(), CHUNK);
            Tensor sums = Tensor.zeros(x.device(), real, Shape.of(size));
            for (int from = 0; from < flat.dim(0); from += CHUNK) {
                int to = Math.min(flat.dim(0), from + CHUNK);
                try (Scope _ = Scope.open()) {
                    sums.rows(0, to - from).accumulate(0, flat.rows(from, to).to(real));
                }
            }
            return sums.sumAll().item() == 0;
        }
    }

    /**
     * A tensor whose numbers are finite.
     *
     * @param what the tensor is, for the message
     * @throws NonFiniteException if one is not
     */
    public static Tensor checked(String what, Tensor x) {
        if (!all(x)) {
            throw new NonFiniteException(what + " " + describe(x));
        }
        return x;
    }

    /**
     * Results whose numbers are finite.
     *
     * @param where they are, for the message
     * @throws NonFiniteException that names the first of which some are not
     */
    public static void check(String where, Map<String, Tensor> arrays) {
        arrays.forEach((name, x) -> checked(where + ": array '" + name + "'", x));
    }

    /** Which number is the first that is not finite, and how many there are: {@code is NaN at [0, 3, 1] (2 of 64 numbers are not finite)}. */
    public static String describe(Tensor x) {
        double[] values = x.toDoubles();
        int first = -1;
        int count = 0;
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                first = first < 0 ? i : first;
                count++;
            }
        }
        if (first < 0) {
            return "is finite";
        }
        return "is %s at %s (%d of %d numbers are not finite)"
                .formatted(values[first], position(x.shape(), first), count, values.length);
    }

    private static List<Integer> position(Shape shape, int index) {
        List<Integer> position = new ArrayList<>();
        int rest = index;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            position.addFirst(rest % shape.dim(axis));
            rest /= shape.dim(axis);
        }
        return position;
    }
}
