package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written as JSON: names and values come from files, and are printed. */
class JsonTextTest {
    @TempDir
    private Path dir;

    /** A terminal obeys the control characters of eight bits, too, which JSON does not make one escape. */
    @Test
    void holdsNothingThatATerminalObeys() throws IOException {
        String hostile = "a\u001b[2Jb\u009b31mc\nd\u2028e\u202Ef\u2066g\u007fh\u0085é漢\uD83D\uDE00\\u0041\"";
        String json = JsonText.write(Map.of(hostile, hostile));
        assertThat(json.replace("\n", ""))
                .doesNotContainPattern("[\\p{Cc}\\p{Zl}\\p{Zp}\\u202A-\\u202E\\u2066-\\u2069]")
                .contains("é漢\uD83D\uDE00");
        assertThat(JsonText.read(Files.writeString(dir.resolve("f.json"), json)))
                .containsExactly(Map.entry(hostile, hostile));
    }
}
