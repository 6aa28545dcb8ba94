package dev.canonica.tensor.operation;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/** {@link LinearAlgebra} on the processor, in double, for tensors of any device. */
final class HostFactorisations implements Factorisations {
    static final HostFactorisations INSTANCE = new HostFactorisations();

    private HostFactorisations() {}

    @Override
    public LinearAlgebra.Lq lq(Tensor a) {
        int batch = a.dim(0);
        int m = a.dim(1);
        int n = a.dim(2);
        double[] q = a.toDoubles();
        double[] l = new double[batch * m * m];
        for (int b = 0; b < batch; b++) {
            double[][] rows = rows(q, b, m, n);
            put(Householder.lq(rows), l, b);
            put(rows, q, b);
        }
        return new LinearAlgebra.Lq(like(a, l, batch, m, m), like(a, q, batch, m, n));
    }

    @Override
    public LinearAlgebra.Svd svd(Tensor a) {
        int batch = a.dim(0);
        int m = a.dim(1);
        int n = a.dim(2);
        int k = Math.min(m, n);
        double[] x = a.toDoubles();
        double[] u = new double[batch * m * k];
        double[] s = new double[batch * k];
        double[] vt = new double[batch * k * n];
        for (int b = 0; b < batch; b++) {
            double[][] rows = rows(x, b, m, n);
            boolean tall = m > n; // then of the transpose, whose left vectors are our right ones
            JacobiSvd svd = JacobiSvd.of(tall ? transpose(rows) : rows);
            put(transpose(tall ? svd.right() : svd.left()), u, b);
            System.arraycopy(svd.values(), 0, s, b * k, k);
            put(tall ? svd.left() : svd.right(), vt, b);
        }
        return new LinearAlgebra.Svd(like(a, u, batch, m, k), like(a, s, batch, k), like(a, vt, batch, k, n));
    }

    private static double[][] rows(double[] x, int matrix, int m, int n) {
        double[][] rows = new double[m][];
        for (int i = 0; i < m; i++) {
            int from = (matrix * m + i) * n;
            rows[i] = Arrays.copyOfRange(x, from, from + n);
        }
        return rows;
    }

    private static void put(double[][] rows, double[] x, int matrix) {
        int n = rows[0].length;
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, x, (matrix * rows.length + i) * n, n);
        }
    }

    private static double[][] transpose(double[][] x) {
        double[][] t = new double[x[0].length][x.length];
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < t.length; j++) {
                t[j][i] = x[i][j];
            }
        }
        return t;
    }

    /** Of the type and on the device of {@code a}. */
    private static Tensor like(Tensor a, double[] values, int... dims) {
        return Tensor.of(Device.cpu(), values, dims).to(a.dtype()).to(a.device());
    }
}
