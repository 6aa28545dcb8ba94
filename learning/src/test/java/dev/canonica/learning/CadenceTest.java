package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CadenceTest {
    @Test
    void bySteps() {
        Cadence third = Cadence.everySteps(3);
        assertThat(LongStream.rangeClosed(1, 7).filter(third::due)).containsExactly(3L, 6L);
        assertThatThrownBy(() -> Cadence.everySteps(0)).hasMessage("saving every 0 steps");
    }

    @Test
    void byTime() {
        long[] now = {100};
        Cadence cadence = Cadence.every(Duration.ofNanos(10), () -> now[0]);
        now[0] = 109;
        assertThat(cadence.due(1)).isFalse();
        now[0] = 113;
        assertThat(cadence.due(2)).isTrue();
        now[0] = 122;
        assertThat(cadence.due(3)).isFalse();
        now[0] = 123;
        assertThat(cadence.due(4)).isTrue();
    }

    /** An interval that has more nanoseconds than a long. */
    @Test
    void centuriesAreNever() {
        long[] now = {0};
        Cadence cadence = Cadence.every(Duration.ofSeconds(Long.MAX_VALUE), () -> now[0]);
        now[0] = Long.MAX_VALUE - 1;
        assertThat(cadence.due(1)).isFalse();
    }

    @Test
    void nothingIsAfterEveryStep() {
        Cadence cadence = Cadence.every(Duration.ZERO, () -> 5);
        assertThat(LongStream.rangeClosed(1, 4).allMatch(cadence::due)).isTrue();
    }
}
