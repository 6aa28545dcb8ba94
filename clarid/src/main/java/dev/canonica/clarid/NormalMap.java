package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Jᵀ J / u² of each sample, with a unit u that is near ‖J‖ where that is far from 1: squares of J's numbers leave the range of F32, and of double, in which bases are kept, long before J does. u is a
 * power of two, which changes no digit of the vectors; singular values are u times the roots of this map's eigenvalues.
 */
final class NormalMap {
    /** As for F32, whatever the type. */
    private static final int FAR = Magnitudes.far(DType.F32);

    /** What a first product is brought up or down by, where it under- or overflows. */
    private static final int RETRY = 100;

    private final LinearOperator j;
    private final Units units;

    /** Whose units are found by the first product. */
    NormalMap(LinearOperator j, Units units) {
        this.j = j;
        this.units = units;
    }

    /** The units of a Jacobian's samples: the same for all of its maps. */
    static final class Units {
        private int @Nullable [] exponents;

        /** Of one sample; 1 before there was a product. */
        double of(int sample) {
            return exponents == null ? 1 : Math.scalb(1.0, exponents[sample]);
        }

        private boolean allOne() {
            return exponents == null || Arrays.stream(exponents).allMatch(e -> e == 0);
        }
    }

    /** The images of blocks [sample][k][domain]. */
    List<double[][]> apply(List<double[][]> block) {
        DType type = j.dtype();
        Tensor x = DirectionBlocks.pack(j.domain(), type, block);
        Tensor y = null;
        if (units.exponents == null) {
            Tensor first = j.push(x);
            units.exponents = measure(x, first);
            y = units.allOne() ? first : null;
        }
        int[] unit = units.exponents;
        int batch = unit.length;
        // J is met halfway: x / √u, so that J x is near √u
        int[] half = IntStream.range(0, x.dim(0) * batch)
                .map(i -> -(unit[i % batch] / 2))
                .toArray();
        if (y == null) {
            y = j.push(units.allOne() ? x : x.times(powers(half, x)));
        }
        int[] exponents = new int[half.length];
        double[] largest = largest(y);
        for (int i = 0; i < exponents.length; i++) {
            int e = largest[i] > 0 && Double.isFinite(largest[i]) ? Math.getExponent(largest[i]) : 0;
            int to = (Math.abs(e) > FAR ? -e : 0) + half[i];
            exponents[i] = Math.clamp(to, -Magnitudes.most(type), Magnitudes.most(type));
        }
        boolean scaled = Arrays.stream(exponents).anyMatch(e -> e != 0);
        List<double[][]> images = DirectionBlocks.unpack(j.pull(scaled ? y.times(powers(exponents, y)) : y));
        if (scaled) {
            for (int s = 0; s < batch; s++) {
                double[][] of = images.get(s);
                for (int i = 0; i < of.length; i++) {
                    int at = i * batch + s;
                    Vectors.scale(Math.scalb(1.0, -half[at] - exponents[at] - 2 * unit[s]), of[i]);
                }
            }
        }
        return images;
    }

    /** Exponents of units, from a first block and its images: 0 where J is near 1, or 0, or not finite. */
    private int[] measure(Tensor x, Tensor y) {
        int batch = x.dim(1);
        double[] size = ofSamples(largest(y), batch);
        int[] shift = new int[batch];
        for (int s = 0; s < batch; s++) {
            boolean small = size[s] > 0 && size[s] < Math.scalb(1.0, -RETRY);
            shift[s] = small ? RETRY : size[s] < Math.scalb(1.0, RETRY) ? 0 : -RETRY;
        }
        if (Arrays.stream(shift).anyMatch(e -> e != 0)) {
            int[] rows = IntStream.range(0, x.dim(0) * batch)
                    .map(i -> shift[i % batch])
                    .toArray();
            size = ofSamples(largest(j.push(x.times(powers(rows, x)))), batch);
        }
        int[] exponents = new int[batch];
        for (int s = 0; s < batch; s++) {
            if (size[s] > 0 && Double.isFinite(size[s])) {
                int e = Math.getExponent(size[s]) - shift[s];
                int most = Magnitudes.most(j.dtype());
                exponents[s] = Math.abs(e) > FAR ? Math.clamp(e, -most, most) : 0;
            }
        }
        return exponents;
    }

    /** The greatest of a block [k · sample] for each sample; NaN if one is. */
    private static double[] ofSamples(double[] largest, int batch) {
        double[] size = new double[batch];
        for (int i = 0; i < largest.length; i++) {
            size[i % batch] = Math.max(size[i % batch], largest[i]);
        }
        return size;
    }

    /** The greatest magnitude of each vector [K, B, ...] → [K · B]. */
    private static double[] largest(Tensor y) {
        int rows = y.dim(0) * y.dim(1);
        return y.size() == 0
                ? new double[rows]
                : y.reshape(rows, Math.toIntExact(y.size() / rows))
                        .map(Unary.ABS)
                        .max(1)
                        .toDoubles();
    }

    /** 2^e for each vector of a block, in a shape that multiplies it. */
    private static Tensor powers(int[] exponents, Tensor y) {
        int[] shape = new int[y.rank()];
        Arrays.fill(shape, 1);
        shape[0] = y.dim(0);
        shape[1] = y.dim(1);
        double[] powers =
                Arrays.stream(exponents).mapToDouble(e -> Math.scalb(1.0, e)).toArray();
        return Tensor.of(powers, shape).to(y.dtype());
    }
}
