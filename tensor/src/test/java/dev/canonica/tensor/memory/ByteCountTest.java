package dev.canonica.tensor.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteCountTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 bytes",
        "1023, 1023 bytes",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1280, 1.3 KiB", // 1.25: away from zero
        "1048575, 1024.0 KiB",
        "19004923904, 17.7 GiB",
        "9223372036854775807, 8388608.0 TiB"
    })
    void hasOneDecimal(long bytes, String text) {
        assertThat(ByteCount.human(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"1, 1024", "1024, 1048576", "1048576, 1073741824"})
    void roundsAsAFormatterDoes(long step, long unit) {
        String name = " " + (unit == 1024 ? "KiB" : unit == 1 << 20 ? "MiB" : "GiB");
        for (long bytes = unit; bytes < 4 * unit; bytes += step) {
            assertThat(ByteCount.human(bytes))
                    .isEqualTo(String.format(Locale.ROOT, "%.1f", (double) bytes / unit) + name);
        }
    }
}
