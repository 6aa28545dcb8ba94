package dev.canonica.tensor.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void countsWhatIsLive() {
        Memory memory = Memory.ofSystem(MIB, IllegalStateException::new);
        Storage a = memory.allocate(1000);
        assertThat(memory.liveBytes()).isBetween(1000L, 1280L);
        assertThat(memory.heldBytes()).isEqualTo(memory.liveBytes());
        long held = memory.heldBytes();
        a.close();
        a.close();
        assertThat(memory.liveBytes()).isZero();
        assertThat(memory.heldBytes()).isEqualTo(held);
        Storage b = memory.allocate(1001);
        assertThat(memory.heldBytes()).isEqualTo(held); // the same block again
        Reference.reachabilityFence(b);
    }

    @Test
    void blocksAreAlignedAndDoNotOverlap() {
        Memory memory = Memory.ofSystem(512 * MIB, IllegalStateException::new);
        SplittableRandom random = new SplittableRandom(3);
        List<Storage> blocks = new ArrayList<>();
        long[][] spans = new long[2000][];
        for (int i = 0; i < spans.length; i++) {
            long bytes = i < 300 ? i : random.nextLong(1L << random.nextInt(1, 19));
            Storage s = memory.allocate(bytes);
            blocks.add(s);
            assertThat(s.block().address() % 64).isZero();
            spans[i] = new long[] {s.block().address(), s.block().address() + bytes};
        }
        java.util.Arrays.sort(
                spans, java.util.Comparator.comparingLong((long[] s) -> s[0]).thenComparingLong(s -> s[1]));
        for (int i = 1; i < spans.length; i++) {
            assertThat(spans[i][0]).isGreaterThanOrEqualTo(spans[i - 1][1]);
        }
        blocks.forEach(Storage::close);
        assertThat(memory.liveBytes()).isZero();
    }

    @Test
    void wastesAtMostAQuarter() {
        Memory memory = Memory.ofSystem(Long.MAX_VALUE, IllegalStateException::new);
        for (long bytes : new long[] {65, 100, 1000, 4097, 5121, 100_000, 1_000_001, (1 << 20) + 1}) {
            Storage s = memory.allocate(bytes);
            assertThat(memory.liveBytes()).isBetween(bytes, bytes + Math.max(64, bytes / 4));
            s.close();
        }
    }

    @Test
    void failsInOneClearLineAndWorksAfterwards() {
        Memory memory = Memory.ofSystem(8 * MIB, IllegalStateException::new);
        List<Storage> held = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            held.add(memory.allocate(MIB));
        }
        assertThatThrownBy(() -> memory.allocate(MIB / 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("out of tensor memory: asked for 512.0 KiB, held by tensors 8.0 MiB, allowed 8.0 MiB"
                        + " (raise it with -Dcanonica.memory=…)");
        held.removeLast().close();
        held.add(memory.allocate(MIB / 2));
        assertThat(memory.liveBytes()).isEqualTo(7 * MIB + MIB / 2);
        Reference.reachabilityFence(held);
    }

    @ParameterizedTest
    @ValueSource(longs = {8 * MIB + 1, 1L << 53, 1L << 54, 1L << 60, Long.MAX_VALUE})
    void refusesAtOnceWhatCanNeverFit(long bytes) {
        Memory memory = Memory.ofSystem(8 * MIB, IllegalStateException::new);
        assertThatThrownBy(() -> memory.allocate(bytes))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("out of tensor memory: asked for ")
                .hasMessageContaining(", held by tensors 0 bytes, allowed 8.0 MiB");
        assertThat(memory.allocate(MIB).block().address()).isNotZero();
    }

    /** An interrupt makes no memory: it is waited for what the collector finds, and the interrupt is there afterwards. */
    @Test
    void anInterruptedThreadWaitsForTheCollector() {
        Memory memory = Memory.ofSystem(8 * MIB, IllegalStateException::new);
        for (int i = 0; i < 10; i++) {
            long block = memory.allocate(5 * MIB).block().address(); // dropped at once
            assertThat(block).isNotZero();
            Thread.currentThread().interrupt();
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    /** Heap and tensors together leave room on the machine, whatever the heap may take. */
    @ParameterizedTest
    @CsvSource({"23.5, 17.625", "23.5, 5.875", "2, 0.5", "64, 16", "64, 58", "512, 128"})
    void fitsBesideTheHeap(double machine, double heap) {
        long m = (long) (machine * (1 << 30));
        long h = (long) (heap * (1 << 30));
        long limit = Memory.defaultLimit(m, h);
        assertThat(limit).isPositive();
        assertThat(limit + h).isLessThanOrEqualTo(m);
        assertThat(limit).isBetween(m / 16, m / 4 * 3);
    }

    @Test
    void aHeapAsGreatAsTheMachineLeavesASixteenth() {
        assertThat(Memory.defaultLimit(32L << 30, 40L << 30)).isEqualTo(2L << 30);
    }

    @Test
    void givesCachedBlocksBackBeforeItFails() {
        Memory memory = Memory.ofSystem(8 * MIB, IllegalStateException::new);
        for (int i = 0; i < 7; i++) {
            Storage a = memory.allocate(MIB << 0 | i * 1024);
            a.close();
        }
        Storage whole = memory.allocate(8 * MIB); // fits only if the pool is empty
        assertThat(memory.heldBytes()).isEqualTo(8 * MIB);
        Reference.reachabilityFence(whole);
    }

    @Test
    void findsWhatIsUnreachableBeforeItFails() {
        Memory memory = Memory.ofSystem(8 * MIB, IllegalStateException::new);
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            addresses.add(memory.allocate(2 * MIB).block().address()); // dropped at once
            assertThat(memory.heldBytes()).isLessThanOrEqualTo(8 * MIB);
        }
        assertThat(addresses).hasSizeLessThan(30);
    }

    /** A million operations in four times the memory of one: nothing but the collector gives blocks back. */
    @Test
    @Tag("slow")
    void staysFlatWithoutScopes() {
        Memory memory = Memory.ofSystem(16 * MIB, IllegalStateException::new);
        SplittableRandom random = new SplittableRandom(7);
        Storage[] alive = new Storage[100];
        for (int i = 0; i < 1_000_000; i++) {
            alive[i % alive.length] = memory.allocate(random.nextInt(1, 4000));
            if (i % 1000 == 0) {
                assertThat(memory.heldBytes()).isLessThanOrEqualTo(16 * MIB);
            }
        }
        Reference.reachabilityFence(alive);
    }

    @Test
    @Tag("slow")
    void staysFlatWithScopes() {
        Tensor x = Tensor.full(DType.F32, Shape.of(100), 1);
        long before = Device.cpu().liveBytes();
        for (int i = 0; i < 10_000; i++) {
            try (Scope scope = Scope.open()) {
                Tensor y = x;
                for (int j = 0; j < 100; j++) {
                    y = y.plus(1);
                }
                Tensor kept = scope.keep(y);
                assertThat(Device.cpu().liveBytes()).isLessThanOrEqualTo(before + 101 * 512);
                kept.close();
            }
        }
        assertThat(Device.cpu().liveBytes()).isLessThanOrEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "512m, 536870912", "8g, 8589934592", "' 64K ', 65536"})
    void readsItsLimit(String text, long bytes) {
        assertThat(Memory.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g", "-1", "0", "8 gb", "1e9", "99999999999999999999", "9999999999g"})
    void refusesALimitThatIsNoSize(String text) {
        assertThatThrownBy(() -> Memory.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("canonica.memory: not a size: '" + text + "' (examples: 512m, 8g)");
    }
}
