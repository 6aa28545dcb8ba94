package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.Launches;
import dev.canonica.tensor.kernel.MatrixBatch;

/** The kernel of gemm.cuh, which needs nothing but the driver. */
public final class TiledGemm implements Gemm {
    private static final int TILE = 64;
    private static final int THREADS = 256;
    private static final int MOST_BLOCKS = 65535;

    private final Launches launches;

    /** Products by the kernel, launched from here. */
    public TiledGemm(Launches launches) {
        this.launches = launches;
    }

    @Override
    public void gemm(boolean wide, MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        int m = c.rows();
        int n = c.columns();
        launches.begin()
                .flag(a.transposed())
                .flag(b.transposed())
                .integer(m)
                .integer(n)
                .integer(a.columns())
                .address(a.address())
                .integer(a.rowStride())
                .count(a.step())
                .address(b.address())
                .integer(b.rowStride())
                .count(b.step())
                .flag(accumulate)
                .address(c.address())
                .integer(c.rowStride())
                .count(c.step())
                .integer(c.count())
                .grid(
                        launches.context(),
                        wide ? "gemm_f64" : "gemm_f32",
                        Math.ceilDiv(m, TILE),
                        Math.ceilDiv(n, TILE),
                        Math.min(c.count(), MOST_BLOCKS),
                        THREADS,
                        1);
    }

    @Override
    public boolean isLibrary() {
        return false;
    }

    @Override
    public String describe() {
        return "own matrix products";
    }
}
