package dev.canonica.cuda;

import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.tensor.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The emulated device of this process. */
final class Emulated {
    private Emulated() {}

    /** Skips the test, with the reason, where there is no emulator. */
    static void assumed() {
        String folder = System.getProperty("canonica.cuda.emulator", "target/emulator");
        Assumptions.assumeTrue(
                Files.exists(Path.of(folder, "libcuda.so.1")),
                "g++ is missing, with which the kernels are compiled for the emulated device (apt-get install g++)");
    }

    static CudaDevice device() {
        assumed();
        return (CudaDevice) Device.cuda(0);
    }

    /** The modes in which kernels are run; each ends when it is closed. */
    enum Mode {
        PLAIN,
        RANDOM_ORDER,
        GUARDED,
        ASYNCHRONOUS;

        EmulatedDriver begin() {
            EmulatedDriver driver = new EmulatedDriver();
            return switch (this) {
                case PLAIN -> driver.plain();
                case RANDOM_ORDER -> driver.order(EmulatedDriver.Order.RANDOM, 7);
                case GUARDED -> driver.guard();
                case ASYNCHRONOUS -> driver.async();
            };
        }
    }
}
