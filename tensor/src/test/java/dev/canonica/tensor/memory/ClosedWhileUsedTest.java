package dev.canonica.tensor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.CapturingRecorder;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.InSession;
import dev.canonica.tensor.Recording;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tensor that one thread closes while others use it: what they compute is right, or refused. */
class ClosedWhileUsedTest {
    @RegisterExtension
    private final InSession ownAccount = InSession.withOwnAccount();

    private static final int ROUNDS = 100;
    private static final int N = 96;

    private final List<ExecutorService> executors = new ArrayList<>();
    private ExecutorService threads;

    @BeforeEach
    void start() {
        threads = Executors.newFixedThreadPool(4);
        executors.add(threads);
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (ExecutorService e : executors) {
            e.shutdownNow();
            assertThat(e.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** What reads a tensor [N, N] all ones. */
    enum Use {
        PRODUCT(x -> x.matmul(x).toFloats()),
        LINEAR(x -> Linear.by(x.reused()).apply(x).toFloats()),
        PUT_AWAY(x -> Linear.by(x.reused()).apply(ones()).toFloats()),
        BROUGHT_BACK(x -> {
            for (int i = 0; i < 3; i++) {
                Linear.by(x.reused()).apply(ones()).close();
            }
            return x.toFloats();
        }),
        MAP(x -> x.map(Unary.SQUARE).toFloats()),
        SUM(x -> x.plus(x).toFloats()),
        REDUCTION(x -> x.sum(0).toFloats()),
        LAYOUT(x -> x.transpose().toFloats()),
        ROWS(x -> x.gather(Tensor.of(new long[] {3, 1, 4}, 3)).toFloats()),
        CONVERSION(x -> x.to(DType.F64).toFloats()),
        COPY_OUT(Tensor::toFloats),
        CONVOLUTION(x -> Convolution.same(3)
                .value(x.reshape(1, 1, N, N), Tensor.full(DType.F32, Shape.of(1, 1, 3, 3), 1))
                .toFloats());

        final Function<Tensor, float[]> of;

        Use(Function<Tensor, float[]> of) {
            this.of = of;
        }
    }

    private static Tensor ones() {
        return Tensor.full(DType.F32, Shape.of(N, N), 1);
    }

    /** Three threads compute, one closes at some moment and at once fills blocks of the same size, which are then the tensor's old one. */
    @ParameterizedTest
    @EnumSource
    void resultsAreRightOrRefused(Use use) throws Exception {
        float[] right = use.of.apply(ones());
        SplittableRandom random = new SplittableRandom(use.ordinal());
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Tensor x = ones();
            CyclicBarrier together = new CyclicBarrier(4);
            long after = random.nextLong(200_000);
            List<Future<@Nullable Boolean>> wrong = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                wrong.add(threads.submit(() -> {
                    together.await();
                    return differs(use, x, right);
                }));
            }
            Future<@Nullable Boolean> closing = threads.submit(() -> {
                together.await();
                long end = System.nanoTime() + after;
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                x.close();
                for (int i = 0; i < 3; i++) {
                    Tensor.full(DType.F32, Shape.of(N, N), Float.NaN).close();
                }
                return null;
            });
            closing.get();
            for (Future<@Nullable Boolean> w : wrong) {
                Boolean differs = w.get();
                assertThat(differs).as("%s, round %d", use, round).isNotEqualTo(true);
                refused += differs == null ? 1 : 0;
            }
        }
        assertThat(refused).as("calls that came too late").isBetween(0, 3 * ROUNDS);
    }

    /** Whether it gives something else; null if it is refused. */
    private static @Nullable Boolean differs(Use use, Tensor x, float[] right) {
        try {
            Boolean differs = false;
            for (int i = 0; i < 4; i++) {
                differs |= !Arrays.equals(use.of.apply(x), right);
            }
            return differs;
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("used after it was closed");
            return null;
        }
    }

    @Test
    void memoryGoesBackWithItsLastUser() {
        long before = Device.cpu().liveBytes();
        Tensor x = Tensor.zeros(DType.F32, Shape.of(1000, 1000));
        long live = Device.cpu().liveBytes();
        try (Addresses first = Addresses.open()) {
            first.of(x);
            try (Addresses second = Addresses.open()) {
                second.of(x);
                second.of(x.row(3));
                x.close();
                x.close();
                assertThat(Device.cpu().liveBytes()).isEqualTo(live);
                assertThatThrownBy(() -> second.of(x))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("Tensor[1000, 1000] F32: used after it was closed, or after the scope that made"
                                + " it ended");
            }
            assertThat(Device.cpu().liveBytes()).isEqualTo(live);
        }
        assertThat(Device.cpu().liveBytes()).isLessThanOrEqualTo(before);
    }

    @Test
    void twoThreadsCloseOnce() throws Exception {
        Memory memory = Memory.ofSystem(1 << 20, IllegalStateException::new);
        for (int round = 0; round < 1000; round++) {
            Storage s = memory.allocate(1000);
            CyclicBarrier together = new CyclicBarrier(2);
            List<Future<?>> closing = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                closing.add(threads.submit(() -> {
                    together.await();
                    s.close();
                    return null;
                }));
            }
            for (Future<?> f : closing) {
                f.get();
            }
            assertThat(memory.liveBytes()).isZero();
        }
        Storage one = memory.allocate(1000);
        assertThat(memory.allocate(1000).block().address())
                .isNotEqualTo(one.block().address());
    }

