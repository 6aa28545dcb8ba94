package dev.canonica.benchmarks;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.Supplier;

/**
 * Arrays of libtorch, by DJL. Its machine code is 110 MB and not on the class path unless the module was built with {@code -Ppeers}; then it is copied
 * out of the archive, never fetched.
 */
final class Libtorch implements AutoCloseable {
    private static final String NATIVES = "native/lib/pytorch.properties";

    private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();

    private Libtorch() {}

    static boolean isPresent() {
        return Libtorch.class.getClassLoader().getResource(NATIVES) != null;
    }

    /** On so many threads; the process's first call decides. */
    static Libtorch open(int threads) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        return new Libtorch();
    }

    String version() {
        return "libtorch " + Engine.getEngine("PyTorch").getVersion();
    }

    NDArray array(float[] values, long... dims) {
        return manager.create(values, new Shape(dims));
    }

    NDArray array(Tensor t) {
        int[] dims = t.shape().dims();
        long[] sizes = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            sizes[i] = dims[i];
        }
        return array(t.toFloats(), sizes);
    }

    /**
     * The convolution of images [B, C, H, W] with square filters [F, C, K, K].
     *
     * @param padding on each side
     */
    Supplier<NDArray> convolution(Tensor x, Tensor w, int stride, int padding) {
        NDArray images = array(x);
        NDArray filters = array(w);
        NDArray bias = array(new float[w.dim(0)], w.dim(0));
        return () -> images.getNDArrayInternal()
                .convolution(
                        images,
                        filters,
                        bias,
                        new Shape(stride, stride),
                        new Shape(padding, padding),
                        new Shape(1, 1),
                        1)
                .singletonOrThrow();
    }

    /** Computes and gives the result's memory back. */
    static Runnable work(Supplier<NDArray> result) {
        return () -> result.get().close();
    }

    static float[] values(Supplier<NDArray> result) {
        try (NDArray y = result.get()) {
            return y.toFloatArray();
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
