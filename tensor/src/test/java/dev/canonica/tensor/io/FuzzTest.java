package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mutated files of every format: the reader gives tensors or a {@link FormatException} of one line that names the file, and takes neither
 * long nor much memory. A few thousand files for each; {@code -Dcanonica.fuzz=100000} makes it many more.
 */
class FuzzTest {
    private static final Path FILES = Path.of("src/test/resources/checkpoints");
    private static final int FILES_EACH = Integer.getInteger("canonica.fuzz", 2000);
    private static final Duration LIMIT = Duration.ofSeconds(60 + FILES_EACH / 20);

    @TempDir
    private Path dir;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bare.pt",
                "ema.pt",
                "dict-protocol4.pt",
                "expanded.pt",
                "legacy.pt",
                "types.pt",
                "types-legacy.pt",
                "plain.safetensors"
            })
    void checkpoints(String name) throws IOException {
        fuzz(Files.readAllBytes(FILES.resolve(name)), name, file -> {
            Checkpoint c = Checkpoint.open(file);
            c.names().forEach(n -> c.read(n).close());
        });
    }

    @Test
    void indices() throws IOException {
        for (String shard : new String[] {"w-00001-of-00002.safetensors", "w-00002-of-00002.safetensors"}) {
            Files.copy(FILES.resolve(shard), dir.resolve(shard));
        }
        fuzz(
                Files.readAllBytes(FILES.resolve("w.safetensors.index.json")),
                "w.safetensors.index.json",
                Checkpoint::open);
    }

    @Test
    void arrays() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("x", Samples.tensor(DType.F32, 3, 5));
        tensors.put("y", Samples.tensor(DType.I64, 2, 1, 7));
        Npz.write(dir.resolve("good.npz"), tensors);
        fuzz(
                Files.readAllBytes(dir.resolve("good.npz")),
                "a.npz",
                file -> Npz.read(file).values().forEach(Tensor::close));
    }

    private void fuzz(byte[] good, String name, Consumer<Path> reader) throws IOException {
        Path file = dir.resolve(name);
        int[] refused = {0};
        Files.write(file, good);
        assertTimeoutPreemptively(LIMIT, () -> {
            SplittableRandom random = new SplittableRandom(name.hashCode());
            for (int i = 0; i < FILES_EACH; i++) {
                Files.delete(
                        file); // a file that is written over in place is forced to disk by ext4: most of the time, then
                Files.write(file, Mutation.of(good, random));
                try {
                    reader.accept(file);
                } catch (FormatException e) {
                    refused[0]++;
                    assertThat(e.getMessage()).startsWith(dir.toString()).doesNotContain("\n", "\r");
                }
            }
        });
        assertThat(refused[0]).isGreaterThan(FILES_EACH / 4);
    }
}
