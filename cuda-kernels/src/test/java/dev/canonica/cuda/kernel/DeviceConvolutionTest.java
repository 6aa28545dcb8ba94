package dev.canonica.cuda.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cuda.CudaDevice;
import dev.canonica.cuda.Emulated;
import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DeviceConvolutionTest {
    private static final Filters SIZES =
            new Filters(3, 1, 33, 5, new Window(16, 15, 3, 3, 1, 1, 1, 1, 16, 15)); // sums that are cut

    @AfterEach
    void asByDefault() {
        System.clearProperty(DeviceConvolution.PROPERTY);
    }

    private static DeviceConvolution chosen(boolean cublas) {
        CudaDevice device = Emulated.device();
        CudaKernels kernels = new CudaKernels(device, device.launches(), false, device.tiled());
        return DeviceConvolution.of(device.launches(), kernels, new DeviceWorkspace(device, device.context()), cublas);
    }

    @Test
    void writesPatchesWhereCublasMultipliesThem() {
        assertThat(chosen(true)).isInstanceOf(PatchConvolution.class);
        assertThat(chosen(false)).isInstanceOf(ImplicitConvolution.class);
    }

    @Test
    void goesTheWayThatIsAskedFor() {
        System.setProperty(DeviceConvolution.PROPERTY, "patches");
        assertThat(chosen(false)).isInstanceOf(PatchConvolution.class);
        System.setProperty(DeviceConvolution.PROPERTY, "implicit");
        assertThat(chosen(true)).isInstanceOf(ImplicitConvolution.class);
        System.setProperty(DeviceConvolution.PROPERTY, "winograd");
        assertThatThrownBy(() -> chosen(true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Dcanonica.cuda.convolution: 'winograd' is not one of implicit, patches");
    }

    @Test
    @Tag("emulator")
    void givesTheSameBitsInEveryOrderOfBlocks() {
        CudaDevice device = Emulated.device();
        double[][] first = results(device);
        for (int seed = 1; seed <= 3; seed++) {
            try (EmulatedDriver driver = new EmulatedDriver()) {
                driver.order(EmulatedDriver.Order.RANDOM, seed);
                assertThat(results(device)).isDeepEqualTo(first);
            }
        }
    }

    /** y, the adjoint by the images and that by the filters. */
    private static double[][] results(CudaDevice device) {
        Window w = SIZES.window();
        Shape images = Shape.of(SIZES.batch(), SIZES.channels(), w.height(), w.width());
        Shape filters = Shape.of(SIZES.outputs(), SIZES.filterSize());
        Shape outputs = Shape.of(SIZES.batch(), SIZES.outputs(), w.rows(), w.columns());
        try (Scope _ = Scope.open();
                Addresses at = Addresses.open()) {
            CudaKernels kernels = new CudaKernels(device, device.launches(), false, device.tiled());
            ImplicitConvolution c =
                    new ImplicitConvolution(device.launches(), kernels, new DeviceWorkspace(device, device.context()));
            Tensor x = normal(images).to(device);
            Tensor f = normal(filters).to(device);
            Tensor y = Tensor.zeros(device, DType.F32, outputs);
            Tensor pulled = Tensor.zeros(device, DType.F32, images);
            Tensor gradient = Tensor.zeros(device, DType.F32, filters);
            c.value(SIZES, at.of(x), at.of(f), 0, at.of(y));
            c.pullImages(SIZES, at.of(y), at.of(f), at.of(pulled));
            c.pullFilters(SIZES, at.of(x), at.of(y), at.of(gradient));
            return new double[][] {y.toDoubles(), pulled.toDoubles(), gradient.toDoubles()};
        }
    }

    private static Tensor normal(Shape shape) {
        return Tensor.normal(DType.F32, shape, new Philox(shape.rank()));
    }

    @Test
    void takesNoMemoryForPatches() {
        CudaDevice device = Emulated.device();
        int side = 64;
        Filters f = new Filters(1, 1, 16, 2, new Window(side, side, 3, 3, 1, 1, 1, 1, side, side));
        CudaKernels kernels = new CudaKernels(device, device.launches(), false, device.tiled());
        try (Scope _ = Scope.open();
                Addresses at = Addresses.open()) {
            Tensor x = Tensor.zeros(device, DType.F32, Shape.of(16, side, side));
            Tensor w = Tensor.zeros(device, DType.F32, Shape.of(2, 16, 3, 3));
            Tensor y = Tensor.zeros(device, DType.F32, Shape.of(2, side, side));
            long image = 4 * x.size();
            long before = device.liveBytes();
            new ImplicitConvolution(device.launches(), kernels, new DeviceWorkspace(device, device.context()))
                    .value(f, at.of(x), at.of(w), 0, at.of(y));
            assertThat(device.liveBytes() - before).isLessThan(image);
            before = device.liveBytes();
            new PatchConvolution(device.launches(), kernels, new DeviceWorkspace(device, device.context()))
                    .value(f, at.of(x), at.of(w), 0, at.of(y));
            assertThat(device.liveBytes() - before).isGreaterThanOrEqualTo(9 * image);
        }
    }
}
