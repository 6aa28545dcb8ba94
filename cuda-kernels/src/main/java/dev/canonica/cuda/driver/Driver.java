package dev.canonica.cuda.driver;

import static jcuda.driver.CUresult.CUDA_ERROR_NO_DEVICE;
import static jcuda.driver.CUresult.CUDA_SUCCESS;

import dev.canonica.tensor.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntSupplier;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** The CUDA driver, loaded when it is first asked for; where it is missing, why, in one line. */
public final class Driver {
    /** Devices of less than this have no bfloat16 conversions and are not what the kernels are compiled for. */
    private static final int OLDEST = 75;

    private static final String LIBRARY = "libcuda.so.1";

    private static boolean tried;
    private static @Nullable DeviceException missing;

    private Driver() {}

    /**
     * Makes sure that the driver is there.
     *
     * @throws DeviceException if not, with what to install
     */
    static synchronized void start() {
        if (!tried) {
            tried = true;
            try {
                requireLibrary();
                Natives.load(() -> JCudaDriver.setExceptionsEnabled(false));
                check("cuInit", JCudaDriver.cuInit(0));
            } catch (UnsatisfiedLinkError e) {
                missing = new DeviceException(explained(String.valueOf(e.getMessage())), e);
            } catch (DeviceException e) {
                missing = e;
            }
        }
        if (missing != null) {
            throw new DeviceException(String.valueOf(missing.getMessage()), missing);
        }
    }

    /** Asks for the driver's library as JCuda will: where it is missing, as on most machines, JCuda's own need not be unpacked to learn that. */
    private static void requireLibrary() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(LIBRARY, arena);
        } catch (IllegalArgumentException e) {
            throw new DeviceException(explained(LIBRARY), e);
        }
    }

    private static String explained(String message) {
        if (message.contains("libcuda.so")) {
            return "NVIDIA's driver is missing (no libcuda.so.1): install it (Debian: apt-get install nvidia-driver; in a container: start it"
                    + " with --gpus all)";
        }
        return "JCuda has no library for this system (" + System.getProperty("os.name") + ", "
                + System.getProperty("os.arch")
                + "): put jcuda-natives for it on the class path; linux-x86_64 is what is built with";
    }

    /** How many devices there are. */
    public static int count() {
        start();
        int[] n = {0};
        check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(n));
        return n[0];
    }

    /**
     * The device of a number.
     *
     * @throws DeviceException if there is none, or if it is too old
     */
    static CUdevice device(int ordinal) {
        int count = count();
        if (ordinal >= count) {
            throw new DeviceException(
                    "there is no such device: " + count + (count == 1 ? " is" : " are") + " there, from cuda:0 on");
        }
        CUdevice device = new CUdevice();
        check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
        int capability = capability(device);
        if (capability < OLDEST) {
            throw new DeviceException(name(device) + " has compute capability " + dotted(capability)
                    + "; 7.5 (Turing) or newer is needed");
        }
        return device;
    }

    static String name(CUdevice device) {
        byte[] text = new byte[256];
        check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(text, text.length, device));
        return new String(text, StandardCharsets.UTF_8).replace("\0", "").strip();
    }

    /** A device's compute capability, as 80 for 8.0. */
    public static int capability(CUdevice device) {
        return 10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    }

    private static int attribute(CUdevice device, int which) {
        int[] value = {0};
        check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
        return value[0];
    }

    /** Name, compute capability and memory of a device, for people. */
    public static String described(int ordinal) {
        CUdevice device = device(ordinal);
        long[] bytes = {0};
        check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(bytes, device));
        return String.format(
                Locale.ROOT,
                "cuda:%d: %s, compute capability %s, %.1f GiB",
                ordinal,
                name(device),
                dotted(capability(device)),
                bytes[0] / 0x1p30);
    }

    private static String dotted(int capability) {
        return capability / 10 + "." + capability % 10;
    }

    /** The newest CUDA that the driver can run, as 12.6. */
    public static String version() {
        int[] v = {0};
        check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(v));
        return v[0] / 1000 + "." + v[0] % 1000 / 10;
    }

    /**
     * For calls before there is a context.
     *
     * @throws DeviceException if the call failed
     */
    static void check(String call, int result) {
        if (result == CUDA_ERROR_NO_DEVICE) {
            throw new DeviceException(
                    "NVIDIA's driver is there, but finds no GPU (nvidia-smi says more; CUDA_VISIBLE_DEVICES may hide it)");
        }
        if (result != CUDA_SUCCESS) {
            throw new DeviceException(call + " failed: " + CUresult.stringFor(result) + " (" + result + ")");
        }
    }

    static void check(String call, IntSupplier driver) {
        check(call, driver.getAsInt());
    }
}
