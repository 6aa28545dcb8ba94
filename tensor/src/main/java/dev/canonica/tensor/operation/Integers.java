package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Walk;
import java.util.Arrays;
import java.util.function.LongBinaryOperator;

/**
 * Arithmetic on integers, for labels and indices: operands of any integer type that broadcast, computed on the processor, results I64 on the first
 * operand's device. Nothing overflows in silence.
 *
 * @see Masks comparisons of real numbers
 */
public final class Integers {
    private Integers() {}

    /** x + y; {@link ArithmeticException} where that is no long. */
    public static Tensor plus(Tensor x, Tensor y) {
        return zip("plus", x, y, Math::addExact);
    }

    /** x − y; {@link ArithmeticException} where that is no long. */
    public static Tensor minus(Tensor x, Tensor y) {
        return zip("minus", x, y, Math::subtractExact);
    }

    /** x ⊙ y; {@link ArithmeticException} where that is no long. */
    public static Tensor times(Tensor x, Tensor y) {
        return zip("times", x, y, Math::multiplyExact);
    }

    /** ⌊x / y⌋, as {@code //} of Python; {@link ArithmeticException} where y is 0. */
    public static Tensor floorDivide(Tensor x, Tensor y) {
        return zip("floorDivide", x, y, (a, b) -> {
            if (a == Long.MIN_VALUE && b == -1) {
                throw new ArithmeticException("long overflow");
            }
            return Math.floorDiv(a, b);
        });
    }

    /** x − y ⌊x / y⌋, of y's sign, as {@code %} of Python; {@link ArithmeticException} where y is 0. */
    public static Tensor remainder(Tensor x, Tensor y) {
        return zip("remainder", x, y, Math::floorMod);
    }

    /** The smaller of x and y, element by element. */
    public static Tensor min(Tensor x, Tensor y) {
        return zip("min", x, y, Math::min);
    }

    /** The greater of x and y, element by element. */
    public static Tensor max(Tensor x, Tensor y) {
        return zip("max", x, y, Math::max);
    }

    /** 1 where x = y, else 0: {@code equal(argMax, labels)}, as a real type and averaged, is the accuracy of a classifier. */
    public static Tensor equal(Tensor x, Tensor y) {
        return zip("equal", x, y, (a, b) -> a == b ? 1 : 0);
    }

    /** 1 where x &lt; y, else 0. */
    public static Tensor less(Tensor x, Tensor y) {
        return zip("less", x, y, (a, b) -> a < b ? 1 : 0);
    }

    private static Tensor zip(String operation, Tensor x, Tensor y, LongBinaryOperator f) {
        if (x.dtype().isFloating() || y.dtype().isFloating()) {
            throw new IllegalArgumentException(
                    operation + ": integers needed, not " + x.described() + " and " + y.described());
        }
        Operands.sameDevice(operation, x, y);
        Shape s = Shape.broadcast(operation, x.shape(), y.shape());
        long[] a = x.toLongs();
        long[] b = y.toLongs();
        long[] z = new long[Math.toIntExact(s.size())];
        Walk walk = Walk.broadcast(s.dims(), x.shape().dims(), y.shape().dims());
        int inner = Math.toIntExact(walk.inner());
        for (int o = 0; o < walk.outer(); o++) {
            long ax = walk.offset(0, o);
            long by = walk.offset(1, o);
            for (int i = 0; i < inner; i++) {
                z[o * inner + i] = f.applyAsLong(
                        a[Math.toIntExact(ax + i * walk.innerStride(0))],
                        b[Math.toIntExact(by + i * walk.innerStride(1))]);
            }
        }
        return Tensor.of(x.device(), z, s.dims());
    }

    /**
     * 0, 1, …, n − 1 as I64.
     *
     * @throws IllegalArgumentException if n is negative
     */
    public static Tensor range(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("range: " + n + " is negative");
        }
        long[] values = new long[n];
        Arrays.setAll(values, i -> i);
        return Tensor.of(values, n);
    }

    /** Rows of zeros with a 1 at each label: labels [..., ] of integers in [0, classes) → [..., classes] of a real type. */
    public static Tensor oneHot(Tensor labels, int classes, DType type) {
        if (classes < 0) {
            throw new IllegalArgumentException("oneHot: " + classes + " classes");
        }
        double[] rows = new double[Math.toIntExact(Math.multiplyExact(labels.size(), (long) classes))];
        long[] label = labels.toLongs();
        for (int i = 0; i < label.length; i++) {
            if (label[i] < 0 || label[i] >= classes) {
                throw new IllegalArgumentException(
                        "oneHot: label " + label[i] + " does not lie in [0, " + classes + ")");
            }
            rows[Math.toIntExact((long) i * classes + label[i])] = 1;
        }
        int rank = labels.rank();
        int[] dims = Arrays.copyOf(labels.shape().dims(), rank + 1);
        dims[rank] = classes;
        return Tensor.of(labels.device(), rows, dims).to(type);
    }
}
