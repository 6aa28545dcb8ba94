package dev.canonica.benchmarks;

import dev.canonica.tensor.kernel.ScalarKernels;

/** Matrix products beside OpenBLAS, libtorch and plain loops. */
final class GemmPart {
    /** Plain loops on more than this take seconds. */
    private static final double SCALAR_OPERATIONS = 5e7;

    static final String OPENBLAS = "OpenBLAS 0.3.31";

    private GemmPart() {}

    static void run(Suite suite, String shape) {
        try (SgemmProblem p = new SgemmProblem(shape)) {
            suite.compare("GEMM", shape, p::ours, "OpenBLAS", OPENBLAS, p::theirs);
            suite.withTorch(
                    torch -> suite.compare("GEMM", shape, p::ours, "libtorch", torch.version(), p.libtorch(torch)));
            if (p.operations() <= SCALAR_OPERATIONS) {
                suite.compare("GEMM", shape, p::ours, "plain loops", "", () -> p.ours(ScalarKernels.F32));
            }
        }
    }
}
