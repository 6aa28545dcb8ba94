package dev.canonica.cuda.driver;

import dev.canonica.tensor.RecordingException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * Takes down what one thread asks of the device, on a stream of its own: the calls of other threads go on to the context's stream meanwhile, and are
 * done. One capture at a time.
 *
 * <p>The capture's mode is the thread's own ({@code CU_STREAM_CAPTURE_MODE_THREAD_LOCAL}), in which the driver refuses what it cannot take down.
 */
public final class StreamCapture {
    private final CudaContext context;
    private final CUstream stream = new CUstream();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean created;
    private @Nullable Capturer recorder; // of the thread that holds the lock
    private volatile @Nullable Thread thread; // whose calls are captured

    StreamCapture(CudaContext context) {
        this.context = context;
    }

    /** Whether the calling thread's calls are captured. */
    public boolean isOn() {
        return thread == Thread.currentThread();
    }

    /** For whom the calling thread's calls are captured; null if they are not. */
    public @Nullable Capturer recorder() {
        return isOn() ? recorder : null;
    }

    /** The stream that captures. */
    public CUstream stream() {
        return stream;
    }

    /**
     * Begins.
     *
     * @param owner takes what is brought in and asked for on the way
     * @param prepare is run before, when there is a stream
     */
    public void begin(@Nullable Capturer owner, Runnable prepare) {
        if (Thread.currentThread().isVirtual()) { // whose calls are another thread's
            throw new RecordingException(context + ": what a virtual thread asks for cannot be recorded");
        }
        if (lock.isHeldByCurrentThread()) {
            throw new RecordingException(context + ": a recording within a recording");
        }
        lock.lock();
        try {
            if (!created) {
                context.call(
                        "cuStreamCreate",
                        () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
                created = true;
            }
            prepare.run();
            context.call(
                    "cuStreamBeginCapture",
                    () -> JCudaDriver.cuStreamBeginCapture(
                            stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
            recorder = owner;
            thread = Thread.currentThread();
        } finally {
            if (!isOn()) {
                lock.unlock();
            }
        }
    }

    /**
     * Ends.
     *
     * @throws RecordingException if the driver has refused something on the way
     */
    public CUgraph end() {
        CUgraph graph = new CUgraph();
        try {
            context.call("cuStreamEndCapture", () -> JCudaDriver.cuStreamEndCapture(stream, graph));
        } finally {
            leave();
        }
        return graph;
    }

    /** Ends and forgets what was captured, whatever state it is in. */
    public void abandon() {
        CUgraph graph = new CUgraph();
        try {
            context.giveBack(() -> JCudaDriver.cuStreamEndCapture(stream, graph));
            context.giveBack(() -> JCudaDriver.cuGraphDestroy(graph)); // refused where the driver has made none
        } finally {
            leave();
        }
    }

    private void leave() {
        thread = null;
        recorder = null;
        lock.unlock();
    }

    /** Runs what is no part of the captured work, such as taking memory, on the context's own stream. */
    public <T> T aside(Supplier<T> work) {
        if (!isOn()) {
            return work.get();
        }
        int[] mode = {CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED};
        exchange(mode);
        thread = null;
        try {
            return work.get();
        } finally {
            thread = Thread.currentThread();
            exchange(mode);
        }
    }

    private void exchange(int[] mode) {
        context.call("cuThreadExchangeStreamCaptureMode", () -> JCudaDriver.cuThreadExchangeStreamCaptureMode(mode));
    }
}
