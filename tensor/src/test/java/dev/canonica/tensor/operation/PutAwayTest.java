package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.InSession;
import dev.canonica.tensor.OutOfTensorMemoryException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Matrices whose memory goes back while their packed form is there, and what asks for them then. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class PutAwayTest {
    private static final int MIB = 1 << 20;

    @Parameter
    KernelForm form;

    @RegisterExtension
    private final InSession onADeviceOfTheForm = new InSession(
            session -> session.withDevice(Device.cpu(form)).withMemoryLimit(1L << 30)); // counts what these tests own

    private static Tensor random(int stream, int... dims) {
        try (Scope scope = Scope.open()) {
            return scope.keep(Tensor.normal(DType.F32, Shape.of(dims), new Philox(11, stream)));
        }
    }

    /** A matrix that was multiplied by twice. */
    private static Tensor away(Tensor w) {
        w.reused();
        try (Scope scope = Scope.open()) {
            Tensor x = random(1, 3, w.dim(1));
            for (int i = 0; i < 2; i++) {
                Linear.by(w).apply(x);
            }
        }
        assertThat(isAway(w)).isTrue();
        return w;
    }

    private static boolean isAway(Tensor w) {
        return Storage.of(w).isAway();
    }

    private static int[] bits(Tensor t) {
        float[] values = t.toFloats();
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    @ParameterizedTest
    @CsvSource({"64, 64", "1025, 4", "33, 150", "90, 513", "1152, 1030", "31, 1537", "800, 7", "2100, 2"})
    void comesBackWithTheSameBits(int out, int in) {
        float[] values = random(2, out, in).toFloats();
        values[0] = -0f;
        values[1] = Float.NEGATIVE_INFINITY;
        values[2] = Float.MIN_VALUE;
        values[values.length - 1] = Float.intBitsToFloat(0x7FC12345);
        int[] bits = bits(Tensor.of(values, out, in));
        Tensor w = away(Tensor.of(values, out, in));
        assertThat(bits(w)).isEqualTo(bits);
        assertThat(isAway(w)).isFalse();
    }

    @Test
    void itsPackedFormIsItsOwnersWhoeverMultipliesByIt() {
        Tensor w = random(2, 1024, 384).reused();
        Tensor x = random(3, 5, 384);
        long before = Device.cpu().liveBytes();
        Session.current().withMemoryLimit(4 * MIB).run(() -> {
            for (int i = 0; i < 3; i++) {
                try (Scope _ = Scope.open()) {
                    Linear.by(w).apply(x);
                }
            }
            assertThat(isAway(w)).isTrue();
            assertThat(Device.cpu().liveBytes()).isZero();
            Tensor.zeros(DType.U8, Shape.of(4 * MIB)).close(); // all of its limit is there
        });
        assertThat(Device.cpu().liveBytes() - before).isBetween(0L, MIB / 2L); // in the place of w
        w.close();
        assertThat(Device.cpu().liveBytes() - before).isEqualTo(-1536L * 1024);
    }

    @Test
    void itsMemoryIsThatOfThePackedFormAlone() {
        Tensor w = random(2, 2048, 1024);
        Tensor x = random(3, 5, 1024).reused();
        long before = Device.cpu().liveBytes();
        for (int i = 0; i < 4; i++) {
            try (Scope scope = Scope.open()) {
                Linear.by(w.reused()).apply(x);
            }
        }
        assertThat(isAway(w)).isTrue();
        assertThat(Device.cpu().liveBytes() - before).isBetween(0L, 2L * MIB); // the packed form is a little larger
        w.close();
        assertThat(Device.cpu().liveBytes() - before).isEqualTo(-8L * MIB);
        assertThatThrownBy(w::toFloats).hasMessageContaining("used after it was closed");
        assertThatThrownBy(() -> Linear.by(w).apply(x)).hasMessageContaining("used after it was closed");
    }

    @Test
    void aStackOfLayersTakesItsWeightsOnceAndOneMore() {
        List<Tensor> weights = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            weights.add(random(i, 1000, 1000).reused());
        }
        long before = Device.cpu().liveBytes();
        Device.cpu().resetPeak();
        for (int pass = 0; pass < 3; pass++) {
            try (Scope scope = Scope.open()) {
                Tensor x = random(20, 4, 1000);
                for (Tensor w : weights) {
                    x = Linear.by(w).apply(x);
                }
            }
        }
        assertThat(weights).allMatch(PutAwayTest::isAway);
        assertThat(Device.cpu().peakBytes() - before).isBetween(4L * MIB, 5L * MIB);
        assertThat(Device.cpu().liveBytes() - before).isBetween(0L, MIB / 2L);
    }

    /** Filters stay beside their packed form: for a network that takes much of the memory it is not made. */
    @Test
    void filtersArePackedWhereAllTensorsAreFew() {
        Tensor x = random(1, 1, 64, 8, 8);
        Tensor w = random(2, 64, 64, 3, 3).reused(); // 144 KiB
        assertThat(packedBy(x, w)).isBetween(w.size() * 4, w.size() * 12);
        Session narrow = Session.current().withMemoryLimit(4L * w.size() * 4); // a quarter is less than the packed form
        Tensor other = random(3, 64, 64, 3, 3).reused();
        assertThat(narrow.call(() -> packedBy(x, other))).isZero();
    }

    /** What fits before filters are packed fits afterwards. */
    @Test
    void filtersAreNotPackedWhereTheirUseTakesMostOfTheMemory() {
        Tensor x = random(1, 1, 64, 8, 8);
        Tensor w = random(2, 64, 64, 3, 3).reused();
        Session session = Session.current().withMemoryLimit(8L * MIB);
        session.run(() -> {
            for (int i = 0; i < 3; i++) {
                try (Scope scope = Scope.open()) {
                    Convolution.same(3).value(x, w);
                    Tensor.zeros(DType.U8, Shape.of(7 * MIB));
                }
            }
        });
        assertThat(session.call(Device.cpu()::liveBytes)).isZero();
    }

    /** Bytes that three convolutions leave behind. */
    private static long packedBy(Tensor x, Tensor w) {
        long before = Device.cpu().liveBytes();
        float[] first = null;
        for (int i = 0; i < 3; i++) {
            try (Scope scope = Scope.open()) {
                float[] y = Convolution.same(3).value(x, w).toFloats();
                first = first == null ? y : first;
                same(y, first);
            }
        }
        return Device.cpu().liveBytes() - before;
    }

    @Test
    void whatNobodyReachesIsCollected() {
        long before = Device.cpu().liveBytes();
        for (int i = 0; i < 40; i++) {
            away(random(i, 1024, 1024));
        }
        for (int i = 0; i < 50 && Device.cpu().liveBytes() >= before + 30L * MIB; i++) {
            System.gc();
            random(1, 1 << 18).close(); // drains the queue of what was found
        }
        assertThat(Device.cpu().liveBytes()).isLessThan(before + 30L * MIB);
    }

    /** Whatever the number of rows: the packed form can do all that x wᵀ needs. */
    @ParameterizedTest
    @CsvSource({"1", "14", "15", "512", "513", "2000"})
    void productsDoNotBringItBack(int rows) {
        Tensor x = random(3, rows, 200);
        float[] expected = Linear.by(random(2, 90, 200)).apply(x).toFloats();
        Tensor w = away(random(2, 90, 200));
        assertThat(Linear.by(w).apply(x).toFloats()).isEqualTo(expected);
        assertThat(isAway(w)).isTrue();
    }

    @Test
    void theAdjointBringsItBackAndBothFormsStayWhileMemoryIsPlenty() {
        Tensor w = away(random(2, 90, 200));
        Tensor u = random(3, 7, 90);
        assertThat(Linear.byTransposed(w).apply(u).toFloats())
                .isEqualTo(u.matmul(random(2, 90, 200)).toFloats());
        long live = Device.cpu().liveBytes();
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < 20; i++) {
                Linear.by(w).apply(random(1, 3, 200));
            }
        }
        assertThat(isAway(w)).isFalse();
        assertThat(Device.cpu().liveBytes()).isLessThanOrEqualTo(live);
    }

    /** Where there is less, only one form is there at a time, and it changes seldom. */
    @Test
    void whereMemoryIsShortOneFormIsThere() {
        Session.current().withMemoryLimit(48L * MIB).run(() -> {
            Tensor w = random(2, 1500, 1500); // 9 MB, 10 with the size class
            Tensor x = random(1, 3, 1500);
            Tensor u = random(3, 3, 1500);
            float[] y = Linear.by(w).apply(x).toFloats();
            float[] z = u.matmul(w).toFloats();
            away(w);
            int products = 0;
            for (int turn = 0; turn < 2; turn++) {
                scoped(() -> u.matmul(w), z);
                assertThat(isAway(w)).isFalse();
                int before = products;
                while (!isAway(w)) {
                    assertThat(Device.cpu().liveBytes()).isLessThan(13L * MIB);
                    scoped(() -> Linear.by(w).apply(x), y);
                    products++;
                }
                assertThat(products - before).isEqualTo(2 << 3 * (turn + 1));
            }
            while (products-- > 0) { // one reading between two products: packing would never pay
                scoped(() -> u.matmul(w), z);
                scoped(() -> Linear.by(w).apply(x), y);
            }
            assertThat(isAway(w)).isFalse();
            assertThat(Device.cpu().liveBytes()).isLessThan(13L * MIB);
        });
    }

    private static void scoped(Supplier<Tensor> product, float[] expected) {
        try (Scope scope = Scope.open()) {
            same(product.get().toFloats(), expected);
        }
    }

    @Test
    void nothingThatIsWrittenIsLost() {
        Tensor x = random(1, 3, 100);
        Tensor other = random(4, 90, 100);
        Tensor w = away(random(2, 90, 100));
        w.assign(other);
        for (int i = 0; i < 3; i++) {
            assertThat(Linear.by(w).apply(x).toFloats())
                    .isEqualTo(Linear.by(other).apply(x).toFloats());
        }
        Tensor sum = away(random(2, 90, 100)).accumulate(2, other);
        assertThat(bits(sum)).isEqualTo(bits(random(2, 90, 100).accumulate(2, other)));
        Tensor scaled = away(random(2, 90, 100)).scale(0.5);
        assertThat(bits(scaled)).isEqualTo(bits(random(2, 90, 100).scale(0.5)));
        Tensor part = away(random(2, 90, 100));
        part.rows(3, 5).assign(other.rows(0, 2));
        assertThat(bits(part.rows(3, 5))).isEqualTo(bits(other.rows(0, 2)));
        assertThat(bits(part.rows(5, 90))).isEqualTo(bits(random(2, 90, 100).rows(5, 90)));
        Tensor said = away(random(2, 90, 100)).written(); // though nobody can have written
        assertThat(Linear.by(said).apply(x).toFloats())
                .isEqualTo(Linear.by(random(2, 90, 100)).apply(x).toFloats());
        assertThat(bits(said)).isEqualTo(bits(random(2, 90, 100)));
    }

    /** Those that share its block: parts have packed forms of their own, and no part may take the whole block away. */
    @Test
    void partsAreReadAndNotPutAway() {
        Tensor x = random(1, 3, 100);
        Tensor w = away(random(2, 180, 100));
        Tensor copy = random(2, 180, 100);
        for (int i = 0; i < 4; i++) {
            assertThat(Linear.by(w.rows(90, 180)).apply(x).toFloats())
                    .isEqualTo(Linear.by(copy.rows(90, 180)).apply(x).toFloats());
            assertThat(Linear.by(w.reshape(100, 180)).apply(random(5, 2, 180)).toFloats())
                    .isEqualTo(Linear.by(copy.reshape(100, 180))
                            .apply(random(5, 2, 180))
                            .toFloats());
        }
        Tensor parts = random(2, 180, 100).reused();
        for (int i = 0; i < 4; i++) {
            Linear.by(parts.rows(0, 90)).apply(x);
            assertThat(isAway(parts)).isFalse();
        }
    }

    @Test
    void roundedProductsReadIt() {
        Session.current().withPrecision(ProductPrecision.BF16).run(() -> {
            Tensor x = random(1, 3, 100);
            Tensor w = Session.current().withPrecision(ProductPrecision.F32).call(() -> away(random(2, 90, 100)));
            float[] expected = Linear.by(random(2, 90, 100).reused()).apply(x).toFloats();
            for (int i = 0; i < 3; i++) {
                assertThat(Linear.by(w).apply(x).toFloats()).isEqualTo(expected);
            }
        });
    }

    @Test
    void withoutMemoryToComeBackToItIsRefusedAndThereLater() {
        int[] bits = bits(random(2, 1500, 1500));
        Session.current().withMemoryLimit(64L * MIB).run(() -> {
            Tensor w = random(2, 1500, 1500);
            away(w);
            Tensor other = Tensor.zeros(DType.F32, Shape.of(12, MIB));
            assertThatThrownBy(() -> w.map(Unary.RELU))
                    .isInstanceOf(OutOfTensorMemoryException.class)
                    .hasMessageContaining("out of tensor memory: asked for 8.6 MiB");
            assertThat(isAway(w)).isTrue();
            Linear.by(w).apply(random(1, 3, 1500));
            other.close();
            assertThat(bits(w)).isEqualTo(bits);
        });
    }

    /** Products, adjoints, copies, writing of the same numbers and holding by many threads, with memory so short that the forms take turns. */
    @Test
    void threadsSeeTheSameBits() throws Exception {
        Session session = Session.current().withMemoryLimit(MIB);
        Tensor x = random(1, 3, 200);
        Tensor u = random(3, 3, 190);
        Tensor copy = random(2, 190, 200);
        float[] y = Linear.by(copy).apply(x).toFloats();
        float[] z = u.matmul(copy).toFloats();
        float[] all = copy.toFloats();
        Tensor w = session.call(() -> random(2, 190, 200).reused());
        AtomicInteger seenAway = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                done.add(threads.submit(() -> session.run(() -> {
                    for (int i = 0; i < 1500; i++) {
                        try (Scope scope = Scope.open()) {
                            for (int p = 0; p < 3; p++) {
                                same(Linear.by(w).apply(x).toFloats(), y);
                            }
                            seenAway.addAndGet(isAway(w) ? 1 : 0);
                            if (i % 97 == 7 * thread) {
                                same(Linear.byTransposed(w).apply(u).toFloats(), z);
                            } else if (i % 193 == thread) {
                                w.assign(copy);
                            } else if (i % 89 == thread) {
                                same(w.toFloats(), all);
                            } else if (i % 53 == thread) {
                                try (Addresses at = Addresses.open()) {
                                    at.hold(w);
                                    same(w.toFloats(), all);
                                }
                            }
                        }
                    }
                })));
            }
            for (Future<?> f : done) {
                f.get();
            }
        }
        same(w.toFloats(), all);
        assertThat(seenAway.get()).isPositive();
    }

    private static void same(float[] found, float[] expected) {
        if (!Arrays.equals(found, expected)) {
            assertThat(found).isEqualTo(expected);
        }
    }
}
