package dev.canonica.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
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
        assertThatThrownBy(() -> ArgumentFiles.expand("sample", "@" + file))
                .isInstanceOf(Misuse.class)
                .hasMessageStartingWith("@" + file + ": cannot be read: ")
                .hasMessageEndingWith(why);
        Path outer = Files.writeString(dir.resolve("outer"), "--seed 3\n@" + dir.resolve("outer") + " @" + file);
        assertThatThrownBy(() -> ArgumentFiles.expand("sample", "@" + outer)).hasMessageEndingWith(why);
    }

    /** As editors write them: with a byte order mark, other ends of lines, quotes and comments; letters of any script. */
    @Test
    void theWordsOfAFileStandInItsPlace() throws IOException {
        Path inner = Files.writeString(dir.resolve("inner"), "--seed\r\n3\r\n# a comment\r\n");
        Path file = Files.writeString(
                dir.resolve("file"), "\uFEFF--out 'a b' \"c\\td\" \u732B\u00E9 @" + inner + " @" + inner + "\n@@x");
        assertThat(ArgumentFiles.expand("sample", "@" + file, "--count", "1"))
                .containsExactly("sample", "--out", "a b", "c\td", "\u732B\u00E9", "--seed", "3", "@x", "--count", "1");
        Path self = dir.resolve("self");
        Files.writeString(self, "a @" + self + " b");
        assertThat(ArgumentFiles.expand("@" + self)).containsExactly("a", "b");
    }

    @Test
    void whatIsNoFileIsAWord() {
        assertThat(ArgumentFiles.expand("@@" + dir, "@", "@" + dir.resolve("none"), "@\0"))
                .containsExactly("@" + dir, "@", "@" + dir.resolve("none"), "@\0");
    }
}
