package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileKindTest {
    @TempDir
    private Path dir;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            89504e470d0a1a0a0000000d | a PNG image
            ffd8ffe000104a464946     | a JPEG image
            474946383961             | a GIF image
            424d3600000000000000     | a BMP image
            524946462400000057454250 | a WebP image
            255044462d312e37         | a PDF document
            934e554d505901007600     | an NPY array
            504b03041400             | a zip archive, as NPZ and .pt files are
            1f8b0800                 | packed by gzip
            """)
    void bytesTellTheKind(String digits, String kind) throws IOException {
        assertThat(FileKind.of(Files.write(dir.resolve("x"), HexFormat.of().parseHex(digits))))
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            \uFEFF<!DOCTYPE html><html>              | a web page
            <html lang="en">                         | a web page
            {"error": "not found"}                   | a JSON text
            # Readme                                 | a text
            猫                                       | a text
            """)
    void wordsTellTheKind(String text, String kind) throws IOException {
        assertThat(FileKind.of(Files.writeString(dir.resolve("x"), text))).isEqualTo(kind);
        assertThat(FileKind.of(Files.writeString(dir.resolve("x"), text + "猫".repeat(1000))))
                .isEqualTo(kind);
    }

    @Test
    void otherBytesTellNothing() throws IOException {
        Path file = dir.resolve("x");
        assertThat(FileKind.of(file)).isEmpty();
        assertThat(FileKind.of(dir)).isEmpty();
        for (byte[] bytes :
                new byte[][] {{}, {0, 0, 8, 3}, {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'}, {'a', (byte) 0xe9, 'b'}}) {
            assertThat(FileKind.of(Files.write(file, bytes))).isEmpty();
        }
    }

    /** Readers say what a file is that they cannot read, and what would be right. */
    @Test
    void readersSayIt() throws IOException {
        byte[] png = HexFormat.of().parseHex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de");
        Path image = Files.write(dir.resolve("x.png"), png);
        assertThatThrownBy(() -> Safetensors.read(image))
                .hasMessage(
                        image
                                + ": not a checkpoint: it is a PNG image; a .safetensors, .pt or .pth file is needed, or the folder of one");
        assertThatThrownBy(() -> Npz.read(image)).hasMessage(image + ": not an NPZ archive: it is a PNG image");
        Path pointer = Files.write(
                dir.resolve("model.safetensors"),
                "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
                        .getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Safetensors.read(pointer))
                .hasMessage(
                        pointer
                                + ": not a checkpoint: it is the pointer to a file that Git LFS keeps; 'git lfs pull' fetches the file itself");
    }
}
