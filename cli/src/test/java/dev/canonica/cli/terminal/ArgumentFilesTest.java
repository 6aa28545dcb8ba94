package dev.canonica.cli.terminal;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of arguments that are none: the parser would wait for them, or read them for ever. */
class ArgumentFilesTest {
    @TempDir
    private Path dir;

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatIsNoFileIsRefused() throws Exception {
        Path pipe = dir.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        refused(pipe, "it is a pipe or device, and a file is needed");
        refused(Path.of("/dev/zero"), "it is a pipe or device, and a file is needed");
        refused(dir, "it is a folder, and a file is needed");
        refused(Files.write(dir.resolve("bytes"), new byte[] {'-', (byte) 0xE9}), "not UTF-8");
        refused(Files.write(dir.resolve("long"), new byte[(1 << 20) + 1]), "at most 1048576 are read");
    }

    private void refused(Path file, String why) throws IOException {
        assertThatThrownBy(() -> ArgumentFiles.check("sample", "@" + file))
                .isInstanceOf(Misuse.class)
                .hasMessageStartingWith("@" + file + ": cannot be read: ")
                .hasMessageEndingWith(why);
        Path outer = Files.writeString(dir.resolve("outer"), "--seed 3\n@" + dir.resolve("outer") + " @" + file);
        assertThatThrownBy(() -> ArgumentFiles.check("sample", "@" + outer)).hasMessageEndingWith(why);
    }

    @Test
    void whatIsThereOrIsNoneIsLeftToTheParser() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "\uFEFF--out x");
        assertThatCode(() -> ArgumentFiles.check("@" + file, "@@" + dir, "@", "@" + dir.resolve("none"), "@\0"))
                .doesNotThrowAnyException();
    }
}
