package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.io.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingTextsTest {
    private static Settings settings(Object... namesAndValues) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return Settings.of(values);
    }

    @Test
    void areComparedAsValues() {
        Settings now = settings("rate", 5e-4, "batch", 64, "flip", true, "data", "a");
        assertThat(now.since(settings("data", "a", "batch", 64L, "rate", 0.0005, "flip", true)))
                .isEmpty();
        assertThat(now).isEqualTo(settings("data", "a", "batch", 64L, "rate", 0.0005, "flip", true));
        assertThat(settings("n", 1).since(settings("n", "1"))).hasSize(1);
        assertThat(settings("n", 1).since(settings("n", 1.0))).isEmpty();
        assertThat(settings("n", "true").since(settings("n", true))).hasSize(1);
    }

    @Test
    void differencesNameBothValues() {
        Settings was = settings("seed", 5, "rate", 5e-4, "gone", "x");
        Settings is = settings("rate", 1e-3, "seed", 6, "new", false);
        assertThat(is.since(was).stream().map(Settings.Difference::toString))
                .containsExactly(
                        "rate: 5.0E-4, not 0.001", "seed: 5, not 6", "new: nothing, not false", "gone: x, not nothing");
    }

    @Test
    void areReadAsTheyWereWritten() {
        Settings all = settings(
                "b",
                false,
                "i",
                Long.MIN_VALUE,
                "tenth",
                0.1,
                "nan",
                Double.NaN,
                "inf",
                Double.POSITIVE_INFINITY,
                "t",
                "i:5",
                "empty",
                "",
                "lines",
                "a\n\"b\" é");
        assertThat(SettingTexts.parse(SettingTexts.of(all))).isEqualTo(all);
        for (String damaged : List.of("", "i", "i:", "i:x", "q:1", "r:?")) {
            assertThatThrownBy(() -> SettingTexts.parse(Map.of("n", damaged)))
                    .isInstanceOf(TrainingException.class)
                    .hasMessageContaining("setting 'n' is '" + damaged + "'");
        }
        assertThatThrownBy(() -> settings("n", List.of())).hasMessageContaining("setting 'n'");
    }
}
