package dev.canonica.cuda.driver;

import static jcuda.driver.CUresult.CUDA_SUCCESS;

import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.memory.PerThread;
import java.util.StringJoiner;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUfunction;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * A device's context: the one stream in which all its work is done in order, what takes work down instead ({@link StreamCapture}), and the
 * kernels.
 *
 * <p>The driver keeps the current context for each thread of the system. Calls therefore go through {@link #call}, which makes this
 * context the thread's own, and hands the calls of virtual threads, which change their carriers, to a thread that stays.
 *
 * <p>A kernel that fails takes the context with it. From then on every call fails with the same message, which says what was running.
 */
public final class CudaContext {
    private static final PerThread<AtomicReference<@Nullable CudaContext>> CURRENT =
            new PerThread<>(AtomicReference::new);
    private static final int RECENT = 6;

    private final String name;
    private final int capability;
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final Modules modules;
    private final StreamCapture capture = new StreamCapture(this);
    private final ExecutorService platform;
    private final String[] recent = new String[RECENT];
    private int launched; // since the last time that all was done
    private volatile @Nullable String lost;

    /** With the kernels that {@code -Dcanonica.cuda.nvrtc} asks for. */
    public CudaContext(int ordinal) {
        this(ordinal, CompiledKernels::asked);
    }

    /**
     * With kernels of one's own.
     *
     * @param kernels those for a compute capability, given as 80
     */
    public CudaContext(int ordinal, IntFunction<CompiledKernels> kernels) {
        this.name = "cuda:" + ordinal;
        CUdevice device = Driver.device(ordinal);
        this.capability = Driver.capability(device);
        this.modules = new Modules(this, kernels.apply(capability));
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                100,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("canonica-" + name).factory());
        one.allowCoreThreadTimeOut(true);
        this.platform = one;
        Driver.check("cuDevicePrimaryCtxRetain", () -> JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        call("cuStreamCreate", () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    }

    /** The kernels. */
    Modules modules() {
        return modules;
    }

    /** Compute capability, as 75 for 7.5. */
    public int capability() {
        return capability;
    }

    /** The stream for what the calling thread asks for. */
    public CUstream stream() {
        return capture.isOn() ? capture.stream() : stream;
    }

    /** What takes down a thread's calls instead of doing them. */
    public StreamCapture capture() {
        return capture;
    }

    /**
     * Calls the driver.
     *
     * @throws DeviceException if it fails, or the device is lost
     */
    public void call(String what, IntSupplier driver) {
        check(what, attempt(driver));
    }

    /**
     * Looks at the result of a call.
     *
     * @throws DeviceException if it is a failure
     */
    void check(String what, int result) {
        if (result != CUDA_SUCCESS) {
            throw failed(what, result);
        }
    }

    /** Calls the driver to give something back, which fails only where nothing is left to be given. */
    public void giveBack(IntSupplier driver) {
        if (lost == null) {
            int ignored = attempt(driver);
        }
    }

    /** Calls the driver and returns its result. */
    public int attempt(IntSupplier driver) {
        String message = lost;
        if (message != null) {
            throw new DeviceException(message);
        }
        if (!Thread.currentThread().isVirtual()) {
            return bound(driver);
        }
        Future<Integer> call = platform.submit(() -> bound(driver));
        boolean interrupted =
                false; // which the driver knows nothing of: its call goes on, and uses what the caller holds
        try {
            while (true) {
                try {
                    return call.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(name + ": a call of the driver failed", e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private int bound(IntSupplier driver) {
        // Results are looked at here; who else uses JCuda in this process may want exceptions.
        JCudaDriver.setExceptionsEnabled(false);
        if (CURRENT.get().get() != this) {
            int result = JCudaDriver.cuCtxSetCurrent(context);
            if (result != CUDA_SUCCESS) {
                return result;
            }
            CURRENT.get().set(this);
        }
        return driver.getAsInt();
    }

    RuntimeException failed(String what, int result) {
        String error = name + ": " + what + " failed: " + CUresult.stringFor(result) + " (" + result + ")";
        if (result >= CUresult.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
                && result <= CUresult.CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD) {
            return new RecordingException(error);
        }
        if (!takesTheContext(result)) {
            return new DeviceException(error);
        }
        String message =
                error + "; the device is lost to this process, start again. Running, the latest last: " + running();
        lost = message;
        return new DeviceException(message);
    }

    /** Errors of kernels, after which the driver refuses all work in this process. */
    private static boolean takesTheContext(int result) {
        return switch (result) {
            case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                    CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_ECC_UNCORRECTABLE -> true;
            default -> false;
        };
    }

    private synchronized String running() {
        StringJoiner names = new StringJoiner(", ");
        for (int i = Math.max(0, launched - RECENT); i < launched; i++) {
            names.add(recent[i % RECENT]);
        }
        return launched == 0 ? "nothing" : names.toString();
    }

    /** Waits until all that was asked for is done. */
    public void synchronize() {
        if (capture.isOn()) {
            throw new RecordingException(name + ": what is recorded cannot be waited for, since it is not done yet");
        }
        call("cuStreamSynchronize", () -> JCudaDriver.cuStreamSynchronize(stream));
        synchronized (this) {
            launched = 0;
        }
    }

    /** Queues a kernel whose parameters lie at the addresses that {@code parameters} is an array of. */
    synchronized void launch(String kernel, long gx, long gy, long gz, int bx, int by, Pointer parameters) {
        if (gx > Integer.MAX_VALUE || gy > 65535 || gz > 65535) {
            throw new IllegalArgumentException(
                    name + ": " + kernel + ": a grid of " + gx + " x " + gy + " x " + gz + " blocks is too large");
        }
        CUfunction function = modules.function(kernel);
        launched(kernel);
        CUstream on = stream();
        call(
                kernel,
                () -> JCudaDriver.cuLaunchKernel(
                        function, (int) gx, (int) gy, (int) gz, bx, by, 1, 0, on, parameters, null));
    }

    /** Notes work that a library was asked for. */
    public synchronized void launched(String what) {
        if (!capture.isOn()) {
            recent[launched++ % RECENT] = what;
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
