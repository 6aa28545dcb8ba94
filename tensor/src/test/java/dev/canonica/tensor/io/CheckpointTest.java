package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
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
                "parameters.pt"
            })
    void everyLayoutHoldsTheSameTensors(String name) {
        Map<String, Tensor> reference = Safetensors.read(FILES.resolve("plain.safetensors"));
        assertThat(reference).hasSize(12);
        Samples.assertSame(all(FILES.resolve(name)), reference);
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
                "refused-legacy.pt| : the format of PyTorch before 1.6 (not a zip archive); load it there and torch.save its state_dict() with a newer one",
                "refused-global.pt| : 'datetime.date' is not read: only tensors in plain containers are; save the model's state_dict() alone",
                "refused-module.pt| : '__main__.M' is not read: only tensors in plain containers are; save the model's state_dict() alone",
                "refused-tensor.pt| : holds one tensor; a dictionary of tensors is needed",
                "refused-type.pt| : 'torch.CharStorage' is not read: only tensors in plain containers are; save the model's state_dict() alone",
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
                "{'weight_map':{'x':'../x.safetensors'}}; : file '../x.safetensors': a .safetensors file in the index's own folder is needed",
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
