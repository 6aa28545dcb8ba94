package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every layout of a checkpoint holds the same tensors: files made by {@code src/test/scripts/make_checkpoints.py}. */
class CheckpointTest {
    private static final Path FILES = Path.of("src/test/resources/checkpoints");

    @TempDir
    private Path dir;

    private static Map<String, Tensor> all(Path file) {
        Checkpoint c = Checkpoint.open(file);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : c.names()) {
            Tensor t = c.read(name);
            assertThat(t.shape()).isEqualTo(c.shape(name));
            assertThat(t.dtype()).isEqualTo(c.dtype(name));
            tensors.put(name, t);
        }
        return tensors;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain.safetensors",
                "w.safetensors.index.json",
                "bare.pt",
                "dict-protocol4.pt",
                "ema.pt",
                "parameters.pt",
                "legacy.pt",
                "b.bin.index.json",
                "decay.pt",
                "ema-state-dict.pt",
                "net.pt",
                "params_ema.pt",
                "model_ema.pt"
            })
    void everyLayoutHoldsTheSameTensors(String name) {
        Map<String, Tensor> reference = Safetensors.read(FILES.resolve("plain.safetensors"));
        assertThat(reference).hasSize(12);
        Samples.assertSame(all(FILES.resolve(name)), reference);
    }

    /** What is beside them is let pass; of complex numbers the name is known. */
    @ParameterizedTest
    @ValueSource(strings = {"types.pt", "types-protocol4.pt", "types-legacy.pt", "types.safetensors"})
    void typesOfFilesAreWidened(String name) {
        Map<String, Tensor> reference = Safetensors.read(FILES.resolve("widened.safetensors"));
        assertThat(reference).hasSize(8);
        Samples.assertSame(all(FILES.resolve(name)), reference);
        Checkpoint c = Checkpoint.open(FILES.resolve(name));
        assertThat(c.storedType("u16")).isEqualTo("U16");
        assertThat(c.storedBytes("u16")).isEqualTo(4);
        assertThat(c.unread()).containsEntry("complex64", "C64");
        assertThatThrownBy(() -> c.read("complex64"))
                .isInstanceOf(FormatException.class)
                .hasMessage(FILES.resolve(name) + ": tensor 'complex64' is of type C64, which is not supported");
    }

    @Test
    void saysWhereInTheFileTheTensorsAre() {
        assertThat(Checkpoint.open(FILES.resolve("bare.pt")).within()).isEmpty();
        assertThat(Checkpoint.open(FILES.resolve("decay.pt")).within()).isEqualTo("model_state_dict");
        assertThat(Checkpoint.open(FILES.resolve("ema-state-dict.pt")).within()).isEqualTo("ema.state_dict");
    }

    @Test
    void numbersThatHaveNoRoomAreRefused() throws IOException {
        byte[] header =
                "{\"x\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}".getBytes(StandardCharsets.UTF_8);
        Path file = dir.resolve("a.safetensors");
        ByteBuffer bytes = ByteBuffer.allocate(16 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(header.length).put(header).putLong(-1).array());
        assertThatThrownBy(() -> Checkpoint.open(file).read("x"))
                .hasMessage(file + ": 18446744073709551615 of type U64 has no room in I64");
    }

    @Test
    void halfACharacterInANameIsRefused() throws IOException {
        Path file = dir.resolve("a.safetensors");
        byte[] header = "{\"\\ud83d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(9 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(header.length).put(header).array());
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("half a character (a lone surrogate)");
    }

    @Test
    void aLegacyFileThatIsCutOffIsRefused() throws IOException {
        byte[] good = Files.readAllBytes(FILES.resolve("legacy.pt"));
        Path file = dir.resolve("cut.pt");
        Files.write(file, java.util.Arrays.copyOf(good, good.length - 5));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("damaged or cut off: storage");
        Files.write(file, java.util.Arrays.copyOf(good, 300));
        assertThatThrownBy(() -> Checkpoint.open(file)).isInstanceOf(FormatException.class);
    }

    /** What was copied out of the map takes no memory a second time, and can be read again. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void pagesThatWereReadAreGivenBack() throws IOException {
        Path file = dir.resolve("large.safetensors");
        Tensor ones = Tensor.full(DType.F32, Shape.of(4 << 20), 1);
        Tensor halves = Tensor.full(DType.F32, Shape.of(4 << 20), 0.5).to(DType.F16);
        Safetensors.write(file, Map.of("a", ones, "b", halves), Map.of());
        Checkpoint c = Checkpoint.open(file);
        for (int i = 0; i < 2; i++) {
            assertThat(c.read("a").sumAll().item()).isEqualTo(4 << 20);
            assertThat(c.read("b", DType.F32).sumAll().item()).isEqualTo(2 << 20);
            assertThat(residentKilobytes(file)).isBetween(0L, 1024L);
        }
        assertThat(c.names()).hasSize(2); // is mapped still
    }

    /** Of the maps of a file. */
    private static long residentKilobytes(Path file) throws IOException {
        long sum = -1;
        boolean ours = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.endsWith(file.toString());
            } else if (ours && line.startsWith("Rss:")) {
                sum = Math.max(0, sum) + Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
    }

    @Test
    void readsTensorsWhoseElementsRepeat() {
        Map<String, Tensor> reference = Safetensors.read(FILES.resolve("expanded.safetensors"));
        assertThat(reference).hasSize(4);
        Samples.assertSame(all(FILES.resolve("expanded.pt")), reference);
    }

    @Test
    void readsWhatTheWriterWrote() {
        Map<String, Tensor> tensors = Samples.ofEveryType(true);
        Safetensors.write(dir.resolve("a.safetensors"), tensors, Map.of("format", "pt"));
        Samples.assertSame(all(dir.resolve("a.safetensors")), tensors);
        assertThat(Checkpoint.open(dir.resolve("a.safetensors")).metadata()).containsEntry("format", "pt");
    }

    @Test
    void widens() {
        Checkpoint c = Checkpoint.open(FILES.resolve("bare.pt"));
        for (String name : new String[] {"half", "bfloat", "double", "a.weight"}) {
            Tensor wide = c.read(name, DType.F32);
            assertThat(wide.dtype()).isEqualTo(DType.F32);
            assertThat(wide.toFloats()).isEqualTo(c.read(name).toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "refused-global.pt| : 'datetime.date' is not read: only tensors in plain containers are; save the model's state_dict() alone",
                "refused-module.pt| : '__main__.M' is not read: only tensors in plain containers are; save the model's state_dict() alone",
                "refused-tensor.pt| : holds one tensor; a dictionary of tensors is needed",
                "refused-expanded.pt| : a tensor of shape [33554432] repeats the elements of a storage of 1 (expand); save a contiguous() copy of it",
            })
    void refuses(String name, String message) {
        Path file = FILES.resolve(name);
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'weight_map':{'x':'../x.safetensors'}}; : file '../x.safetensors': a .safetensors or .bin file in the index's own folder is needed",
                "{'weight_map':{'x':'a.safetensors','x':'a.safetensors'}}; : 'x' is there twice",
                "{'metadata':{}}; : 'weight_map' is missing: an index of safetensors is needed",
                "{'weight_map':{},'more':1}; : unknown member 'more'",
            })
    void refusesAnIndex(String json, String message) throws IOException {
        Path file = Files.writeString(dir.resolve("w.safetensors.index.json"), json.replace('\'', '"'));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(FormatException.class)
                .hasMessage(file + message);
    }

    @Test
    void indexAndFilesMustAgree() throws IOException {
        Safetensors.write(dir.resolve("a.safetensors"), Map.of("x", Samples.tensor(DType.F32, 3)), Map.of());
        Path index = dir.resolve("w.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\":{\"x\":\"a.safetensors\",\"y\":\"a.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.open(index))
                .hasMessage(dir.resolve("a.safetensors") + ": tensor 'y', which the index names, is missing");
        Files.writeString(index, "{\"weight_map\":{\"y\":\"a.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.open(index))
                .hasMessage(dir.resolve("a.safetensors") + ": tensor 'x' is not in the index for this file");
    }

    @Test
    void opensThreeGigabytesAtOnce() throws IOException {
        byte[] header = "{\"x\":{\"dtype\":\"F16\",\"shape\":[1500000000],\"data_offsets\":[0,3000000000]}}"
                .getBytes(StandardCharsets.UTF_8);
        Path file = dir.resolve("big.safetensors");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .flip());
            out.write(ByteBuffer.wrap(header));
            out.write(ByteBuffer.allocate(1), 8 + header.length + 3_000_000_000L - 1); // a sparse file
        }
        long start = System.nanoTime();
        Checkpoint c = Checkpoint.open(file);
        assertThat(System.nanoTime() - start).isLessThan(1_000_000_000L);
        assertThat(c.shape("x").size()).isEqualTo(1_500_000_000L);
    }

    @Test
    void overlapsAndLiesInAnArchiveAreRefused() throws IOException {
        byte[] good = Files.readAllBytes(FILES.resolve("bare.pt"));
        Path file = dir.resolve("bad.pt");
        Files.write(file, java.util.Arrays.copyOf(good, good.length - 1));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .hasMessage(file + ": damaged or cut off: the zip directory at the end is missing");
        Files.write(file, new byte[] {'P', 'K', 3, 4});
        assertThatThrownBy(() -> Checkpoint.open(file))
                .hasMessage(file + ": damaged or cut off: the zip directory at the end is missing");
    }
}
