package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What needs a class that stands for no condition is refused where the model has none, and what does not goes on without it. */
class WithoutNullClassTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path model;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 6);
        model = TinyDit.withoutNullClass(temp.resolve("model"));
    }

    @Test
    void sampleIsNotGuided() throws IOException {
        Path one = temp.resolve("one.png");
        Path plain = temp.resolve("plain.png");
        assertThat(sample(one, "--guidance", 1)).isEqualTo(new Outcome(0, "", ""));
        assertThat(sample(plain)).isEqualTo(new Outcome(0, "", ""));
        assertThat(plain).hasSameBinaryContentAs(one);
        Outcome guided = sample(temp.resolve("guided.png"), "--guidance", 2);
        assertThat(guided.code()).isEqualTo(2);
        assertThat(guided.err())
                .startsWith(
                        "canonica sample: --guidance: 2.0: the model has no class that stands for no condition; only 1 is possible (see");
        assertThat(temp.resolve("guided.png")).doesNotExist();
    }

    private Outcome sample(Path file, Object... more) {
        return run(
                new Object[] {"sample", "--model", model, "--classes", "1", "--steps", 2, "--count", 1, "--out", file},
                more);
    }

    @Test
    void labelsAreNotDropped() {
        Outcome outcome = run(new Object[] {
            "train",
            "--data",
            images,
            "--from",
            model,
            "--out",
            temp.resolve("trained"),
            "--batch",
            2,
            "--images",
            2,
            "--label-dropout",
            1
        });
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("canonica train: label-dropout 1.0: the model has no class that stands for no condition"
                        + " (class_dropout_prob 0); 0 is possible\n");
        assertThat(temp.resolve("trained")).doesNotExist();
    }

    @Test
    void extractionHasNoUnconditionalFeatures() throws IOException {
        Path out = temp.resolve("out");
        Outcome outcome = run(new Object[] {
            "extract",
            "--model",
            model,
            "--data",
            images,
            "--out",
            out,
            "--layer",
            "blocks.1",
            "--rank",
            2,
            "--steps",
            4,
            "--batch",
            4,
            "--report",
            2
        });
        assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
        assertThat(Npz.read(out.resolve("batches/000000.npz")).keySet())
                .contains("features/original", "features/canonical")
                .doesNotContain("unconditional/original", "unconditional/canonical");
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("shrunk latent")
                .doesNotContain("guidance, equal change", "class evidence");
    }

    /** A projection that asks for no condition, or for more classes than there are, is refused by the option that says so, before anything is written. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--projection selective             | --projection: selective: the model has no class that stands for no condition",
                "--projection local --map-classes 0 | --map-classes: 0: the model has no class that stands for no condition",
                "--projection local --map-classes 2 | --map-classes: 2: 2 other classes, the model has 1; 0 compares with no condition",
            })
    void projectionsAreRefusedByTheirOptions(String options, String message) {
        Path out = temp.resolve("out");
        Outcome outcome = run(
                new Object[] {
                    "extract", "--model", model, "--data", images, "--out", out, "--layer", "blocks.1", "--steps", 4
                },
                (Object[]) options.split(" "));
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
        assertThat(outcome.err()).startsWith("canonica extract: " + message);
        assertThat(out).doesNotExist();
    }

    private static Outcome run(Object[] args, Object... more) {
        Object[] all = Stream.of(args, more, new Object[] {"--threads", 1})
                .flatMap(Arrays::stream)
                .toArray();
        return Outcome.run(all);
    }
}
