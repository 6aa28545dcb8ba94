package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.FormatException;
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
}
