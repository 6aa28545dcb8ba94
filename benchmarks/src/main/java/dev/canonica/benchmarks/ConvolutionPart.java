package dev.canonica.benchmarks;

import ai.djl.ndarray.NDArray;
import dev.canonica.benchmarks.work.Right;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.List;
import java.util.function.Supplier;

/** Convolutions of residual networks and U-Nets: 3×3, 1×1 and strided. */
final class ConvolutionPart {
    private ConvolutionPart() {}

    /** One layer; {@code kernel} is its height and width. */
    private record Layer(int batch, int channels, int size, int filters, int kernel, int stride) {
        String shape() {
            return "%d × %d × %d², %d of %d×%d%s"
                    .formatted(batch, channels, size, filters, kernel, kernel, stride > 1 ? ", stride " + stride : "");
        }
    }

    private static final List<Layer> LAYERS = List.of(
            new Layer(1, 64, 56, 64, 3, 1),
            new Layer(4, 256, 14, 256, 3, 1),
            new Layer(1, 320, 32, 320, 3, 1),
            new Layer(1, 1280, 16, 1280, 3, 1),
            new Layer(1, 128, 56, 256, 3, 2),
            new Layer(1, 320, 64, 320, 3, 2),
            new Layer(1, 64, 56, 256, 1, 1),
            new Layer(1, 640, 32, 320, 1, 1));

    static void run(Suite suite) {
        for (Layer l : LAYERS) {
            Convolution c = Convolution.of(l.stride, l.kernel / 2);
            Tensor x = Right.normal(0, l.batch, l.channels, l.size, l.size);
            Tensor w = Right.normal(1, l.filters, l.channels, l.kernel, l.kernel);
            suite.withTorch(torch -> {
                Supplier<NDArray> theirs = torch.convolution(x, w, l.stride, l.kernel / 2);
                KernelPart.check(l.shape(), c.value(x, w), theirs);
                suite.compare(
                        "convolution",
                        l.shape(),
                        () -> c.value(x, w).close(),
                        "libtorch",
                        torch.version(),
                        Libtorch.work(theirs));
            });
        }
    }
}
