package dev.canonica.benchmarks;

import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.vector.code.MultiplyAdds;

/** Matrix products beside OpenBLAS, libtorch and plain loops. */
final class GemmPart {
    /** Plain loops on more than this take seconds. */
    private static final double SCALAR_OPERATIONS = 5e7;

    static final String OPENBLAS = "OpenBLAS 0.3.31";

    /** Products large enough that nothing but multiply-adds should take time. */
    private static final String[] LARGE = {"256,256,256", "1024,1024,1024", "256,3456,1152"};

    private GemmPart() {}

    /** Beside as many multiply-adds from registers, on one thread: the ratio is the share of the processor's peak. */
    static void share(Suite suite) {
        if (!MultiplyAdds.available()) {
            System.err.println("the share of the peak is left out: no code is emitted here");
            return;
        }
        for (String shape : LARGE) {
            try (SgemmProblem p = new SgemmProblem(shape)) {
                long multiplyAdds = (long) p.operations() / 2;
                suite.compare(
                        "share of the peak",
                        shape,
                        p::ours,
                        "multiply-adds alone",
                        "",
                        () -> MultiplyAdds.run(multiplyAdds));
            }
        }
    }

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
