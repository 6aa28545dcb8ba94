package dev.canonica.tensor.vector.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultiplyAddsTest {
    /** A sum of more than 2²⁴ ones would stop growing. */
    @ParameterizedTest
    @ValueSource(longs = {1, 1000, 1_000_000, 10_000_000_000L})
    void asManyAreDoneAsAreAskedForAndLittleMore(long least) {
        assumeTrue(MultiplyAdds.available());
        double turn = MultiplyAdds.run(1);
        assertThat(MultiplyAdds.run(least)).isBetween((double) least, least + turn);
    }
}
