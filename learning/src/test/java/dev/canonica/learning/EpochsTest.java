package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EpochsTest {
    @Test
    void everyEpochGoesThroughAllInAnOrderOfItsOwn() {
        Epochs epochs = new Epochs(5, 17);
        int[] first = LongStream.range(0, 17).mapToInt(epochs::example).toArray();
        int[] second = LongStream.range(17, 34).mapToInt(epochs::example).toArray();
        assertThat(first).containsExactlyInAnyOrder(IntStream.range(0, 17).toArray());
        assertThat(second).containsExactlyInAnyOrder(IntStream.range(0, 17).toArray());
        assertThat(second).isNotEqualTo(first);
        assertThat(LongStream.range(0, 17).mapToInt(new Epochs(6, 17)::example).toArray())
                .isNotEqualTo(first);
    }

    @Test
    void anExampleIsAFunctionOfItsNumber() {
        Epochs forwards = new Epochs(5, 7);
        int[] all = LongStream.range(0, 50).mapToInt(forwards::example).toArray();
        Epochs jumping = new Epochs(5, 7);
        for (int k : new int[] {49, 0, 33, 7, 6, 48}) {
            assertThat(jumping.example(k)).as("example %d", k).isEqualTo(all[k]);
        }
        assertThat(jumping.epoch(48)).isEqualTo(6);
        assertThat(jumping.epoch(49)).isEqualTo(7);
    }

    @Test
    void needsExamples() {
        assertThatThrownBy(() -> new Epochs(1, 0)).hasMessage("epochs: there are 0 examples");
    }
}
