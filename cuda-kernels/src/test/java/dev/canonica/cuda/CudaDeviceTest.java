package dev.canonica.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.Launch;
import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.OutOfTensorMemoryException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.memory.Addresses;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CudaDeviceTest {
    @Test
    void bringsTensorsInAndOut() {
        bringInAndOut(Emulated.device());
    }

    @Test
    void drawsTheNumbersOfTheProcessor() {
        draw(Emulated.device());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    @Tag("emulator")
    void doesSoInEveryMode(Emulated.Mode mode) {
        Device cuda = Emulated.device();
        try (EmulatedDriver _ = mode.begin()) {
            bringInAndOut(cuda);
            draw(cuda);
        }
    }

    private static void bringInAndOut(Device cuda) {
        try (Scope _ = Scope.open()) {
            // longer than the ring of staging buffers, so that each is used twice
            Tensor x = Tensor.normal(DType.F32, Shape.of(5_000_001), new Philox(3));
            Tensor there = x.to(cuda);
            try (Addresses at = Addresses.open()) {
                x.kernels().fill(0, at.of(x), x.size());
            } // what has been brought in is no longer needed
            assertThat(there.to(Device.cpu()).toFloats())
                    .isEqualTo(
                            Tensor.normal(DType.F32, x.shape(), new Philox(3)).toFloats());
            for (DType type : DType.values()) {
                Tensor t = Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3).to(type);
                assertThat(t.to(cuda).transpose().toDoubles())
                        .isEqualTo(t.transpose().toDoubles());
                assertThat(t.to(cuda).gather(Tensor.of(new long[] {1}, 1)).toDoubles())
                        .isEqualTo(t.rows(1, 2).toDoubles());
                for (DType target : DType.values()) {
                    assertThat(t.to(cuda).to(target).toDoubles())
                            .isEqualTo(t.to(target).toDoubles());
                }
                assertThat(Tensor.zeros(cuda, type, Shape.of(3)).toDoubles()).containsOnly(0);
            }
        }
    }

    private static void draw(Device cuda) {
        for (DType type : new DType[] {DType.F32, DType.F64}) {
            for (int n : new int[] {0, 1, 7, 100_001}) {
                Philox random = new Philox(-3, 1L << 40).child(n);
                double[] expected = Tensor.normal(type, Shape.of(n), random).toDoubles();
                Tensor drawn = Session.current().withDevice(cuda).call(() -> Tensor.normal(type, Shape.of(n), random));
                assertThat(drawn.device()).isEqualTo(cuda);
                assertThat(drawn.toDoubles()).isEqualTo(expected);
            }
        }
    }

    @Test
    @Tag("emulator")
    void givesBlocksOutAgainWhileWorkOnThemIsQueued() {
        Device cuda = Emulated.device();
        try (EmulatedDriver _ = Emulated.Mode.ASYNCHRONOUS.begin()) {
            Tensor y = Tensor.full(cuda, DType.F32, Shape.of(1000), 1);
            for (int i = 0; i < 20; i++) {
                try (Scope scope = Scope.open()) {
                    y = scope.keep(y.plus(y.times(2)).affine(0.5, 0)); // 3/2 of it
                }
            }
            assertThat(y.toFloats()).containsOnly((float) Math.pow(1.5, 20));
            assertThat(cuda.liveBytes()).isLessThan(64 << 20);
        }
    }

    @Test
    void servesVirtualThreads() throws InterruptedException {
        Device cuda = Emulated.device();
        AtomicReference<float[]> result = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> result.set(Tensor.of(new float[] {4, 9}, 2)
                        .to(cuda)
                        .map(Unary.SQRT)
                        .toFloats()))
                .join();
        assertThat(result.get()).containsExactly(2, 3);
    }

    @Test
    @Tag("emulator")
    void saysHowMuchMemoryWasAskedForAndIsThere() {
        Device cuda = Emulated.device();
        assertThatThrownBy(() -> Tensor.uninitialised(cuda, DType.F64, Shape.of(2_000_000_000)))
                .isInstanceOf(OutOfTensorMemoryException.class)
                .hasMessageMatching(
                        "out of tensor memory: asked for 14\\.9 GiB, held by tensors .*, allowed 7\\.\\d GiB"
                                + " \\(what was free on cuda:0; smaller batches need less\\)");
        try (EmulatedDriver driver = new EmulatedDriver()) {
            driver.memory(1 << 20); // another program has taken it since
            assertThatThrownBy(() -> Tensor.uninitialised(cuda, DType.F64, Shape.of(10_000_000)))
                    .isInstanceOf(OutOfTensorMemoryException.class)
                    .hasMessageStartingWith("out of tensor memory: asked for 76.3 MiB");
        }
    }

    @Test
    @Tag("emulator")
    void givesCachedBlocksBackBeforeItRunsOutOfMemory() {
        CudaDevice cuda = Emulated.device();
        Tensor.uninitialised(cuda, DType.F32, Shape.of(16 << 20)).close(); // 64 MiB, which the pool keeps
        try (EmulatedDriver driver = new EmulatedDriver()) {
            long used = (8L << 30) - cuda.source().available();
            driver.memory(used + (16 << 20));
            try (Tensor larger = Tensor.full(cuda, DType.F32, Shape.of(18 << 20), 3)) { // no block of it is cached
                assertThat(larger.rows(1000, 1003).toFloats()).containsOnly(3);
            }
        }
    }

    @Test
    void refusesGridsThatAreTooLarge() {
        CudaContext context = Emulated.device().context();
        Launch launch = new Launch();
        assertThatThrownBy(() -> launch.begin().grid(context, "fill_f32", 1L << 31, 1, 1, 32, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cuda:0: fill_f32: a grid of 2147483648 x 1 x 1 blocks is too large");
        assertThatThrownBy(() -> launch.begin().grid(context, "fill_f32", 1, 65536, 1, 32, 1))
                .hasMessageContaining("1 x 65536 x 1");
        assertThatThrownBy(() -> launch.begin().grid(context, "fill_f32", 1, 1, 65536, 32, 1))
                .hasMessageContaining("1 x 1 x 65536");
    }

    @ParameterizedTest
    @CsvSource({"700, CUDA_ERROR_ILLEGAL_ADDRESS", "719, CUDA_ERROR_LAUNCH_FAILED"})
    @Tag("emulator")
    void saysWhatWasRunningWhenTheDeviceWasLost(int error, String name) {
        Device cuda = Emulated.device();
        Tensor x = Tensor.full(cuda, DType.F32, Shape.of(10), 1);
        cuda.synchronize();
        CudaContext own = new CudaContext(0); // another user of the device, who may lose it
        try (EmulatedDriver driver = new EmulatedDriver()) {
            driver.async().fault(error, 1);
            Launch launch = new Launch();
            launch.begin()
                    .real(false, 1)
                    .address(Addresses.open().of(x))
                    .count(10)
                    .elements(own, "fill_f32", 10);
            String message = "cuda:0: cuStreamSynchronize failed: " + name + " (" + error
                    + "); the device is lost to this" + " process, start again. Running, the latest last: fill_f32";
            assertThatThrownBy(own::synchronize)
                    .isInstanceOf(DeviceException.class)
                    .hasMessage(message);
            driver.revive();
            assertThatThrownBy(own::synchronize).hasMessage(message);
        }
        assertThat(x.plus(1).toFloats()).containsOnly(2);
    }

    @Test
    void isDescribed() {
        CudaDevice device = Emulated.device();
        CudaProvider provider = new CudaProvider();
        assertThat(provider.describe()).contains("cuda:0: ", "compute capability ", "driver for CUDA 1");
        assertThat(provider.device(0)).isSameAs(Device.cuda(0)).hasToString("cuda:0");
        assertThat(device.products()).isIn("cuBLAS in F32", "own matrix products");
        assertThatThrownBy(() -> Device.cuda(999))
                .isInstanceOf(DeviceException.class)
                .hasMessageMatching("cuda:999: there is no such device: \\d+ (is|are) there, from cuda:0 on");
    }
}
