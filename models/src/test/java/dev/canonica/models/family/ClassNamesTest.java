package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassNamesTest {
    @Test
    void everyNameComesBack() {
        for (List<String> names : List.of(
                List.<String>of(),
                List.of("a"),
                List.of("a", "b c", "\"d\""),
                List.of("tench, Tinca tinca", "b", "é\\\"\n漢"),
                List.of("[a", "b"),
                List.of("[\"a\"]", "b"))) {
            assertThat(ClassNames.of(ClassNames.text(names))).isEqualTo(names);
        }
        assertThat(ClassNames.text(List.of("a", "b"))).isEqualTo("a,b");
        assertThat(ClassNames.of("[a,b")).containsExactly("[a", "b");
    }
}
