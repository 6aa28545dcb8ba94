package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.memory.Storage;
import org.junit.jupiter.api.Test;

/** Recordings on the processor, which do the work again, and what they are made of on every device. */
class RecorderTest {
    @Test
    void theProcessorDoesTheWorkAgain() {
        Device cpu = Device.cpu();
        assertThat(cpu.records()).isFalse();
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
        Tensor rows = Tensor.of(new long[] {2, 0}, 2);
        Tensor scale = Tensor.of(new float[] {10}, 1);
        try (Recorder recorder = cpu.recorder();
                Recording recording =
                        recorder.record("rows", () -> x.gather(rows).times(scale))) {
            assertThat(recording.replay().toFloats()).containsExactly(30, 10);
            x.assign(Tensor.of(new float[] {4, 5, 6}, 3));
            rows.assign(Tensor.of(new long[] {1, 1}, 2));
            scale.assign(Tensor.of(new float[] {2}, 1));
            assertThat(recording.replay().toFloats()).containsExactly(10, 10);
        }
    }

    @Test
    void indicesAreCheckedAsTheyAreNow() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
        Tensor rows = Tensor.of(new long[] {2, 0}, 2);
        assertThat(x.gather(rows).toFloats()).containsExactly(3, 1);
        rows.assign(Tensor.of(new long[] {0, 3}, 2));
        assertThatThrownBy(() -> x.gather(rows))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("gather: index 3 does not lie in [0, 3)");
    }

    @Test
    void whatIsKnownOfIndicesFollowsWhatIsWrittenToThem() {
        Tensor index = Tensor.of(new long[] {0, 2, 5}, 3);
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
        assertThat(index.storage().bounds()).isEqualTo(new Storage.Bounds(0, 0, 5));
        assertThat(x.gather(index.rows(0, 2)).toFloats()).containsExactly(1, 3); // the rest is not looked at
        assertThatThrownBy(() -> x.gather(index)).hasMessageContaining("index 5 does not lie in [0, 3)");
        index.assign(Tensor.of(new long[] {1, 1, 0}, 3));
        assertThat(index.storage().bounds()).extracting("least", "greatest").containsExactly(0L, 5L); // of both
        assertThat(x.gather(index).toFloats()).containsExactly(2, 2, 1);
        index.rows(1, 2).assign(Tensor.of(new long[] {7}, 1));
        assertThat(index.storage().bounds()).extracting("least", "greatest").containsExactly(0L, 7L);
        index.assign(Tensor.of(new float[] {1, 0, 2}, 3)); // whose bounds nobody knows
        assertThat(index.storage().bounds()).isNull();
        assertThat(x.gather(index).toFloats()).containsExactly(2, 1, 3);
        Tensor both = Tensor.concatenate(0, Tensor.of(new long[] {2}, 1), Tensor.of(new long[] {1, 0}, 2));
        assertThat(both.storage().bounds()).extracting("least", "greatest").containsExactly(0L, 2L);
        assertThat(x.gather(both).toFloats()).containsExactly(3, 2, 1);
        assertThat(x.gather(Tensor.of(new long[0], 0)).size()).isZero();
    }
}