    /** Closing during use, and at the same moment as the last user leaves, gives the block back once. */
    @Test
    void theLastUserAndWhoClosesGiveBackOnce() throws Exception {
        Memory memory = Memory.ofSystem(1 << 20, IllegalStateException::new);
        for (int round = 0; round < 1000; round++) {
            Storage s = memory.allocate(1000);
            CyclicBarrier together = new CyclicBarrier(3);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                all.add(threads.submit(() -> {
                    together.await();
                    if (s.pin()) {
                        s.unpin();
                    }
                    return null;
                }));
            }
            all.add(threads.submit(() -> {
                together.await();
                s.close();
                return null;
            }));
            for (Future<?> f : all) {
                f.get();
            }
            assertThat(s.pin()).isFalse();
            assertThat(memory.liveBytes()).isZero();
            assertThat(memory.heldBytes()).isEqualTo(1024);
        }
    }

    /** A matrix that is written to while others multiply by its packed form: they have the form of before or of after, and never none. */
    @Test
    void packedFormsAreDroppedBehindTheirUsers() throws Exception {
        Tensor w = Tensor.full(DType.F32, Shape.of(N, N), 1).reused();
        Tensor x = ones();
        List<Future<?>> users = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            users.add(threads.submit(() -> {
                for (int i = 0; i < 200; i++) {
                    float[] y = Linear.by(w).apply(x).toFloats();
                    for (float v : y) {
                        assertThat(v).isEqualTo(N);
                    }
                }
                return null;
            }));
        }
        for (int i = 0; i < 400; i++) {
            w.written(); // the same numbers, a new version
            Thread.yield();
        }
        for (Future<?> f : users) {
            f.get();
        }
    }

    /** What a recording uses is there until its replay is asked for in full. */
    @Test
    void memoryStaysWhileARecordingIsReplayed() {
        Tensor x = ones();
        try (CapturingRecorder recorder = new CapturingRecorder(Device.cpu()) {
            @Override
            protected void begin() {}

            @Override
            protected Playback end(String name) {
                return new Playback() {
                    @Override
                    public void run() {
                        long before = Device.cpu().liveBytes();
                        x.close();
                        assertThat(Device.cpu().liveBytes()).isEqualTo(before);
                    }

                    @Override
                    public void close() {}
                };
            }

            @Override
            protected void abandon() {}
        }) {
            Recording recording = recorder.record("twice", () -> x.plus(x));
            long before = Device.cpu().liveBytes();
            try (Tensor y = recording.replay()) {
                assertThat(y.toFloats()).containsOnly(2);
            }
            assertThat(Device.cpu().liveBytes()).isLessThan(before);
            assertThatThrownBy(recording::replay)
                    .isInstanceOf(RecordingException.class)
                    .hasMessage("twice: a tensor that it uses was closed");
        }
    }

    @Test
    void aScopeEndsOnItsOwnThread() throws Exception {
        try (Scope scope = Scope.open()) {
            Tensor x = ones();
            Future<Throwable> other = threads.submit(() -> {
                try {
                    scope.keep(x);
                    return new AssertionError("kept");
                } catch (IllegalStateException e) {
                    return e;
                }
            });
            assertThat(other.get()).hasMessage("scope: used in another thread than the one that opened it");
        }
    }
}
