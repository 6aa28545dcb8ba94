package dev.canonica.cuda.emulator;

import static dev.canonica.cuda.emulator.Planted.THREADS;
import static dev.canonica.cuda.emulator.Planted.allocate;
import static dev.canonica.cuda.emulator.Planted.bytes;
import static dev.canonica.cuda.emulator.Planted.counting;
import static dev.canonica.cuda.emulator.Planted.download;
import static dev.canonica.cuda.emulator.Planted.kernel;
import static dev.canonica.cuda.emulator.Planted.launch;
import static dev.canonica.cuda.emulator.Planted.run;
import static dev.canonica.cuda.emulator.Planted.upload;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cuda.emulator.EmulatedDriver.Order;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.CompletableFuture;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The emulated driver computes what a right kernel computes, and notices what is planted. */
@Tag("emulator")
@EnabledIf(value = "dev.canonica.cuda.emulator.Emulator#isBuilt", disabledReason = Emulator.MISSING)
class EmulatedDriverTest {
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

    /** y[i] = i in reverse order. */
    private static float[] reversed() {
        float[] values = counting();
        for (int i = 0; i < THREADS; i++) {
            values[i] = THREADS - 1 - i;
        }
        return values;
    }

    private static Pointer fillArguments(CUdeviceptr y, float value, long n) {
        ByteBuffer fill = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
        fill.putFloat(0, value).putLong(8, n);
        return Pointer.to(Pointer.to(y), Pointer.to(fill));
    }

    private static CUfunction fillKernel() {
        return kernel("planted_fill", ".param .u64 y, .param .align 8 .b8 fill[16]", "\n.maxntid 64, 1, 1\n");
    }

    private static CUstream stream() {
        var stream = new CUstream();
        cuStreamCreate(stream, 1);
        return stream;
    }

