package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Vectors as the first rows of an F64 matrix on a device: what is computed with them goes over and back, they themselves go there once. The matrix
 * belongs to the scope that is open when they are appended.
 */
final class DeviceRows implements Rows {
    private final Device device;
    private final int n;
    private Tensor matrix;
    private int size;

    DeviceRows(Device device, int n) {
        this.device = device;
        this.n = n;
        this.matrix = matrix(16);
    }

    private Tensor matrix(int rows) {
        return Tensor.uninitialised(device, DType.F64, Shape.of(rows, n));
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void append(double[][] vectors) {
        if (vectors.length == 0) {
            return;
        }
        int needed = size + vectors.length;
        if (needed > matrix.dim(0)) {
            Tensor larger = matrix(Math.max(needed, 2 * matrix.dim(0)));
            if (size > 0) {
                larger.rows(0, size).assign(matrix.rows(0, size));
            }
            matrix.close();
            matrix = larger;
        }
        try (Scope _ = Scope.open()) {
            matrix.rows(size, needed).assign(there(vectors));
        }
        size = needed;
    }

    @Override
    public void clear() {
        size = 0;
    }

    @Override
    public double[][] dots(double[][] x) {
        if (size == 0 || x.length == 0) {
            return new double[x.length][size];
        }
        try (Scope _ = Scope.open()) {
            return here(there(x).matmul(false, matrix.rows(0, size), true));
        }
    }

    @Override
    public double[][] combinations(double[][] c) {
        if (c.length == 0 || c[0].length == 0) {
            return new double[c.length][n];
        }
        try (Scope _ = Scope.open()) {
            return here(there(c).matmul(matrix.rows(0, c[0].length)));
        }
    }

    /**
     * On a device that factorises matrices itself, the block goes there once and stays until it is done. A = L Q of its projected rows says all: row i is Σ L_ij
     * q_j, so that the rows of L, k numbers each in place of n, tell which vectors depend on those before them. Where some do, Q of the others is taken
     * again, for a reflection gives them a direction, too: any.
     */
    @Override
    public double[][] extension(double[][] candidates, int count, IntFunction<double[][]> gaussians) {
        if (!LinearAlgebra.isOwnOf(device) || candidates.length > n) {
            return GramSchmidt.extension(this, candidates, count, gaussians);
        }
        try (Scope _ = Scope.open()) {
            @Nullable Tensor block = null; // orthonormal
            int have = 0;
            double[][] next = candidates;
            while (have < count) {
                if (next.length > 0) {
                    double[] least = new double[have + next.length];
                    for (int i = 0; i < next.length; i++) {
                        least[have + i] = GramSchmidt.DEPENDENT * Vectors.norm(next[i]);
                    }
                    Tensor left = without(there(next));
                    block = independent(block == null ? left : Tensor.concatenate(0, block, left), least, count);
                    have = block == null ? 0 : block.dim(0);
                }
                next = gaussians.apply(count - have);
            }
            return block == null
                    ? new double[0][]
                    : here(LinearAlgebra.lq(without(block)).q()); // twice is enough: GramSchmidt says why
        }
    }

    /** An orthonormal basis of the span of the first {@code count} rows, or as many as there are, of which those before them leave more than {@code least}. */
    private static @Nullable Tensor independent(Tensor rows, double[] least, int count) {
        LinearAlgebra.Lq lq = LinearAlgebra.lq(rows);
        double[][] coordinates = here(lq.l());
        List<double[]> span = new ArrayList<>();
        List<Long> chosen = new ArrayList<>();
        for (int i = 0; i < coordinates.length && span.size() < count; i++) {
            if (GramSchmidt.addTo(span, coordinates[i], least[i])) {
                chosen.add((long) i);
            }
        }
        int found = chosen.size();
        if (found == 0) {
            return null;
        }
        if (chosen.getLast() == found - 1) { // the first ones, on which nothing after them bears
            return lq.q().rows(0, found);
        }
        long[] index = chosen.stream().mapToLong(Long::longValue).toArray();
        return LinearAlgebra.lq(rows.gather(Tensor.of(index, found))).q();
    }

    /** x − V Vᵀ x, for rows x. */
    private Tensor without(Tensor x) {
        if (size == 0) {
            return x;
        }
        Tensor v = matrix.rows(0, size);
        return x.minus(x.matmul(false, v, true).matmul(v));
    }

    private Tensor there(double[][] rows) {
        int columns = rows[0].length;
        double[] flat = new double[Math.multiplyExact(rows.length, columns)];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * columns, columns);
        }
        return Tensor.of(flat, rows.length, columns).to(device);
    }

    private static double[][] here(Tensor t) {
        int columns = t.dim(1);
        double[] flat = t.toDoubles();
        double[][] rows = new double[t.dim(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }
}
