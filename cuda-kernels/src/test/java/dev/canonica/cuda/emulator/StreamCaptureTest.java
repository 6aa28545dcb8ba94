package dev.canonica.cuda.emulator;

import static dev.canonica.cuda.emulator.Planted.THREADS;
import static dev.canonica.cuda.emulator.Planted.allocate;
import static dev.canonica.cuda.emulator.Planted.counting;
import static dev.canonica.cuda.emulator.Planted.download;
import static dev.canonica.cuda.emulator.Planted.kernel;
import static dev.canonica.cuda.emulator.Planted.upload;
import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL;
import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static jcuda.driver.CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_ACTIVE;
import static jcuda.driver.CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_INVALIDATED;
import static jcuda.driver.CUstreamCaptureStatus.CU_STREAM_CAPTURE_STATUS_NONE;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamIsCapturing;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static jcuda.driver.JCudaDriver.cuThreadExchangeStreamCaptureMode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUstream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Stream capture and graphs of the emulated driver, and what is refused while a stream is captured. */
@Tag("emulator")
@EnabledIf(value = "dev.canonica.cuda.emulator.Emulator#isBuilt", disabledReason = Emulator.MISSING)
class StreamCaptureTest {
    private static final int BLOCKING = 0;
    private static final int NON_BLOCKING = 1;
    private static final String UNSUPPORTED = "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED";
    private static final String INVALIDATED = "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED";

    private final EmulatedDriver driver = new EmulatedDriver();

    @BeforeEach
    void useDevice() {
        driver.plain();
        Planted.useDevice();
    }

    @AfterEach
    void restore() {
        driver.close();
    }

    private static void fails(String error, ThrowingCallable call) {
        assertThatThrownBy(call).hasMessage(error);
    }

    private static CUstream stream(int flags) {
        var stream = new CUstream();
        cuStreamCreate(stream, flags);
        return stream;
    }

    private static CUstream capturing(int flags, int mode) {
        CUstream stream = stream(flags);
        cuStreamBeginCapture(stream, mode);
        return stream;
    }

