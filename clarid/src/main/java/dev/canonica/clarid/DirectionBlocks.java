package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Blocks of directions of several samples: rows in double, and tensors as a {@link LinearOperator} takes them. */
final class DirectionBlocks {
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
}
