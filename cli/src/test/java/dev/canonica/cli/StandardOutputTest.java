package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.run.FolderLock;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** A file that another command writes is refused before anything is computed; what was there stays. */
    @Test
    void filesAreOneCommandsAlone() throws IOException {
        Path model = TinyDit.write(temp.resolve("model"));
        Path inputs = temp.resolve("in.npz");
        Npz.write(inputs, Map.of("x", Tensor.normal(DType.F64, Shape.of(6, 3), new Philox(1))));
        Path sheet = temp.resolve("sheet.png");
        Path numbers = temp.resolve("out.npz");
        Path page = temp.resolve("audit.html");
        Map<Path, Object[]> commands = Map.of(
                sheet, new Object[] {"sample", "--model", model, "--count", 1, "--steps", 2, "--out", sheet},
                numbers, new Object[] {"metric", "kmeans", "--clusters", 2, "--inputs", inputs, "--outputs", numbers},
                page, new Object[] {"audit", "--model", model, "--report", page});
        commands.forEach((file, command) -> {
            try (FolderLock _ = FolderLock.takeFile(file, "test").orElseThrow()) {
                Outcome second = Outcome.run(command);
                assertThat(second.code()).isEqualTo(1);
                assertThat(second.err())
                        .contains(file + ": in use by this process; wait until")
                        .containsOnlyOnce("\n");
                assertThat(file).doesNotExist();
            }
        });
        for (Path file : List.of(sheet, numbers)) {
            assertThat(Outcome.run(commands.get(file)).code()).isZero();
            assertThat(file).isNotEmptyFile();
        }
        assertThat(temp).isDirectoryNotContaining("glob:**.lock");
    }

    /** A name that ends like a file of another kind than what is written would be a folder of that name, or a file that no program opens. */
    @Test
    void namesThatEndLikeOtherFilesAreMisuse() throws IOException {
        Path model = TinyDit.write(temp.resolve("model"));
        Path images = TinyImages.write(temp.resolve("images"), 2);
        for (String suffix : List.of("jpg", "JPEG", "gif", "bmp", "webp", "npz", "pdf")) {
            Path out = temp.resolve("x." + suffix);
            refused(
                    out,
                    "--out: '" + out
                            + "' ends like a file of another kind; a name that ends in .png or a folder is needed",
                    "sample",
                    "--model",
                    model,
                    "--count",
                    1,
                    "--steps",
                    2,
                    "--out",
                    out);
            refused(
                    out,
                    suffix.equals("npz")
                            ? "OUT: '" + out + "' ends like a file; shards of runs are merged into a folder"
                            : "OUT: '" + out
                                    + "' ends like a file of another kind; a name that ends in .npz or a folder",
                    "merge",
                    out,
                    images);
        }
        for (String suffix : List.of("png", "npz", "zip", "html", "safetensors")) {
            Path out = temp.resolve("x." + suffix);
            String why = "--out: '" + out + "' ends like a file of another kind; a folder is needed";
            refused(out, why, "extract", "--model", model, "--data", images, "--layer", "blocks.1", "--out", out);
            refused(out, why, "train", "--data", images, "--out", out);
            refused(out, why, "data", "make", images, "--out", out);
            refused(out, why, "experiment", "clarid", "--out", out);
        }
        Path json = temp.resolve("x.json");
        refused(
                json,
                "--outputs: '" + json + "' ends like a file of another kind; a name that ends in .npz is needed",
                "metric",
                "cka",
                "--inputs",
                json,
                "--outputs",
                json);
        refused(
                json,
                "--report: '" + json + "' ends like a file of another kind; a name that ends in .html is needed",
                "audit",
                "--model",
                model,
                "--report",
                json);
        Path there = Files.createDirectory(temp.resolve("run.png"));
        assertThat(Outcome.run("data", "make", images, "--out", there).code()).isZero();
        Path dated = temp.resolve("run.2026-11-29");
        assertThat(Outcome.run("data", "make", images, "--out", dated).code()).isZero();
    }

    private static void refused(Path out, String why, Object... command) {
        Outcome outcome = Outcome.run(command);
        assertThat(outcome.err()).contains(why).containsOnlyOnce("\n");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(out).doesNotExist();
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
