package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

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