    private static CUstream capturing() {
        return capturing(NON_BLOCKING, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
    }

    private static CUgraph end(CUstream stream) {
        var graph = new CUgraph();
        cuStreamEndCapture(stream, graph);
        return graph;
    }

    private static CUgraphExec executable(CUgraph graph) {
        var executable = new CUgraphExec();
        cuGraphInstantiate(executable, graph, 0);
        cuGraphDestroy(graph);
        return executable;
    }

    private static int status(CUstream stream) {
        int[] status = {-1};
        cuStreamIsCapturing(stream, status);
        return status[0];
    }

    private static CUfunction fill() {
        return kernel("planted_fill", ".param .u64 y, .param .align 8 .b8 fill[16]", "\n.maxntid 64, 1, 1\n");
    }

    /** The parameters of fill, which may be written to once the launch has returned. */
    private static ByteBuffer value(float value) {
        return ByteBuffer.allocateDirect(16)
                .order(ByteOrder.nativeOrder())
                .putFloat(0, value)
                .putLong(8, THREADS);
    }

    private static void fill(CUfunction fill, CUdeviceptr y, ByteBuffer value, CUstream stream) {
        cuLaunchKernel(fill, 1, 1, 1, THREADS, 1, 1, 0, stream, Pointer.to(Pointer.to(y), Pointer.to(value)), null);
    }

    /** Fill y with 7, reverse it into z, copy z to y, set the first number of z to 0. */
    private static CUgraphExec graph(CUdeviceptr x, CUdeviceptr y, CUdeviceptr z) {
        CUfunction fill = fill();
        CUfunction reverse = kernel("planted_reverse");
        CUstream stream = capturing();
        ByteBuffer value = value(7);
        fill(fill, y, value, stream);
        value.putFloat(0, 8); // too late
        Planted.launch(reverse, 1, stream, Pointer.to(x), Pointer.to(z));
        cuMemcpyDtoDAsync(y, z, 4L * (THREADS - 1), stream);
        cuMemsetD8Async(z, (byte) 0, 4, stream);
        return executable(end(stream));
    }

    private void capturesAndReplays() {
        CUdeviceptr x = upload(counting());
        CUdeviceptr y = allocate(THREADS);
        CUdeviceptr z = allocate(THREADS);
        CUgraphExec graph = graph(x, y, z);
        assertThat(download(y, THREADS)).containsOnly(Float.NaN); // nothing has been done yet
        CUstream stream = stream(NON_BLOCKING);
        cuGraphLaunch(graph, stream);
        cuStreamSynchronize(stream);
        assertThat(download(y, THREADS)).startsWith(63, 62, 61).endsWith(2, 1, 7);
        assertThat(download(z, THREADS)).startsWith(0, 62, 61);
        float[] other = counting();
        other[THREADS - 1] = -1;
        cuMemcpyDtoDAsync(x, upload(other), 4L * THREADS, stream);
        cuGraphLaunch(graph, stream); // on what x holds now
        cuGraphExecDestroy(graph); // while it may still be queued
        cuStreamSynchronize(stream);
        assertThat(download(y, THREADS)).startsWith(-1, 62, 61).endsWith(2, 1, 7);
        fails("CUDA_ERROR_INVALID_VALUE", () -> cuGraphLaunch(graph, stream));
    }

    @Test
    void aGraphDoesWhatWasCapturedAsOftenAsItIsLaunched() {
        capturesAndReplays();
    }

    @Test
    void inEveryMode() {
        driver.async();
        capturesAndReplays();
        driver.plain().guard();
        capturesAndReplays();
        driver.plain().order(EmulatedDriver.Order.RANDOM, 3);
        capturesAndReplays();
    }

    @Test
    void aGraphKnowsItsNodes() {
        CUdeviceptr y = upload(counting());
        CUstream stream = capturing();
        cuMemsetD8Async(y, (byte) 0, 4, stream);
        cuMemsetD8Async(y, (byte) 1, 4, stream);
        CUgraph graph = end(stream);
        long[] count = new long[1];
        cuGraphGetNodes(graph, (CUgraphNode[]) null, count);
        assertThat(count[0]).isEqualTo(2);
        cuGraphDestroy(graph);
        fails("CUDA_ERROR_INVALID_VALUE", () -> cuGraphDestroy(graph));
    }

    @Test
    void aStreamSaysWhetherItIsCaptured() {
        CUstream stream = stream(NON_BLOCKING);
        assertThat(status(stream)).isEqualTo(CU_STREAM_CAPTURE_STATUS_NONE);
        cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL);
        assertThat(status(stream)).isEqualTo(CU_STREAM_CAPTURE_STATUS_ACTIVE);
        fails("CUDA_ERROR_ILLEGAL_STATE", () -> cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
        cuGraphDestroy(end(stream));
        assertThat(status(stream)).isEqualTo(CU_STREAM_CAPTURE_STATUS_NONE);
        fails("CUDA_ERROR_ILLEGAL_STATE", () -> end(stream));
        fails(UNSUPPORTED, () -> cuStreamBeginCapture(new CUstream(), CU_STREAM_CAPTURE_MODE_GLOBAL));
    }

    /** Breaks a capture, and checks that it is broken and that the stream can be used again once it has ended. */
    private static void breaks(String error, CUstream stream, ThrowingCallable call) {
        fails(error, call);
        assertThat(status(stream)).isEqualTo(CU_STREAM_CAPTURE_STATUS_INVALIDATED);
        fails(INVALIDATED, () -> {
            CUfunction fill = relaxed(StreamCaptureTest::fill);
            fill(fill, relaxed(() -> allocate(THREADS)), value(1), stream);
        });
        fails(INVALIDATED, () -> end(stream));
        assertThat(status(stream)).isEqualTo(CU_STREAM_CAPTURE_STATUS_NONE);
        cuStreamSynchronize(stream);
    }

    private static <T> T relaxed(Supplier<T> work) {
        int[] mode = {CU_STREAM_CAPTURE_MODE_RELAXED};
        cuThreadExchangeStreamCaptureMode(mode);
        try {
            return work.get();
        } finally {
            cuThreadExchangeStreamCaptureMode(mode);
        }
    }

    @Test
    void aStreamThatIsCapturedCannotBeWaitedFor() {
        CUstream stream = capturing();
        breaks(UNSUPPORTED, stream, () -> cuStreamSynchronize(stream));
        CUstream relaxed = capturing(NON_BLOCKING, CU_STREAM_CAPTURE_MODE_RELAXED);
        breaks(UNSUPPORTED, relaxed, () -> cuStreamSynchronize(relaxed)); // in this mode, too
    }

    @Test
    void callsThatWaitOrAllocateBreakACapture() {
        CUdeviceptr y = upload(counting());
        CUstream allocating = capturing();
        breaks(UNSUPPORTED, allocating, () -> allocate(1));
        CUstream freeing = capturing();
        breaks(UNSUPPORTED, freeing, () -> cuMemFree(y));
        CUstream copying = capturing();
        breaks(UNSUPPORTED, copying, () -> download(y, 1));
        CUstream loading = capturing();
        breaks(UNSUPPORTED, loading, StreamCaptureTest::fill);
        var event = new CUevent();
        cuEventCreate(event, 0);
        cuEventRecord(event, stream(NON_BLOCKING));
        CUstream waiting = capturing();
        breaks(UNSUPPORTED, waiting, () -> cuEventSynchronize(event));
    }

    @Test
    void theyDoNotWhereTheModeOfTheCaptureOrOfTheThreadIsRelaxed() {
        CUstream stream = capturing(NON_BLOCKING, CU_STREAM_CAPTURE_MODE_RELAXED);
        cuMemFree(allocate(1));
        cuGraphDestroy(end(stream));
        CUstream local = capturing();
        CUdeviceptr y = relaxed(() -> allocate(1));
        cuGraphDestroy(end(local));
        cuMemFree(y);
    }

    @Test
    void otherThreadsAreBoundByGlobalCapturesAlone() {
        CUstream local = capturing();
        CompletableFuture.runAsync(StreamCaptureTest::allocateElsewhere).join();
        cuGraphDestroy(end(local));
        CUstream global = capturing(NON_BLOCKING, CU_STREAM_CAPTURE_MODE_GLOBAL);
        assertThatThrownBy(() -> CompletableFuture.runAsync(StreamCaptureTest::allocateElsewhere)
                        .join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining(UNSUPPORTED);
        fails(INVALIDATED, () -> end(global));
    }

    private static void allocateElsewhere() {
        Planted.useDevice();
        cuMemFree(allocate(1));
    }

    @Test
    void anotherThreadCannotEndACapture() {
        CUstream stream = capturing();
        assertThatThrownBy(() -> CompletableFuture.runAsync(() -> {
                            Planted.useDevice();
                            end(stream);
                        })
                        .join())
                .hasMessageContaining("CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD");
        cuGraphDestroy(end(stream));
    }

    @Test
    void theLegacyStreamCannotWaitForABlockingStreamThatIsCaptured() {
        CUdeviceptr y = upload(counting());
        CUfunction fill = fill();
        CUstream blocking = capturing(BLOCKING, CU_STREAM_CAPTURE_MODE_RELAXED);
        breaks("CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", blocking, () -> fill(fill, y, value(3), new CUstream()));
        CUstream other = capturing();
        fill(fill, y, value(3), new CUstream()); // goes its own way, and is done
        cuGraphDestroy(end(other));
        assertThat(download(y, 1)).containsExactly(3);
    }

    @Test
    void copiesOfMemoryThatIsNotPageLockedBreakACapture() {
        CUdeviceptr y = upload(counting());
        ByteBuffer ordinary = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
        CUstream stream = capturing();
        breaks(UNSUPPORTED, stream, () -> cuMemcpyHtoDAsync(y, Pointer.to(ordinary), 4, stream));
        var host = new Pointer();
        cuMemAllocHost(host, 4);
        var pinned = host.getByteBuffer(0, 4).order(ByteOrder.nativeOrder()).asFloatBuffer();
        CUstream other = capturing();
        cuMemcpyHtoDAsync(y, host, 4, other);
        CUgraphExec graph = executable(end(other));
        for (float value : new float[] {4, 5}) { // is read whenever the graph is launched
            pinned.put(0, value);
            cuGraphLaunch(graph, other);
            cuStreamSynchronize(other);
            assertThat(download(y, 1)).containsExactly(value);
        }
        cuMemFreeHost(host);
    }

    @Test
    void eventsOfACaptureCannotBeWaitedFor() {
        var event = new CUevent();
        cuEventCreate(event, 0);
        CUstream stream = capturing();
        cuEventRecord(event, stream);
        cuStreamWaitEvent(stream, event, 0);
        fails("CUDA_ERROR_CAPTURED_EVENT", () -> cuEventSynchronize(event));
        cuGraphDestroy(end(stream));
        cuEventRecord(event, stream);
        cuEventSynchronize(event); // is one of the stream's own again
        CUstream other = capturing();
        breaks("CUDA_ERROR_STREAM_CAPTURE_ISOLATION", other, () -> cuStreamWaitEvent(other, event, 0));
    }

    @Test
    void aLaunchThatFailsInAGraphLosesTheContext() {
        CUgraphExec graph = graph(upload(counting()), allocate(THREADS), allocate(THREADS));
        CUstream stream = stream(NON_BLOCKING);
        driver.async().fault(719, 2);
        cuGraphLaunch(graph, stream);
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> cuStreamSynchronize(stream));
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> cuGraphLaunch(graph, stream));
    }

    @Test
    void underGuardAGraphThatUsesFreedMemoryIsNoticed() {
        driver.guard();
        CUdeviceptr y = allocate(THREADS);
        CUgraphExec graph = graph(upload(counting()), y, allocate(THREADS));
        cuMemFree(y);
        fails("CUDA_ERROR_ILLEGAL_ADDRESS", () -> {
            cuGraphLaunch(graph, stream(NON_BLOCKING));
        });
    }
}
