package dev.canonica.cuda;

import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import org.junit.jupiter.api.Assumptions;

/** The device of the tests: the emulated one, whose driver Maven puts on the library path, or a real one where it does not. */
public final class Emulated {
    private Emulated() {}

    /** Skips the test, with the reason, where there is no device. */
    public static CudaDevice device() {
        try {
            return (CudaDevice) Device.cuda(0);
        } catch (DeviceException e) {
            return Assumptions.abort("no device to test on: " + e.getMessage());
        }
    }

    /** The modes in which kernels are run on the emulated device; each ends when it is closed. */
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
