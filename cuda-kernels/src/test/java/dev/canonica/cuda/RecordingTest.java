package dev.canonica.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.DeviceAddress;
import dev.canonica.cuda.driver.Launch;
import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Recorder;
import dev.canonica.tensor.Recording;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.operation.Linear;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Work that is recorded on the device and replayed. */
@ExtendWith(OnTheDevice.class)
class RecordingTest {
    private CudaDevice cuda;

    @BeforeEach
    void useDevice() {
        cuda = Emulated.device();
    }

    private static Tensor vector(float... values) {
        return Tensor.of(values, values.length);
    }

    /** Recorded once it was done, which loads its kernels. */
    private static Recording recorded(Recorder recorder, String name, Supplier<Tensor> work) {
        work.get().close();
        return recorder.record(name, work);
    }

    private void replays() {
        Tensor x = vector(1, 2, 3);
        Tensor w = Tensor.of(new float[] {1, 0, 2, 0, 1, 1}, 2, 3).reused();
        Supplier<Tensor> work = () -> {
            Tensor constant = Tensor.of(new double[] {10, 20}, 2).to(DType.F32);
            return Linear.by(w).apply(x.plus(1)).plus(constant);
        };
        try (Recorder recorder = cuda.recorder();
                Recording recording = recorded(recorder, "f", work)) {
            try (Tensor y = recording.replay()) {
                assertThat(y.toFloats()).containsExactly(20, 27);
            }
            x.assign(vector(0, 0, 1));
            Tensor first = recording.replay();
            x.assign(vector(4, 5, 6));
            Tensor second = recording.replay();
            assertThat(first.toFloats()).containsExactly(15, 23); // its own, whatever is replayed after it
            assertThat(second.toFloats()).containsExactly(29, 33);
            assertThat(work.get().toFloats()).containsExactly(29, 33);
        }
    }

