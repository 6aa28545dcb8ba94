package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Explicit matrices, one per image, as an operator that counts the vectors it is applied to.
 */
final class MatrixOperator implements LinearOperator {
    private final RealMatrix[] maps;
    private final DType dtype;
    private final Tensor stacked; // [B, m, n]
    private int products;

    MatrixOperator(DType dtype, RealMatrix... maps) {
        this.maps = maps.clone();
        this.dtype = dtype;
        int m = maps[0].getRowDimension();
        int n = maps[0].getColumnDimension();
        double[] all = new double[maps.length * m * n];
        for (int b = 0; b < maps.length; b++) {
            for (int i = 0; i < m; i++) {
                System.arraycopy(maps[b].getRow(i), 0, all, (b * m + i) * n, n);
            }
        }
        this.stacked = Tensor.of(all, maps.length, m, n).to(dtype);
    }

    /** U diag(s) Vᵀ of shape [rows, columns] with random orthogonal U and V. */
    static RealMatrix withSpectrum(int rows, int columns, long seed, double... s) {
        RealMatrix middle = MatrixUtils.createRealMatrix(rows, columns);
        for (int i = 0; i < s.length; i++) {
            middle.setEntry(i, i, s[i]);
        }
        return orthogonal(rows, seed).multiply(middle).multiply(orthogonal(columns, seed + 1));
    }

    private static RealMatrix orthogonal(int n, long seed) {
        double[][] g = new double[n][n];
        for (int i = 0; i < n; i++) {
            new Philox(seed, i).normals(0, g[i]);
        }
        return new QRDecomposition(new Array2DRowRealMatrix(g, false)).getQ();
    }

    RealMatrix map(int b) {
        return maps[b];
    }

    int products() {
        return products;
    }

    @Override
    public int batch() {
        return maps.length;
    }

    @Override
    public Shape domain() {
        return Shape.of(maps[0].getColumnDimension());
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Tensor push(Tensor v) {
        return apply(v, true);
    }

    @Override
    public Tensor pull(Tensor u) {
        return apply(u, false);
    }

    private Tensor apply(Tensor block, boolean transpose) {
        products += block.dim(0);
        return block.permute(1, 0, 2).matmul(false, stacked, transpose).permute(1, 0, 2);
    }
}
