package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.Launches;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Kernels;

/** Convolutions on a device, as {@link Kernels#convolution} and its adjoints say. */
interface DeviceConvolution {
    String PROPERTY = "canonica.cuda.convolution";

    void value(Filters f, long x, long w, long bias, long y);

    void pullImages(Filters f, long u, long w, long x);

    void pullFilters(Filters f, long x, long u, long w);

    /**
     * The way that {@code -Dcanonica.cuda.convolution=implicit|patches} asks for. By default patches are written where cuBLAS multiplies them, and
     * gathered as they are needed where this project's own kernel would.
     *
     * @throws IllegalArgumentException if the property names neither
     */
    static DeviceConvolution of(Launches launches, CudaKernels kernels, DeviceWorkspace workspace, boolean cublas) {
        String asked = System.getProperty(PROPERTY, cublas ? "patches" : "implicit");
        return switch (asked) {
            case "implicit" -> new ImplicitConvolution(launches, kernels, workspace);
            case "patches" -> new PatchConvolution(launches, kernels, workspace);
            default ->
                throw new IllegalArgumentException(
                        "-D" + PROPERTY + ": '" + asked + "' is not one of implicit, patches");
        };
    }
}
