package dev.canonica.cadistill.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.canonica.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassMaskTest {
    @TempDir
    private Path temp;

    private Path file(String text) throws IOException {
        return Files.writeString(temp.resolve("mask.txt"), text);
    }

    @Test
    void readsALineAClass() throws IOException {
        assertThat(ClassMask.read(file("# of 200\nn01498041 6\n\nn01531178,11 # goldfinch\r\nred fox 2, 3\r\n"), 1000))
                .containsExactly(
                        java.util.Map.entry("n01498041", 6),
                        java.util.Map.entry("n01531178", 11),
                        java.util.Map.entry("red fox 2", 3));
    }

    @ParameterizedTest
    @CsvSource({
        "'n01498041', line 1: 'n01498041' is no folder with a number from 0 to 9",
        "'a 1\nb 10', line 2: 'b 10' is no folder with a number from 0 to 9",
        "'a 1\na 2', line 2: 'a' is there twice",
        "'# nothing', no classes"
    })
    void namesTheLine(String text, String says) throws IOException {
        Path mask = file(text);
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> ClassMask.read(mask, 10))
                .withMessageContaining("mask.txt: " + says);
    }
}
