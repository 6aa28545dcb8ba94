package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.run.FolderLock;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Results that cannot be written, and places that another command writes to. */
class StandardOutputTest {
    private record Ended(int code, String err) {}

    @TempDir
    private Path temp;

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatAFullDiskDoesNotTakeIsSaid() throws Exception {
        assertThat(run("exec \"$@\" > /dev/full", "info"))
                .isEqualTo(
                        new Ended(
                                1,
                                "canonica info: standard output cannot be written (the disk is full, or it was closed): what was printed is lost\n"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void soIsWhatAClosedOutputDoesNotTake() throws Exception {
        Ended ended = run("exec \"$@\" >&-", "data");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("canonica data: standard output cannot be written")
                .containsOnlyOnce("\n");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void nothingIsSaidWhereNothingIsPrinted() throws Exception {
        Ended ended =
                run("exec \"$@\" > /dev/full", "inspect", temp.resolve("none").toString());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("none").doesNotContain("standard output");
    }

    @Test
    void samplesDoNotGoWhereAnotherCommandWrites() throws IOException {
        Path model = TinyDit.write(temp.resolve("model"));
        Path out = Files.createDirectory(temp.resolve("samples"));
        Object[] sample = {"sample", "--model", model, "--count", 1, "--steps", 2, "--out", out};
        try (FolderLock _ = FolderLock.take(out, "extraction")) {
            Outcome second = Outcome.run(sample);
            assertThat(second.code()).isEqualTo(1);
            assertThat(second.err()).contains("samples: in use by this process");
            assertThat(out).isDirectoryNotContaining("glob:**.png");
        }
        assertThat(Outcome.run(sample).code()).isZero();
        assertThat(out).isDirectoryContaining("glob:**.png").isDirectoryNotContaining("glob:**.lock");
    }

    private Ended run(String shell, String... args) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", shell, "sh"));
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-Xlog:disable"));
        line.addAll(List.of(
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), "dev.canonica.cli.Canonica"));
        line.addAll(List.of(args));
        File err = temp.resolve("err").toFile();
        int code = new ProcessBuilder(line).redirectError(err).start().waitFor();
        String said = Files.readString(err.toPath(), StandardCharsets.UTF_8);
        return new Ended(
                code,
                said.lines()
                        .filter(l -> !l.startsWith("WARNING: Using incubator"))
                        .map(l -> l + "\n")
                        .reduce("", String::concat));
    }
}
