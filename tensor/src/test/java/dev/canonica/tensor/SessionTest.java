package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
    private static final Tensor X = Tensor.normal(DType.F32, Shape.of(97, 131), new Philox(1));
    private static final Tensor W =
            Tensor.normal(DType.F32, Shape.of(113, 131), new Philox(2)).reused();

    /** Products with a constant matrix, which the precision changes, and a convolution, which has many jobs. */
    private static float[] work() {
        try (Scope _ = Scope.open()) {
            Tensor y = Linear.by(W).apply(X);
            Tensor images = y.reshape(1, 1, 97, 113);
            Tensor filters = Tensor.normal(DType.F32, Shape.of(9, 1, 3, 3), new Philox(3));
            return Convolution.same(3).value(images, filters).toFloats();
        }
    }

    @Test
    void twoAtOnceGiveWhatEachGivesAlone() throws Exception {
        List<Session> sessions = List.of(
                Session.byDefault().withThreads(1),
                Session.byDefault().withThreads(3).withPrecision(ProductPrecision.BF16),
                Session.byDefault().withThreads(2).withMemoryLimit(32 << 20));
        List<float[]> alone =
                sessions.stream().map(s -> s.call(SessionTest::work)).toList();
        assertThat(alone.get(1)).isNotEqualTo(alone.get(0));
        assertThat(alone.get(2)).isEqualTo(alone.get(0));
        CyclicBarrier together = new CyclicBarrier(sessions.size());
        try (ExecutorService threads = Executors.newFixedThreadPool(sessions.size())) {
            List<Future<?>> working = new ArrayList<>();
            for (int i = 0; i < sessions.size(); i++) {
                Session session = sessions.get(i);
                float[] expected = alone.get(i);
                working.add(threads.submit(() -> {
                    together.await();
                    for (int round = 0; round < 50; round++) {
                        float[] y = session.call(SessionTest::work);
                        assertThat(y).isEqualTo(expected);
                        assertThat(Session.current()).isSameAs(Session.byDefault());
                    }
                    return null;
                }));
            }
            for (Future<?> f : working) {
                f.get();
            }
        }
    }

    @Test
    void holdsUntilItsWorkEnds() {
        Session outer = Session.byDefault().withThreads(2);
        Session inner = outer.withThreads(5).withPrecision(ProductPrecision.BF16);
        outer.run(() -> {
            assertThat(Workers.threads()).isEqualTo(2);
            assertThatThrownBy(() -> inner.run(() -> {
                        assertThat(Workers.threads()).isEqualTo(5);
                        assertThat(ProductPrecision.current()).isEqualTo(ProductPrecision.BF16);
                        throw new IllegalStateException("here");
                    }))
                    .hasMessage("here");
            assertThat(Session.current()).isSameAs(outer);
            assertThat(ProductPrecision.current()).isEqualTo(ProductPrecision.F32);
        });
        assertThat(Session.current()).isSameAs(Session.byDefault());
    }

    @Test
    void aLimitIsOfTheSessionsOwnTensors() {
        Shape mebibyte = Shape.of(1 << 18);
        Tensor others = Tensor.zeros(DType.F32, Shape.of(8 << 18));
        Session small = Session.byDefault().withMemoryLimit(4 << 20);
        Tensor made = small.call(() -> {
            assertThat(Device.cpu().limitBytes()).isEqualTo(4 << 20);
            assertThat(Device.cpu().liveBytes()).isZero();
            Tensor a = Tensor.zeros(DType.F32, mebibyte);
            Tensor b = Tensor.zeros(DType.F32, Shape.of(3 << 18));
            assertThat(Device.cpu().liveBytes()).isEqualTo(4 << 20);
            assertThatThrownBy(() -> Tensor.zeros(DType.F32, Shape.of(1)))
                    .isInstanceOf(OutOfTensorMemoryException.class)
                    .hasMessage("out of tensor memory: asked for 4 bytes, held by tensors 4.0 MiB, allowed 4.0 MiB"
                            + " (the limit of this span of work)");
            assertThatThrownBy(() -> Tensor.zeros(DType.F32, Shape.of(5 << 18)))
                    .isInstanceOf(OutOfTensorMemoryException.class);
            b.close();
            assertThat(Device.cpu().peakBytes()).isEqualTo(4 << 20);
            return a;
        });
        Tensor.zeros(DType.F32, Shape.of(5 << 18)).close(); // outside of it
        small.withThreads(1).run(() -> {
            assertThat(Device.cpu().liveBytes()).isEqualTo(1 << 20);
            assertThatThrownBy(() -> Tensor.zeros(DType.F32, Shape.of(4 << 18)))
                    .isInstanceOf(OutOfTensorMemoryException.class);
        });
        made.close(); // by whoever closes it
        small.run(() -> assertThat(Device.cpu().liveBytes()).isZero());
        assertThat(others.toFloats()).containsOnly(0);
    }

    /** What nobody can reach any more is found before the limit is called reached. */
    @Test
    void whatIsUnreachableCountsNoMore() {
        Session.byDefault().withMemoryLimit(4 << 20).run(() -> {
            for (int i = 0; i < 10; i++) {
                assertThat(Tensor.full(DType.F32, Shape.of(2 << 18), i).dim(0)).isEqualTo(2 << 18);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"3, bf16, 3, BF16", "' 2 ', f32, 2, F32"})
    void theDefaultIsOfTheProperties(String threads, String precision, int n, ProductPrecision p) {
        System.setProperty(Session.THREADS_PROPERTY, threads);
        System.setProperty(Session.PRECISION_PROPERTY, precision);
        System.setProperty(Session.DEVICE_PROPERTY, "nowhere:0");
        try {
            Session session = Session.ofProperties();
            assertThat(session.threads()).isEqualTo(n);
            assertThat(session.precision()).isEqualTo(p);
            assertThatThrownBy(session::device)
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("nowhere");
        } finally {
            System.clearProperty(Session.THREADS_PROPERTY);
            System.clearProperty(Session.PRECISION_PROPERTY);
            System.clearProperty(Session.DEVICE_PROPERTY);
        }
        assertThat(Session.ofProperties().device()).isEqualTo(Device.cpu());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", ""})
    void refusesPropertiesThatSayNothing(String value) {
        System.setProperty(Session.THREADS_PROPERTY, value);
        try {
            assertThatThrownBy(Session::ofProperties)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("canonica.threads: a positive whole number is expected, not \"" + value + "\"");
            System.clearProperty(Session.THREADS_PROPERTY);
            System.setProperty(Session.PRECISION_PROPERTY, value);
            assertThatThrownBy(Session::ofProperties)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("canonica.precision: f32 or bf16 is expected, not \"" + value + "\"");
        } finally {
            System.clearProperty(Session.THREADS_PROPERTY);
            System.clearProperty(Session.PRECISION_PROPERTY);
        }
        assertThatThrownBy(() -> Session.byDefault().withMemoryLimit(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
