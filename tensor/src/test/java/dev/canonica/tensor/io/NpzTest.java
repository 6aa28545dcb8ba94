package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
    @TempDir
    Path dir;

    /** A deflated archive of these entries. */
    private Path zip(Map<String, byte[]> entries) throws IOException {
        Path file = dir.resolve("a.npz");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> e : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
            }
        }
        return file;
    }

    private byte[] npy(Tensor t) throws IOException {
        Npy.write(dir.resolve("t.npy"), t);
        return Files.readAllBytes(dir.resolve("t.npy"));
    }

    @Test
    void readsWhatItWrote() {
        Map<String, Tensor> arrays = Samples.ofEveryType(false);
        Path file = dir.resolve("a.npz");
        Npz.write(file, arrays);
        Map<String, Tensor> read = Npz.read(file);
        Samples.assertSame(read, arrays);
        assertThat(read.keySet()).containsExactlyElementsOf(arrays.keySet());
        assertThat(dir).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void readsOneArrayAndNothingOfTheOthers() throws IOException {
        byte[] damaged = npy(Samples.tensor(DType.F32, 3));
        damaged[0] = 0;
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("damaged.npy", damaged);
        entries.put("deep/x.npy", npy(Samples.tensor(DType.I64, 2, 5)));
        Path file = zip(entries);
        Samples.assertSame(Map.of("x", Npz.read(file, "deep/x")), Map.of("x", Samples.tensor(DType.I64, 2, 5)));
        assertThatThrownBy(() -> Npz.read(file, "damaged")).hasMessageStartingWith(file + ": array 'damaged': ");
        assertThatThrownBy(() -> Npz.read(file, "x"))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": array 'x' is missing");
    }

    @Test
    void bytesDoNotDependOnTheTimeZone() throws IOException {
        Path file = dir.resolve("zone.npz");
        TimeZone before = TimeZone.getDefault();
        List<byte[]> all = new ArrayList<>();
        try {
            for (String zone : List.of("UTC", "Asia/Tokyo", "America/Los_Angeles")) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));
                Npz.write(file, Map.of("a", Tensor.of(new float[] {1, 2}, 2)));
                all.add(Files.readAllBytes(file));
            }
        } finally {
            TimeZone.setDefault(before);
        }
        assertThat(all).allSatisfy(bytes -> assertThat(bytes).isEqualTo(all.getFirst()));
    }

    @Test
    void writesTheSameBytesAgain() throws IOException {
        Npz.write(dir.resolve("a.npz"), Samples.ofEveryType(false));
        Npz.write(dir.resolve("b.npz"), Npz.read(dir.resolve("a.npz")));
        assertThat(dir.resolve("a.npz")).hasSameBinaryContentAs(dir.resolve("b.npz"));
    }

    @Test
    void readsDeflatedArchives() throws IOException {
        Map<String, Tensor> arrays = Samples.ofEveryType(false);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("group/", new byte[0]);
        for (String name : arrays.keySet()) {
            entries.put(name + ".npy", npy(arrays.get(name)));
        }
        Samples.assertSame(Npz.read(zip(entries)), arrays);
    }

    @Test
    void takesAnArchiveOfNothing() {
        Npz.write(dir.resolve("a.npz"), Map.of());
        assertThat(Npz.read(dir.resolve("a.npz"))).isEmpty();
    }

    @Test
    void keepsTheOldFileIfWritingFails() throws IOException {
        Path file = dir.resolve("a.npz");
        Npz.write(file, Map.of("x", Samples.tensor(DType.F32, 3)));
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> Npz.write(file, Map.of("x", Samples.tensor(DType.BF16, 3))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(file).hasBinaryContent(before);
        assertThat(dir.resolve("a.npz.part")).doesNotExist();
        Path nowhere = dir.resolve("nowhere").resolve("a.npz");
        assertThatThrownBy(() -> Npz.write(nowhere, Map.of()))
                .isInstanceOf(FormatException.class)
                .hasMessage(nowhere + ": cannot be written: its folder does not exist");
    }

    @Test
    void namesTheArrayThatItRefuses() throws IOException {
        byte[] npy = npy(Samples.tensor(DType.F32, 3));
        npy[new String(npy, "ISO-8859-1").indexOf("<f4")] = '>';
        Path file = zip(Map.of("deep/x.npy", npy));
        assertThatThrownBy(() -> Npz.read(file))
                .hasMessage(file + ": array 'deep/x': dtype '>f4': big-endian data cannot be read; save it as '<f4'");
        Path other = zip(Map.of("read.me", npy));
        assertThatThrownBy(() -> Npz.read(other))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": entry 'read.me' is not an array: its name does not end in .npy");
    }

    @Test
    void refusesTwoArraysOfOneName() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("x.npy", npy(Samples.tensor(DType.F32, 3)));
        entries.put("y.npy", npy(Samples.tensor(DType.F32, 3)));
        byte[] bytes = Files.readAllBytes(zip(entries));
        for (int i = 0; i + 5 <= bytes.length; i++) {
            if (new String(bytes, i, 5, "ISO-8859-1").equals("y.npy")) {
                bytes[i] = 'x';
            }
        }
        Path file = Files.write(dir.resolve("a.npz"), bytes);
        assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + ": array 'x' is there twice");
    }

    @Test
    void refusesABomb() throws IOException {
        // 100 MB of zeros in 100 kB, after a header that promises three numbers; then with a header that promises more
        // than deflate can give
        byte[] header = Npy.header(Samples.tensor(DType.F32, 3));
        byte[] bomb = Arrays.copyOf(header, 100_000_000);
        Path file = zip(Map.of("x.npy", bomb));
        assertThatThrownBy(() -> Npz.read(file))
                .hasMessage(
                        file + ": array 'x': damaged: shape [3] of F32 takes 12 bytes, but 99999872 follow the header");

        byte[] bytes = Files.readAllBytes(zip(Map.of("x.npy", npy(Samples.tensor(DType.F32, 3)))));
        int directory = indexOf(bytes, new byte[] {'P', 'K', 1, 2});
        bytes[directory + 27] = 0x70; // the size, 140, becomes 1.9 GB
        Path lie = Files.write(dir.resolve("a.npz"), bytes);
        assertThatThrownBy(() -> Npz.read(lie))
                .isInstanceOf(FormatException.class)
                .hasMessageMatching(".*: array 'x': damaged: 18790483\\d\\d bytes cannot come from \\d+ in a file of "
                        + bytes.length);
    }

    private static int indexOf(byte[] bytes, byte[] what) {
        int i = 0;
        while (!Arrays.equals(bytes, i, i + what.length, what, 0, what.length)) {
            i++;
        }
        return i;
    }

    @Test
    void knowsWhatAFileHolds() throws IOException {
        Path file = dir.resolve("a.npz");
        LinkedHashMap<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("x", Tensor.of(new float[] {1, Float.NaN, 3, -0f, 5, 6}, 3, 2));
        arrays.put("scalar", Tensor.of(new long[] {7}));
        Npz.write(file, arrays);
        assertThat(Npz.holds(file, arrays)).isTrue();
        Map<String, Tensor> turned = new LinkedHashMap<>();
        arrays.reversed().forEach(turned::put);
        assertThat(Npz.holds(file, turned)).isFalse();
        for (Tensor other : List.of(
                Tensor.of(new float[] {1, Float.NaN, 3, 0f, 5, 6}, 3, 2),
                Tensor.of(new float[] {1, Float.NaN, 3, -0f, 5, 6}, 2, 3),
                Tensor.of(new double[] {1, Float.NaN, 3, -0d, 5, 6}, 3, 2))) {
            turned.clear();
            turned.put("x", other);
            turned.put("scalar", arrays.get("scalar"));
            assertThat(Npz.holds(file, turned)).isFalse();
        }
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
        assertThat(Npz.holds(file, arrays)).isFalse();
        Files.writeString(file, "no archive");
        assertThat(Npz.holds(file, arrays)).isFalse();
    }

    @Test
    void refusesDamagedNumbers() throws IOException {
        Path file = dir.resolve("a.npz");
        Npz.write(file, Map.of("x", Samples.tensor(DType.F32, 3)));
        byte[] bytes = Files.readAllBytes(file);
        bytes[indexOf(bytes, new byte[] {'P', 'K', 1, 2}) - 5] ^= 1; // before the directory lies the last number
        Files.write(file, bytes);
        assertThatThrownBy(() -> Npz.read(file)).hasMessage(file + ": array 'x': damaged: the checksum does not match");
    }

    @Test
    void survivesDamage() throws IOException {
        Path stored = dir.resolve("s.npz");
        Npz.write(stored, Map.of("x", Samples.tensor(DType.U8, 7), "y", Samples.tensor(DType.F64, 3)));
        Samples.assertRobust(stored, p -> new ArrayList<>(Npz.read(p).values()));
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("x.npy", npy(Samples.tensor(DType.F16, 3, 5)));
        entries.put("y.npy", npy(Samples.tensor(DType.I64, 65)));
        Samples.assertRobust(zip(entries), p -> new ArrayList<>(Npz.read(p).values()));
    }
}
