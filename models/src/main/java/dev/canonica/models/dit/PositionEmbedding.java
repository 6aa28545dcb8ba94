package dev.canonica.models.dit;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;

/**
 * The fixed two-dimensional sine–cosine embedding of positions (as in MAE; He et al. 2022): half the columns encode x, half y, each with
 * sines then cosines of frequencies 10000^(−i / (D/4)).
 */
final class PositionEmbedding {
    private PositionEmbedding() {}

    /** [1, grid², D]. */
    static Tensor sinCos(int grid, int d, DType dtype) {
        double[] e = new double[grid * grid * d];
        int quarter = d / 4;
        for (int row = 0; row < grid; row++) {
            for (int column = 0; column < grid; column++) {
                int at = (row * grid + column) * d;
                for (int i = 0; i < quarter; i++) {
                    double omega = Math.pow(10000, -(double) i / quarter);
                    e[at + i] = Math.sin(column * omega);
                    e[at + quarter + i] = Math.cos(column * omega);
                    e[at + 2 * quarter + i] = Math.sin(row * omega);
                    e[at + 3 * quarter + i] = Math.cos(row * omega);
                }
            }
        }
        return Tensor.of(e, 1, grid * grid, d).to(dtype);
    }
}
