package dev.canonica.cuda;

/** The kernel of gemm.cuh, which needs nothing but the driver. */
final class TiledGemm implements Gemm {
    private static final int TILE = 64;
    private static final int THREADS = 256;
    private static final int MOST_BLOCKS = 65535;

    private final CudaContext context;
    private final ThreadLocal<Launch> launch;

    TiledGemm(CudaContext context, ThreadLocal<Launch> launch) {
        this.context = context;
        this.launch = launch;
    }

    @Override
    public void gemm(
            boolean wide,
            int batch,
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long strideA,
            long b,
            int ldb,
            long strideB,
            boolean accumulate,
            long c,
            int ldc,
            long strideC) {
        launch.get()
                .begin()
                .flag(transposeA)
                .flag(transposeB)
                .integer(m)
                .integer(n)
                .integer(k)
                .address(a)
                .integer(lda)
                .count(strideA)
                .address(b)
                .integer(ldb)
                .count(strideB)
                .flag(accumulate)
                .address(c)
                .integer(ldc)
                .count(strideC)
                .integer(batch)
                .grid(
                        context,
                        wide ? "gemm_f64" : "gemm_f32",
                        Math.ceilDiv(m, TILE),
                        Math.ceilDiv(n, TILE),
                        Math.min(batch, MOST_BLOCKS),
                        THREADS,
                        1);
    }

    @Override
    public String describe() {
        return "own matrix products";
    }
}
