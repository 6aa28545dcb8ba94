package dev.canonica.benchmarks.work;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** What every benchmark checks before it is timed: that what it times is right. */
public final class Right {
    private Right() {}

    /** Standard normal F32 numbers, the same ones for each benchmark of a shape. */
    public static Tensor normal(long stream, int... dims) {
        return Tensor.normal(DType.F32, Shape.of(dims), new Philox(1, stream));
    }

    /**
     * Checks a result against the same in double precision.
     *
     * @param tolerance greatest difference, as a part of the greatest element
     * @throws IllegalStateException if they differ by more
     */
    public static void check(String what, Tensor actual, Tensor expected, double tolerance) {
        double[] a = actual.toDoubles();
        double[] e = expected.toDoubles();
        double greatest = 0;
        double difference = a.length == e.length ? 0 : Double.NaN;
        for (int i = 0; i < Math.min(a.length, e.length); i++) {
            greatest = Math.max(greatest, Math.abs(e[i]));
            difference = Math.max(difference, Math.abs(a[i] - e[i]));
        }
        if (!(difference <= tolerance * greatest)) {
            throw new IllegalStateException(
                    what + ": differs from double precision by " + difference + ", greatest element " + greatest);
        }
    }
}
