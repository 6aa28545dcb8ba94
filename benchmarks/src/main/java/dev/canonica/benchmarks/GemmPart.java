package dev.canonica.benchmarks;

import dev.canonica.tensor.kernel.ScalarKernels;
import java.util.List;

/** Matrix products of transformers and of square matrices, small ones, vectors, and batches as attention has them for its heads. */
final class GemmPart {
    static final List<String> SHAPES = List.of(
            "256,256,256",
            "1024,1024,1024",
            "2048,2048,2048",
            "256,3456,1152",
            "256,1152,4608",
            "64,768,192",
            "1024,1024,64",
            "1024,1024,1024,t",
            "1024,1024,1024,T",
            "32,32,32",
            "48,48,48",
            "64,64,64",
            "100,100,100",
            "128,128,128",
            "1,1152,192",
            "8,1152,192",
            "256,12,192",
            "6×256,256,64,T",
            "6×256,64,256",
            "16×64,64,64",
            "96×16,16,32");

    /** Plain loops on more than this take seconds. */
    private static final double SCALAR_OPERATIONS = 5e7;

    private static final String OPENBLAS = "OpenBLAS 0.3.31";

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
