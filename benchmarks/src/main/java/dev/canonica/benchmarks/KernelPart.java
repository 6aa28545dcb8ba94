package dev.canonica.benchmarks;

import ai.djl.ndarray.NDArray;
import dev.canonica.benchmarks.work.Right;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.memory.Addresses;
import java.util.function.Supplier;

/** Functions of elements and of rows, on the sizes of DiT-S/2 (256 tokens, 6 heads, width 384). */
final class KernelPart {
    private KernelPart() {}

    static void run(Suite suite) {
        Tensor hidden = Right.normal(1, 256, 1536);
        suite.withTorch(torch -> {
            NDArray x = torch.array(hidden);
            check(
                    "GELU",
                    hidden.map(Unary.EXACT_GELU),
                    () -> x.getNDArrayInternal().gelu());
            suite.compare(
                    "GELU",
                    "256 × 1536",
                    () -> hidden.map(Unary.EXACT_GELU).close(),
                    "libtorch",
                    torch.version(),
                    Libtorch.work(() -> x.getNDArrayInternal().gelu()));
        });
        plain(suite, Unary.EXACT_GELU, "GELU", hidden);
        plain(suite, Unary.SILU, "SiLU", hidden); // DJL has no fused one; cpu_pytorch.py has
        Tensor scores = Right.normal(0, 6, 256, 256);
        Kernels plain = ScalarKernels.F32;
        Tensor out = Tensor.zeros(DType.F32, scores.shape());
        Runnable softmax = () -> scores.softmax().close();
        suite.withTorch(torch -> {
            NDArray x = torch.array(scores);
            check("softmax", scores.softmax(), () -> x.softmax(-1));
            suite.compare(
                    "softmax",
                    "6 × 256 × 256",
                    softmax,
                    "libtorch",
                    torch.version(),
                    Libtorch.work(() -> x.softmax(-1)));
        });
        suite.compare("softmax", "6 × 256 × 256", softmax, "plain loops", "", () -> {
            try (Addresses at = Addresses.open()) {
                plain.softmax(1, at.of(scores), at.of(out), 0, 6 * 256, 256);
            }
        });
    }

    private static void plain(Suite suite, Unary op, String name, Tensor x) {
        Tensor out = Tensor.zeros(DType.F32, x.shape());
        suite.compare(name, "256 × 1536", () -> x.map(op).close(), "plain loops", "", () -> {
            try (Addresses at = Addresses.open()) {
                ScalarKernels.F32.unary(op, at.of(x), at.of(out), x.size());
            }
        });
    }

    /** Compares our result with libtorch's. */
    static void check(String what, Tensor ours, Supplier<NDArray> theirs) {
        float[] y = Libtorch.values(theirs);
        Right.check(what, ours, Tensor.of(y, ours.shape().dims()), 1e-5);
    }
}