    @Test
    void workIsDoneAgainOnWhatItsInputsHold() {
        replays();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    @Tag("emulator")
    void inEveryMode(Emulated.Mode mode) {
        try (EmulatedDriver _ = mode.begin()) {
            replays();
        }
    }

    @Test
    void indicesAreInputsAsOtherTensorsAre() {
        Tensor table = Tensor.of(new float[] {0, 10, 20, 30}, 4, 1);
        Tensor rows = Tensor.of(new long[] {1, 2}, 2);
        Tensor scale = Tensor.of(new double[] {1, 2}, 2, 1);
        try (Recorder recorder = cuda.recorder()) {
            Recording recording =
                    recorded(recorder, "rows", () -> table.gather(rows).times(scale.to(DType.F32)));
            assertThat(recording.replay().toFloats()).containsExactly(10, 40);
            rows.assign(Tensor.of(new long[] {3, 0}, 2));
            scale.assign(Tensor.of(new double[] {0.5, 1}, 2, 1));
            assertThat(recording.replay().toFloats()).containsExactly(15, 0);
        }
    }

    @Test
    void thePoolIsAsFullAfterwardsAsItWasBefore() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(1000), new Philox(1));
        Supplier<Tensor> work = () -> x.plus(1).map(Unary.SQRT).plus(Tensor.of(new float[] {1}, 1));
        work.get().close();
        collect();
        long live = cuda.liveBytes();
        Tensor kept;
        try (Recorder recorder = cuda.recorder()) {
            Recording first = recorder.record("a", work);
            long one = cuda.liveBytes();
            Recording second = recorder.record("b", work);
            // scratch is shared: what the second has of its own is its result and the constant
            assertThat(cuda.liveBytes() - one).isEqualTo(4096 + 64);
            kept = first.replay();
            second.close();
            assertThat(cuda.liveBytes()).isGreaterThan(live);
        }
        assertThat(cuda.liveBytes()).isEqualTo(live + 4096);
        kept.close();
        assertThat(cuda.liveBytes()).isEqualTo(live);
    }

    /** Lets the collector find what earlier tests have left, so that it does not in the middle of a comparison. */
    private static void collect() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            try (Scope _ = Scope.open()) {
                Thread.sleep(20);
                Tensor.zeros(DType.F32, Shape.of(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void nobodyElseIsGivenItsMemory() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(1000), new Philox(1));
        try (Recorder recorder = cuda.recorder()) {
            Recording recording = recorded(recorder, "f", () -> x.plus(1).plus(2));
            float[] before = recording.replay().toFloats();
            for (int i = 0; i < 10; i++) { // of the same size as its scratch
                Tensor other = Tensor.full(DType.F32, Shape.of(1000), Double.NaN);
                assertThat(recording.replay().toFloats()).isEqualTo(before);
                assertThat(other.toFloats()).containsOnly(Float.NaN);
            }
        }
    }

    private void isRefused(String why, Supplier<Tensor> work) {
        try (Recorder recorder = cuda.recorder()) {
            assertThatThrownBy(() -> recorder.record("f", work))
                    .isInstanceOf(RecordingException.class)
                    .hasMessage("f: " + why);
        }
        assertThat(vector(1, 2).plus(1).toFloats()).containsExactly(2, 3); // the device goes on
        replays();
    }

    @Test
    void whatCannotBeRecordedIsRefusedInOneLine() {
        Tensor x = vector(1, 2, 3);
        isRefused(
                "a tensor is looked at, whose content is there after a replay only",
                () -> x.plus(x.sumAll().item()));
        isRefused(
                "random numbers are drawn, which would be the same in each replay",
                () -> x.plus(Tensor.normal(DType.F32, Shape.of(3), new Philox(1))));
        isRefused(
                "a tensor is made that stays, such as a weight that is read or packed at its first use",
                () -> Scope.outside(() -> x.plus(1)));
        isRefused("the result is not a tensor that the work has made", () -> x);
        isRefused("cuda:0: what is recorded cannot be waited for, since it is not done yet", () -> {
            cuda.synchronize();
            return x.plus(1);
        });
        isRefused("the work closes a tensor that was there before", () -> {
            Tensor y = x.plus(1);
            x.close();
            return y;
        });
    }

    @Test
    @Tag("emulator")
    void whatTheDriverRefusesIsRefusedToo() {
        Tensor x = vector(1, 2, 3);
        isRefused("cuda:0: cuMemAlloc failed: CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED (900)", () -> {
            Tensor y = x.plus(1);
            cuda.context().call("cuMemAlloc", () -> JCudaDriver.cuMemAlloc(new DeviceAddress(), 64));
            return y;
        });
        isRefused("cuda:0: cuStreamEndCapture failed: CUDA_ERROR_STREAM_CAPTURE_INVALIDATED (901)", () -> {
            Tensor y = x.plus(1);
            int unseen = cuda.context().attempt(() -> JCudaDriver.cuMemAlloc(new DeviceAddress(), 64));
            assertThat(unseen).isEqualTo(900);
            return y;
        });
    }

    @Test
    void otherExceptionsOfTheWorkEndTheCapture() {
        try (Recorder recorder = cuda.recorder()) {
            assertThatThrownBy(() -> recorder.record("f", () -> {
                        throw new IllegalStateException("of the work");
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("of the work");
            replays();
            assertThatThrownBy(() -> recorder.record("f", () -> {
                        cuda.recorder().record("g", () -> vector(1));
                        return vector(1);
                    }))
                    .hasMessage("f: cuda:0: a recording within a recording");
        }
        replays();
    }

    @Test
    void virtualThreadsCannotRecord() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> {
                    try (Recorder recorder = cuda.recorder()) {
                        recorder.record("f", () -> vector(1).plus(1));
                    } catch (RecordingException e) {
                        thrown.set(e);
                    }
                })
                .join();
        assertThat(thrown.get()).hasMessage("cuda:0: what a virtual thread asks for cannot be recorded");
    }

    @Test
    void aClosedTensorIsNoticedBeforeAReplay() {
        Tensor x = vector(1, 2, 3);
        Tensor w = vector(4, 5, 6);
        try (Recorder recorder = cuda.recorder()) {
            Recording recording = recorded(recorder, "f", () -> x.times(w));
            assertThat(recording.replay().toFloats()).containsExactly(4, 10, 18);
            w.close();
            assertThatThrownBy(recording::replay)
                    .isInstanceOf(RecordingException.class)
                    .hasMessage("f: a tensor that it uses was closed");
            recording.close();
            assertThatThrownBy(recording::replay).hasMessage("f: replayed after it was closed");
        }
    }

    @Test
    void otherThreadsGoOnMeanwhile() {
        Tensor x = vector(1, 2, 3);
        try (Recorder recorder = cuda.recorder()) {
            Recording recording = recorded(recorder, "f", () -> {
                Tensor y = x.plus(1);
                float[] other = CompletableFuture.supplyAsync(
                                () -> Tensor.of(new float[5_000], 5_000).plus(3).toFloats())
                        .join();
                assertThat(other).containsOnly(3);
                return y.times(2);
            });
            assertThat(recording.replay().toFloats()).containsExactly(4, 6, 8);
        }
    }

    @ParameterizedTest
    @CsvSource({"700, CUDA_ERROR_ILLEGAL_ADDRESS", "719, CUDA_ERROR_LAUNCH_FAILED"})
    @Tag("emulator")
    void aReplayThatFailsSaysWhichRecordingItWas(int error, String name) {
        CudaContext own = new CudaContext(0); // another user of the device, who may lose it
        try (EmulatedDriver driver = new EmulatedDriver()) {
            Tensor y = Tensor.zeros(DType.F32, Shape.of(10));
            long at = Addresses.open().of(y);
            Runnable fill = () ->
                    new Launch().begin().real(false, 1).address(at).count(10).elements(own, "fill_f32", 10);
            fill.run();
            own.synchronize();
            own.capture().begin(null, () -> {});
            fill.run();
            CudaRecorder.Graph graph =
                    CudaRecorder.Graph.of(own, "step 3", own.capture().end());
            driver.async().fault(error, 1);
            graph.run();
            assertThatThrownBy(own::synchronize)
                    .isInstanceOf(DeviceException.class)
                    .hasMessage("cuda:0: cuStreamSynchronize failed: " + name + " (" + error
                            + "); the device is lost to this process, start again. Running, the latest last: step 3,"
                            + " recorded");
            graph.close();
            assertThatThrownBy(graph::run).hasMessageContaining("the device is lost");
        }
    }

    @Test
    void isOnWhereItIsAskedFor() {
        assertThat(cuda.records()).isFalse();
        assertThat(Device.cpu().records()).isFalse();
        try {
            System.setProperty(CudaRecorder.PROPERTY, "true");
            assertThat(cuda.records()).isTrue();
            System.setProperty(CudaRecorder.PROPERTY, "yes");
            assertThatThrownBy(cuda::records).hasMessage("-Dcanonica.cuda.graphs: 'yes' is not one of true, false");
        } finally {
            System.clearProperty(CudaRecorder.PROPERTY);
        }
    }
}
