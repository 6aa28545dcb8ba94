package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.FormatException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CanonicaExceptionTest {

    @Test
    void whatATerminalWouldObeyIsNotShown() {
        String hostile = "a\u001b[2Jb\u009b31mc\nd\u2028e\u202Ef\u2066g\ud800h\u0000";
        assertThat(new FormatException("name '" + hostile + "'")).hasMessage("name 'a?[2Jb?31mc?d?e?f?g?h?'");
        assertThat(CanonicaException.shown("猫 é 😀 e\u0301 \u200d")).isEqualTo("猫 é 😀 e\u0301 \u200d");
    }

    @Test
    void aLongMessageKeepsItsBeginningAndItsEnd() {
        String message = "file.pt: tensor '" + "x".repeat(100_000) + "' is missing; it is needed";
        String shown = String.valueOf(new FormatException(message).getMessage());
        assertThat(shown)
                .hasSize(300)
                .startsWith("file.pt: tensor 'xxx")
                .contains("x … x")
                .endsWith("xxx' is missing; it is needed");
        assertThat(CanonicaException.line("😀".repeat(1000)).codePoints()).doesNotContain(0xd83d, 0xde00);
        assertThat(CanonicaException.line("y".repeat(300))).isEqualTo("y".repeat(300));
    }

    /** Of a line with long paths what it says of them stays, and the ends of each. */
    @Test
    void pathsAreShortenedFirst() {
        String a = "/a" + "/folder".repeat(60) + "/name.npz";
        String b = "/b" + "/other".repeat(40) + "/else.npz";
        String shown =
                CanonicaException.line(a + ": holds other numbers than " + b + "; delete it and it is computed again");
        assertThat(shown)
                .hasSize(300)
                .startsWith("/a/folder/")
                .contains("/name.npz: holds other numbers than /b/other/")
                .endsWith("/else.npz; delete it and it is computed again");
    }

    /** What is left out of a sentence are whole words, and of a list whole members, which are counted. */
    @Test
    void theMiddleGoesBetweenWordsAndMembers() {
        assertThat(CanonicaException.line(("w".repeat(59) + " ").repeat(9) + "end"))
                .isEqualTo(("w".repeat(59) + " ").repeat(3) + "… " + "w".repeat(59) + " end");
        String words = CanonicaException.line("file: " + "several words ".repeat(30) + "or delete it");
        assertThat(words).hasSizeBetween(280, 300).endsWith(" words or delete it");
        assertThat(words.replace("several", "").replace("words", "").replaceAll(" +", " "))
                .isEqualTo("file: … or delete it");
        for (int count : new int[] {40, 77, 1000}) {
            String names = IntStream.range(0, count)
                    .mapToObj(i -> "key_%04d".formatted(i))
                    .collect(Collectors.joining(", "));
            String list = CanonicaException.line("config.json: unknown key 'decay'; known: " + names + "; give one");
            Matcher m = Pattern.compile(
                            "config.json: unknown key 'decay'; known: (.*), … (\\d+) more …, (.*); give one")
                    .matcher(list);
            assertThat(m.matches()).as(list).isTrue();
            List<String> left = List.of((m.group(1) + ", " + m.group(3)).split(", "));
            assertThat(left).allMatch(key -> key.matches("key_\\d{4}"));
            assertThat(left.size() + Integer.parseInt(m.group(2))).isEqualTo(count);
            assertThat(list).hasSizeBetween(270, 300);
        }
    }
}
