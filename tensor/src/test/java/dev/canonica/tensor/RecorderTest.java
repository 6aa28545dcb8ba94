package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.memory.Storage;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Recordings on the processor, which do the work again, and what they are made of on every device. */
class RecorderTest {
    @Test
    void theProcessorDoesTheWorkAgain() {
        Device cpu = Device.cpu();
        assertThat(cpu.records()).isFalse();
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
        long[] rows = {2, 0};
        double[] scale = {10};
        try (ArrayInputs inputs = new ArrayInputs(List.of(rows, scale));
                Recorder recorder = cpu.recorder();
                Recording recording = recorder.record(
                        "rows",
                        inputs,
                        () -> x.gather(Tensor.of(rows, 2))
                                .times(Tensor.of(scale, 1).to(DType.F32)))) {
            assertThat(recording.replay().toFloats()).containsExactly(30, 10);
            x.assign(Tensor.of(new float[] {4, 5, 6}, 3));
            inputs.set(List.of(new long[] {1, 1}, new double[] {2}));
            assertThat(recording.replay().toFloats()).containsExactly(10, 10);
        }
    }

    @Test
    void anArrayIsAnInputForBoundWorkAlone() {
        long[] a = {1, 2};
        Supplier<Tensor> work = () -> Tensor.of(a, 2, 1);
        try (ArrayInputs inputs = new ArrayInputs(List.of(a, new double[] {1}))) {
            Supplier<Tensor> bound = inputs.bind(work);
            inputs.set(List.of(new long[] {3, 4}, new double[] {1}));
            Tensor taken = bound.get();
            assertThat(taken.shape()).isEqualTo(Shape.of(2, 1));
            assertThat(taken.toLongs()).containsExactly(3, 4);
            assertThat(inputs.wasRead(0)).isTrue();
            assertThat(inputs.wasRead(1)).isFalse();
            assertThat(work.get().toLongs()).containsExactly(1, 2);
            inputs.set(List.of(new long[] {5, 6}, new double[] {1}));
            assertThat(taken.toLongs()).containsExactly(3, 4); // a copy
            assertThat(inputs.fit(List.of(new long[2], new double[1]))).isTrue();
            assertThat(inputs.fit(List.of(new long[2], new double[2]))).isFalse();
            assertThat(inputs.fit(List.of(new long[2]))).isFalse();
        }
        assertThatThrownBy(() -> new ArrayInputs(List.of(new int[] {1})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("array inputs: long[] or double[] needed, not class [I");
    }

    @Test
    void indicesOfInputsAreCheckedAsTheyAreNow() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
        long[] rows = {2, 0};
        try (ArrayInputs inputs = new ArrayInputs(List.of(rows))) {
            Supplier<Tensor> gather = inputs.bind(() -> x.gather(Tensor.of(rows, 2)));
            assertThat(gather.get().toFloats()).containsExactly(3, 1);
            inputs.set(List.of(new long[] {0, 3}));
            assertThatThrownBy(gather::get)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gather: index 3 does not lie in [0, 3)");
        }
    }

    @Test
    void whatIsKnownOfIndicesEndsWhenTheyAreWrittenTo() {
        Tensor index = Tensor.of(new long[] {0, 2, 5}, 3);
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
        assertThat(index.storage().bounds()).isEqualTo(new Storage.Bounds(0, 0, 5));
        assertThat(x.gather(index.rows(0, 2)).toFloats()).containsExactly(1, 3); // the rest is not looked at
        assertThatThrownBy(() -> x.gather(index)).hasMessageContaining("index 5 does not lie in [0, 3)");
        index.assign(Tensor.of(new long[] {1, 1, 0}, 3));
        assertThat(index.storage().bounds()).isNull();
        assertThat(x.gather(index).toFloats()).containsExactly(2, 2, 1);
        assertThat(x.gather(Tensor.of(new long[0], 0)).size()).isZero();
    }
}
