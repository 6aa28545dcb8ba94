package dev.canonica.autodiff.check;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;

/** Where the samples of an input lie: a function of a standard normal number. */
public enum Domain {
    /** Standard normal. */
    NORMAL(z -> z),
    /** Normal of deviation 12: far into the tails of an activation. */
    WIDE(z -> 12 * z),
    /** At least 0.25: for logarithms and roots. */
    POSITIVE(z -> 0.25 + z * z),
    /** At least 0.25 from 0, of either sign: for quotients, and away from the kinks of |x| and max(x, 0). */
    NONZERO(z -> Math.copySign(0.25 + Math.abs(z), z)),
    /** Multiples of 1/2: two are equal or far apart. */
    HALVES(z -> Math.rint(2 * z) / 2),
    /** Multiples of 1/2 plus 1/4: never equal to one of {@link #HALVES}. */
    QUARTERS(z -> Math.rint(2 * z) / 2 + 0.25),
    /** Multiples of 1/16, each at most once in a tensor: without ties. */
    DISTINCT(z -> z) {
        @Override
        double[] draw(int n, Philox random) {
            int[] order = random.permutation(n);
            double[] x = new double[n];
            for (int i = 0; i < n; i++) {
                x[i] = (order[i] - n / 2) / 16.0;
            }
            return x;
        }
    };

    private final DoubleUnaryOperator ofNormal;

    Domain(DoubleUnaryOperator ofNormal) {
        this.ofNormal = ofNormal;
    }

    double[] draw(int n, Philox random) {
        double[] x = new double[n];
        random.normals(0, x);
        for (int i = 0; i < n; i++) {
            x[i] = ofNormal.applyAsDouble(x[i]);
        }
        return x;
    }

    /** A sample: F64, with values that F32 holds exactly, so that both types start from the same point. */
    public Tensor sample(Shape shape, Philox random) {
        double[] x = draw(Math.toIntExact(shape.size()), random);
        return Tensor.of(x, shape.dims()).to(DType.F32).to(DType.F64);
    }
}
