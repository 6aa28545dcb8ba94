package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Blocks of directions of several samples: rows in double, and tensors as a {@link LinearOperator} takes them. */
final class DirectionBlocks {
    /** Squares of numbers up to 2^40 and of 2^−40 are far from F32's bounds, 2^±126. */
    private static final int FAR = 40;

    private static final int MOST = 126; // 2^±126 are normal numbers of F32

    private DirectionBlocks() {}

    /** Tensor [B, ...] → [B][...]. */
    static double[][] rows(Tensor t) {
        double[][] rows = new double[t.dim(0)][];
        for (int b = 0; b < rows.length; b++) {
            rows[b] = t.row(b).toDoubles();
        }
        return rows;
    }

    /** [sample][k][domain] → tensor [K, B, *domain]. */
    static Tensor pack(Shape domain, DType type, List<double[][]> block) {
        int k = block.getFirst().length;
        int n = Math.toIntExact(domain.size());
        int batch = block.size();
        double[] flat = new double[Math.multiplyExact(k * batch, n)];
        for (int s = 0; s < batch; s++) {
            for (int i = 0; i < k; i++) {
                System.arraycopy(block.get(s)[i], 0, flat, (i * batch + s) * n, n);
            }
        }
        Tensor t = Tensor.of(flat, domain.prepend(k, batch).dims());
        return type == DType.F64 ? t : t.to(type);
    }

    /** Tensor [K, B, ...] → [sample][k][...]. */
    static List<double[][]> unpack(Tensor t) {
        int k = t.dim(0);
        int batch = t.dim(1);
        double[] flat = t.toDoubles();
        int n = flat.length / (k * batch);
        List<double[][]> block = new ArrayList<>();
        for (int s = 0; s < batch; s++) {
            double[][] rows = new double[k][];
            for (int i = 0; i < k; i++) {
                rows[i] = Arrays.copyOfRange(flat, (i * batch + s) * n, (i * batch + s + 1) * n);
            }
            block.add(rows);
        }
        return block;
    }

    /**
     * Jᵀ J of blocks. An image J x is multiplied by a power of two before it is pulled, where it is so large or small that its squares are near the
     * bounds of the type, and what comes back is divided by it: that changes no digit.
     */
    static List<double[][]> normalProducts(LinearOperator j, List<double[][]> block) {
        Tensor y = j.push(pack(j.domain(), j.dtype(), block));
        int rows = y.dim(0) * y.dim(1);
        int[] exponents = new int[rows];
        boolean scaled = false;
        if (y.size() > 0) {
            double[] largest = y.reshape(rows, Math.toIntExact(y.size() / rows))
                    .map(Unary.ABS)
                    .max(1)
                    .toDoubles();
            for (int i = 0; i < rows; i++) {
                if (largest[i] > 0 && Double.isFinite(largest[i])) {
                    int e = Math.getExponent(largest[i]);
                    exponents[i] = Math.abs(e) > FAR ? Math.clamp(e, -MOST, MOST) : 0;
                    scaled |= exponents[i] != 0;
                }
            }
        }
        if (!scaled) {
            return unpack(j.pull(y));
        }
        List<double[][]> images = unpack(j.pull(y.times(powers(exponents, y))));
        for (int s = 0; s < images.size(); s++) {
            double[][] of = images.get(s);
            for (int i = 0; i < of.length; i++) {
                Vectors.scale(Math.scalb(1.0, exponents[i * images.size() + s]), of[i]);
            }
        }
        return images;
    }

    /** 2^−e for each vector of a block, in a shape that multiplies it. */
    private static Tensor powers(int[] exponents, Tensor y) {
        int[] shape = new int[y.rank()];
        Arrays.fill(shape, 1);
        shape[0] = y.dim(0);
        shape[1] = y.dim(1);
        double[] powers =
                Arrays.stream(exponents).mapToDouble(e -> Math.scalb(1.0, -e)).toArray();
        return Tensor.of(powers, shape).to(y.dtype());
    }
}
