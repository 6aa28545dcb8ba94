package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cli.terminal.Home;
import dev.canonica.data.run.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration's two folders: its own, and that of the paper's projection in it. */
class DemoTest {
    @TempDir
    private Path temp;

    @AfterEach
    void forgetTheFolder() {
        System.clearProperty(Home.PROPERTY);
    }

    /** The second is claimed before work starts in the first. */
    @Test
    void refusesBeforeWorkWhereTheSecondFolderIsInUse() throws IOException {
        System.setProperty(Home.PROPERTY, temp.toString());
        TinyImages.write(temp.resolve("demo/images"), 2);
        TinyDit.withOwnSetting(TinyDit.write(temp.resolve("demo/model"), 3, 3));
        Path out = temp.resolve("out");
        Path paper = out.resolve("topk");
        Files.createDirectories(paper);
        try (FolderLock _ = FolderLock.take(paper, "extraction")) {
            Outcome outcome = Outcome.run("demo", "--limit", 1, "--out", out, "--threads", 1);
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).contains(paper + ": in use by this process");
        }
        assertThat(out.resolve("batches")).doesNotExist();
        assertThat(out.resolve("index.json")).doesNotExist();
        assertThat(Outcome.run("demo", "--limit", 1, "--out", out, "--threads", 1)
                        .code())
                .isZero();
    }
}
