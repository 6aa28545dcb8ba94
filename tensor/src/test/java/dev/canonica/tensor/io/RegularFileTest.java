package dev.canonica.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is no file in the place of one, and files that change while they are read. */
class RegularFileTest {
    private static final List<Consumer<Path>> READERS = List.of(
            Npy::read,
            Npz::read,
            file -> Npz.read(file, "x"),
            Safetensors::read,
            Safetensors::list,
            Checkpoint::open,
            ShardIndex::open,
            JsonText::read);

    @TempDir
    private Path dir;

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pipesDevicesAndFoldersAreRefusedAtOnce() throws Exception {
        Path pipe = dir.resolve("pipe.safetensors");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        for (Path none : List.of(pipe, Path.of("/dev/zero"), Path.of("/dev/null"))) {
            for (Consumer<Path> reader : READERS) {
                assertThatThrownBy(() -> reader.accept(none))
                        .isInstanceOf(FormatException.class)
                        .hasMessageStartingWith(none + ": cannot be read")
                        .hasMessageEndingWith(": it is a pipe or device, and a file is needed");
            }
        }
        for (Consumer<Path> reader : READERS) {
            assertThatThrownBy(() -> reader.accept(dir))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(dir + ": cannot be read")
                    .hasMessageEndingWith(": it is a folder, and a file is needed");
        }
    }

    /** As editors on Windows write it. */
    @Test
    void aByteOrderMarkIsNoText() throws IOException {
        Path file = Files.writeString(dir.resolve("f"), "\uFEFF{\"a\": \"\uFEFFb\"}");
        assertThat(JsonText.read(file)).containsExactly(Map.entry("a", "\uFEFFb"));
        assertThat(RegularFile.text(file, 100)).isEqualTo("{\"a\": \"\uFEFFb\"}");
        assertThatThrownBy(() -> JsonText.read(Files.writeString(file, "{}", StandardCharsets.UTF_16LE)))
                .isInstanceOf(FormatException.class);
    }

    @Test
    void sizesAreBounded() throws IOException {
        Path file = Files.write(dir.resolve("f"), new byte[10]);
        assertThat(RegularFile.bytes(file, 10)).hasSize(10);
        assertThatThrownBy(() -> RegularFile.bytes(file, 9)).hasMessage("it has 10 bytes; at most 9 are read");
        // What the system makes up while it is read says that it has no bytes.
        Path made = Path.of("/proc/self/maps");
        assumeTrue(Files.exists(made));
        assertThatThrownBy(() -> RegularFile.bytes(made, 3)).hasMessage("it has 4 bytes; at most 3 are read");
    }

    @Test
    void aFileThatIsCutOffIsNamed() throws IOException {
        int n = 1 << 18;
        Map<String, Tensor> tensors =
                Map.of("a", Tensor.full(DType.F32, Shape.of(n), 1), "b", Tensor.full(DType.F32, Shape.of(n), 2));
        for (long left : new long[] {0, 5_000, 4L * n + 300, 8L * n}) {
            Path file = dir.resolve(left + ".safetensors");
            Safetensors.write(file, tensors, Map.of());
            Checkpoint whole = Checkpoint.open(file);
            assertThat(whole.read("a").toFloats()[n - 1]).isEqualTo(1);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(left);
            }
            assertThatThrownBy(() -> whole.read("b"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(file + ": cut off while it was read");
        }
    }

    /** Who saves anew moves the new file into place: what was opened before stays what it was. */
    @Test
    void aFileThatIsReplacedStaysReadable() throws IOException {
        Path file = dir.resolve("w.safetensors");
        Safetensors.write(file, Map.of("a", Tensor.full(DType.F32, Shape.of(100_000), 1)), Map.of());
        Checkpoint old = Checkpoint.open(file);
        Path shorter = dir.resolve("new");
        Safetensors.write(shorter, Map.of("a", Tensor.full(DType.F32, Shape.of(1), 2)), Map.of());
        Files.move(shorter, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(old.read("a").toFloats()[99_999]).isEqualTo(1);
        Files.delete(file);
        assertThat(old.read("a").toFloats()[0]).isEqualTo(1);
    }
}
