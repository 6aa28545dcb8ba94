package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    @TempDir
    Path dir;

    private Path file(int version, String header, int dataBytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < (version == 1 ? 2 : 4); i++) {
            out.write(text.length >> (8 * i));
        }
        out.write(text);
        for (int i = 0; i < dataBytes; i++) {
            out.write(i);
        }
        return Files.write(dir.resolve("a.npy"), out.toByteArray());
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, names = "BF16", mode = EnumSource.Mode.EXCLUDE)
    void readsWhatItWrote(DType type) {
        Path file = dir.resolve("a.npy");
        for (int[] dims : new int[][] {{}, {0}, {1}, {7}, {3, 5}, {2, 0, 3}, {1, 1, 1, 1, 17}, {33, 65, 17}}) {
            Tensor t = Samples.tensor(type, dims);
            Npy.write(file, t);
            Tensor r = Npy.read(file);
            assertThat(r).hasToString(t.toString());
            assertThat(r.toDoubles()).isEqualTo(t.toDoubles());
        }
    }

    @Test
    void writesTheHeaderOfNumPy() throws IOException {
        Npy.write(dir.resolve("a.npy"), Samples.tensor(DType.F32, 2, 3));
        byte[] bytes = Files.readAllBytes(dir.resolve("a.npy"));
        assertThat(bytes).hasSize(128 + 24);
        assertThat(new String(bytes, 10, 118, StandardCharsets.US_ASCII))
                .isEqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }" + " ".repeat(58) + "\n");
        assertThat(bytes).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void readsEveryVersion(int version) throws IOException {
        Path file = file(version, "{\"shape\":(2,3,),'fortran_order':False,'descr':'|u1'}\n", 6);
        assertThat(Npy.read(file).toLongs()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void turnsFortranOrderIntoRows() throws IOException {
        Tensor t = Npy.read(file(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }\n", 12));
        assertThat(t.toString()).startsWith("Tensor[2, 3, 2] U8 [[[");
        // element (i, j, k) lies at i + 2 j + 6 k
        assertThat(t.toLongs()).containsExactly(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "'>f4'# (3,)# : dtype '>f4': big-endian data cannot be read; save it as '<f4'",
                "'<c8'# (3,)# : dtype '<c8': float16, float32, float64, int32, int64, uint8 and bool can be read",
                "'|O'# (3,)# : dtype '|O': float16, float32, float64, int32, int64, uint8 and bool can be read",
                "[('a', '<f4')]# (3,)# : a structured dtype: save each field as an array of its own",
                "'<f4'# (-3,)# : shape [-3]: an extent lies in [0, 2147483647]",
                "'<f4'# (3000000000,)# : shape [3000000000]: an extent lies in [0, 2147483647]",
                "'<f4'# (2000000000, 2000000000, 2000000000)# : shape [2000000000, 2000000000, 2000000000] of F32 is larger than any file",
                "'<f4'# (2000000000, 2000000000, 2000000000, 0)# : shape [2000000000, 2000000000, 2000000000, 0] of F32 is larger than any file",
                "'<f4'# (1000000000, 1000)# : damaged: shape [1000000000, 1000] of F32 takes 4000000000000 bytes, but 12 follow the header",
                "'<f4'# (2,)# : damaged: shape [2] of F32 takes 8 bytes, but 12 follow the header",
                "'<f4'# (99999999999999999999,)# : damaged header: an extent expected at character 51",
                "'<f4'# (,)# : damaged header: an extent expected at character 51",
                "'<f4'# (3 3)# : damaged header: ')' expected at character 53",
                "'<f4'# 3# : damaged header: '(' expected at character 50",
                "'<f4'# (3,), 'shape': (3,)# : damaged header: key 'shape' twice",
                "'<f4'# (3,), 'more': (3,)# : damaged header: unknown key 'more'",
            })
    void refuses(String descr, String shape, String message) throws IOException {
        Path file = file(1, "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }", 12);
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + message);
    }

    @Test
    void refusesWhatIsNotAnArray() throws IOException {
        Path file = dir.resolve("a.npy");
        Files.writeString(file, "hello, I am text");
        assertThatThrownBy(() -> Npy.read(file))
                .hasMessage(file + ": not an NPY array: the first bytes are not \\x93NUMPY");
        Path four = file(4, "{}", 0);
        assertThatThrownBy(() -> Npy.read(four)).hasMessage(file + ": NPY version 4.0; 1.0, 2.0 and 3.0 can be read");
        Path none = dir.resolve("none.npy");
        assertThatThrownBy(() -> Npy.read(none))
                .isInstanceOf(FormatException.class)
                .hasMessage(none + ": cannot be read: there is no such file");
        Path empty = file(1, "{}", 0);
        assertThatThrownBy(() -> Npy.read(empty))
                .hasMessage(file + ": damaged header: descr, fortran_order and shape are needed");
    }

    @Test
    void refusesToWriteBfloat() {
        assertThatThrownBy(() -> Npy.write(dir.resolve("a.npy"), Samples.tensor(DType.BF16, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("npy: NumPy has no BF16: convert to F32 first");
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void survivesDamage() throws IOException {
        Path file = dir.resolve("a.npy");
        Npy.write(file, Samples.tensor(DType.I32, 3, 5));
        Samples.assertRobust(file, Npy::read);
    }
}