    private static FloatBuffer pinned(Pointer p, int floats) {
        cuMemAllocHost(p, 4L * floats);
        return p.getByteBuffer(0, 4L * floats).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    @Test
    void rightKernelsComputeTheSameInEveryOrder() {
        for (Order order : Order.values()) {
            driver.order(order, 7);
            assertThat(run("planted_reverse")).containsExactly(reversed());
            float[] sums = run("planted_warp_sum");
            assertThat(sums[5]).isEqualTo(31 * 32 / 2);
            assertThat(sums[40]).isEqualTo(31 * 32 / 2 + 32 * 32);
        }
    }

    @Test
    void blocksOfTwoDimensionsAndSharedMemoryOfATemplate() {
        CUdeviceptr x = upload(counting());
        CUdeviceptr y = allocate(THREADS);
        cuLaunchKernel(
                kernel("planted_transpose"),
                1,
                1,
                1,
                8,
                8,
                1,
                0,
                new CUstream(),
                Pointer.to(Pointer.to(x), Pointer.to(y)),
                null);
        float[] values = download(y, THREADS);
        assertThat(values[1]).isEqualTo(8);
        assertThat(values[8 * 3 + 5]).isEqualTo(8 * 5 + 3);
    }

    private float[] numbers(Order order, int seed) {
        driver.order(order, seed);
        CUdeviceptr counter = upload(0);
        CUdeviceptr y = allocate(2 * THREADS);
        launch(kernel("planted_order"), 2, new CUstream(), Pointer.to(counter), Pointer.to(y));
        return download(y, 2 * THREADS);
    }

    @Test
    void theOrderOfThreadsAndBlocksIsAsAsked() {
        assertThat(numbers(Order.FORWARD, 1)[65]).isEqualTo(65);
        assertThat(numbers(Order.REVERSE, 1)[65]).isEqualTo(62);
        float[] random = numbers(Order.RANDOM, 1);
        assertThat(numbers(Order.RANDOM, 1)).containsExactly(random);
        assertThat(numbers(Order.RANDOM, 2)).isNotEqualTo(random).containsExactlyInAnyOrder(random);
    }

    @Test
    void aMissingBarrierGivesWrongValues() {
        assertThat(run("planted_missing_barrier")).isNotEqualTo(reversed()).contains(Float.NaN);
    }

    @Test
    void aDivergentBarrierEndsTheLaunch() {
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> run("planted_deadlock"));
        driver.revive();
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> run("planted_different_barriers"));
    }

    @Test
    void aShuffleFromALaneThatTakesNoPartEndsTheLaunch() {
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> run("planted_inactive_lane"));
        driver.revive();
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> run("planted_wrong_mask"));
    }

    @Test
    void aFailedAssertionEndsTheLaunch() {
        fails("CUDA_ERROR_ASSERT", () -> run("planted_assert"));
    }

    @Test
    void underGuardAnAccessOutOfBoundsEndsTheLaunch() {
        driver.guard();
        fails("CUDA_ERROR_ILLEGAL_ADDRESS", () -> run("planted_past_the_end"));
        fails("CUDA_ERROR_ILLEGAL_ADDRESS", () -> allocate(1)); // the context is lost
        driver.revive();
        assertThat(run("planted_reverse")).containsExactly(reversed());
    }

    @Test
    void withoutGuardAWriteOutOfBoundsIsNoticedWhenTheMemoryIsFreed() {
        CUdeviceptr x = upload(counting());
        CUdeviceptr y = allocate(THREADS);
        launch(kernel("planted_past_the_end"), 1, new CUstream(), Pointer.to(x), Pointer.to(y));
        fails("CUDA_ERROR_ILLEGAL_ADDRESS", () -> cuMemFree(y));
    }

    @Test
    void underGuardAUseAfterFreeEndsTheLaunch() {
        driver.guard();
        CUdeviceptr x = upload(counting());
        CUdeviceptr y = allocate(THREADS);
        cuMemFree(x);
        fails(
                "CUDA_ERROR_ILLEGAL_ADDRESS",
                () -> launch(kernel("planted_reverse"), 1, new CUstream(), Pointer.to(x), Pointer.to(y)));
    }

    @Test
    void copiesOutOfBoundsAreRefused() {
        CUdeviceptr x = upload(counting());
        fails("CUDA_ERROR_INVALID_VALUE", () -> download(x, THREADS + 1));
    }

    @Test
    void asynchronousWorkIsDoneWhenSomethingWaitsForIt() {
        driver.async();
        CUstream stream = stream();
        CUdeviceptr y = upload(counting());
        var host = new Pointer();
        FloatBuffer seen = pinned(host, THREADS);
        cuLaunchKernel(fillKernel(), 1, 1, 1, THREADS, 1, 1, 0, stream, fillArguments(y, 7, THREADS), null);
        cuMemcpyDtoHAsync(host, y, 4L * THREADS, stream);
        assertThat(seen.get(5)).isNaN();
        cuStreamSynchronize(stream);
        assertThat(seen.get(5)).isEqualTo(7);
        cuMemFreeHost(host);
    }

    @Test
    void asynchronousCopiesReadPinnedMemoryLateAndOtherMemoryAtOnce() {
        driver.async();
        CUstream stream = stream();
        var host = new Pointer();
        FloatBuffer pinned = pinned(host, 1);
        CUdeviceptr late = allocate(1);
        pinned.put(0, 1);
        cuMemcpyHtoDAsync(late, host, 4, stream);
        pinned.put(0, 2); // a bug: the copy may not have read it yet
        ByteBuffer ordinary = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
        CUdeviceptr early = allocate(1);
        ordinary.putFloat(0, 1);
        cuMemcpyHtoDAsync(early, Pointer.to(ordinary), 4, stream);
        ordinary.putFloat(0, 2);
        assertThat(download(late, 1)).containsExactly(2);
        assertThat(download(early, 1)).containsExactly(1);
        cuMemFreeHost(host);
    }

    @Test
    void anEventOrdersTwoStreams() {
        driver.async();
        CUstream first = stream();
        CUstream second = stream();
        CUdeviceptr y = upload(counting());
        var done = new CUevent();
        cuEventCreate(done, 0);
        cuLaunchKernel(fillKernel(), 1, 1, 1, THREADS, 1, 1, 0, first, fillArguments(y, 7, THREADS), null);
        cuEventRecord(done, first);
        cuStreamWaitEvent(second, done, 0);
        cuLaunchKernel(fillKernel(), 1, 1, 1, THREADS, 1, 1, 0, second, fillArguments(y, 8, 3), null);
        cuStreamSynchronize(second);
        cuEventSynchronize(done);
        assertThat(download(y, THREADS)).startsWith(8, 8, 8, 7).endsWith(7);
    }

    @Test
    void anAsynchronousFailureShowsWhenSomethingWaits() {
        driver.async().fault(700, 1);
        CUstream stream = stream();
        CUdeviceptr y = upload(counting());
        cuLaunchKernel(fillKernel(), 1, 1, 1, THREADS, 1, 1, 0, stream, fillArguments(y, 7, THREADS), null);
        fails("CUDA_ERROR_ILLEGAL_ADDRESS", () -> cuStreamSynchronize(stream));
    }

    @Test
    void aThreadWithoutAContextIsRefused() {
        assertThatThrownBy(() -> CompletableFuture.runAsync(() -> allocate(1), task -> new Thread(task).start())
                        .join())
                .hasMessageContaining("CUDA_ERROR_INVALID_CONTEXT");
    }

    @Test
    void memoryBeyondTheLimitIsRefused() {
        long[] available = new long[1];
        long[] total = new long[1];
        cuMemGetInfo(available, total);
        long used = total[0] - available[0];
        driver.memory(used + 1000);
        CUdeviceptr p = allocate(200);
        fails("CUDA_ERROR_OUT_OF_MEMORY", () -> allocate(51));
        cuMemFree(p);
        cuMemFree(allocate(250));
    }

    @Test
    void theLaunchThatIsAskedForFailsAndTheContextIsLost() {
        driver.fault(719, 2);
        assertThat(run("planted_reverse")).containsExactly(reversed());
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> run("planted_reverse"));
        fails("CUDA_ERROR_LAUNCH_FAILED", () -> upload(1));
        driver.revive();
        assertThat(run("planted_reverse")).containsExactly(reversed());
    }

    @Test
    void aKernelMustHaveTheParametersOfItsPtx() {
        fails("CUDA_ERROR_INVALID_IMAGE", () -> kernel("planted_reverse", ".param .u64 x, .param .u32 y", ""));
        fails("CUDA_ERROR_INVALID_IMAGE", () -> kernel("planted_reverse", ".param .u64 x", ""));
        fails("CUDA_ERROR_INVALID_IMAGE", () -> kernel("there_is_none", "", ""));
        fails("CUDA_ERROR_INVALID_PTX", () -> cuModuleLoadData(new CUmodule(), bytes("no PTX")));
    }

    @Test
    void aBlockMustNotBeLargerThanItsKernelPromises() {
        CUdeviceptr y = upload(counting());
        fails(
                "CUDA_ERROR_INVALID_VALUE",
                () -> cuLaunchKernel(
                        fillKernel(), 1, 1, 1, THREADS + 1, 1, 1, 0, new CUstream(), fillArguments(y, 7, 1), null));
    }

    /** The driver's handler of bad accesses stands before the JVM's, which finds null pointers by the same signal. */
    @Test
    void nullPointersOfJavaAreStillFoundByTheirSignal() {
        run("planted_reverse");
        int[][] arrays = new int[100_000][];
        int found = 0;
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] =
                    i == arrays.length - 1 ? null : new int[1]; // one at the end: the compiled code has no test for it
        }
        for (int[] array : arrays) {
            try {
                found += 1 - array.length;
            } catch (NullPointerException e) {
                found++;
            }
        }
        assertThat(found).isEqualTo(1);
    }

    @Test
    void memoryBeginsAsNaN() {
        CUdeviceptr p = allocate(3);
        assertThat(download(p, 3)).containsOnly(Float.NaN);
    }
}
