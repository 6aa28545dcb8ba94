package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cli.terminal.Home;
import dev.canonica.tensor.io.FileWatch.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command that writes, killed before each of its operations on files and run again: no file is lost, torn, left over, or other than it would be. */
class KillTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path model;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("demo/images"), 2);
        model = TinyDit.write(temp.resolve("demo/model"), 3, 3);
        out = temp.resolve("out");
    }

    @AfterEach
    void forgetTheFolder() {
        System.clearProperty(Home.PROPERTY);
    }

    private static void succeed(Object... command) {
        Outcome outcome = Outcome.run(command);
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.code()).isZero();
    }

    private void killed(int renames, Object... command) {
        check(renames, Kills.everywhere(out, () -> succeed(command)));
    }

    private static void check(int renames, List<Operation> operations) {
        assertThat(operations.stream().filter(Operation.RENAME::equals)).hasSize(renames);
    }

    /** Settings, two batches with a picture each, the index after each, report and contact sheet. */
    @Test
    void extract() {
        killed(
                9,
                "extract",
                "--model",
                model,
                "--data",
                images,
                "--out",
                out,
                "--layer",
                "blocks.0",
                "--te",
                0.5,
                "--rank",
                1,
                "--steps",
                2,
                "--batch",
                1,
                "--report",
                1,
                "--threads",
                1);
    }

    /** As extract, of one batch, twice but for the contact sheet, from what lies beside the launcher; at each rename alone, for its twenty-five steps take longer. */
    @Test
    void demo() throws IOException {
        System.setProperty(Home.PROPERTY, temp.toString());
        TinyDit.withOwnSetting(model);
        check(
                11,
                Kills.before(
                        EnumSet.of(Operation.RENAME),
                        out,
                        () -> succeed("demo", "--limit", 1, "--out", out, "--threads", 1)));
    }

    /** Settings, answers and index; of the attack settings, states, results and index; four files of results. */
    @Test
    void evaluate() {
        killed(
                11,
                "evaluate",
                "--model",
                TinyClassifier.write(temp.resolve("classifier"), 1),
                "--data",
                images,
                "--class-ids",
                "6,5",
                "--out",
                out,
                "--measures",
                "clean,attacks",
                "--attacks",
                "pgd",
                "--steps",
                1,
                "--eps",
                0.1,
                "--save-every",
                0,
                "--threads",
                1);
    }

    /** Settings, two batches with the index after each, two files of results and the page. */
    @Test
    void sweep() {
        killed(
                8,
                "sweep",
                "--model",
                model,
                "--data",
                images,
                "--out",
                out,
                "--grid",
                "te=0.5",
                "--grid",
                "layer=blocks.0",
                "--grid",
                "n=1",
                "--steps",
                2,
                "--batch",
                1,
                "--pictures",
                1,
                "--threads",
                1);
    }

    @Test
    void sampleOfSingleImages() {
        killed(2, "sample", "--model", model, "--steps", 2, "--count", 1, "--out", out, "--threads", 1);
    }

    /**
     * Of two saves each the state, three models of configuration, sampler and weights (of the first two alone, for nothing is measured then), the course of the loss, that of the
     * measurements, results and the page; the run that follows may begin with the first.
     */
    @Test
    void train() {
        check(
                25,
                Kills.before(
                        EnumSet.of(Operation.RENAME),
                        out,
                        () -> succeed(
                                "train",
                                "--data",
                                images,
                                "--out",
                                out,
                                "--hidden-size",
                                8,
                                "--depth",
                                1,
                                "--heads",
                                2,
                                "--batch",
                                2,
                                "--images",
                                4,
                                "--warmup",
                                1,
                                "--evaluate-every",
                                2,
                                "--save-every",
                                0,
                                "--threads",
                                1)));
    }

    /** Settings; of each of three saved steps, the second in mid-epoch, the state, last and best, tables, results and the page. */
    @Test
    void distill() throws IOException {
        Path learned = TinyImages.write(temp.resolve("learned"), 8);
        Path extraction = TinyStudents.extract(model, learned, temp.resolve("extraction"));
        Path student = Files.writeString(temp.resolve("student.json"), TinyStudents.CONFIG);
        Kills.before(
                EnumSet.of(Operation.RENAME),
                out,
                () -> succeed(
                        "distill",
                        "--method",
                        "cadistill",
                        "--student",
                        student,
                        "--data",
                        learned,
                        "--validation",
                        images,
                        "--extraction",
                        extraction,
                        "--share",
                        1,
                        "--epochs",
                        2,
                        "--batch",
                        4,
                        "--pairs",
                        4,
                        "--rate",
                        0.01,
                        "--ema-decay",
                        0.5,
                        "--save-every",
                        0,
                        "--out",
                        out,
                        "--threads",
                        1));
    }

    /** What set it is, two images, the table. */
    @Test
    void dataMake() {
        killed(4, "data", "make", images, "--out", out);
    }

    @Test
    void aSheetInAFolderOfItsOwn() {
        killed(
                1,
                "sample",
                "--model",
                model,
                "--steps",
                2,
                "--count",
                2,
                "--out",
                out.resolve("sheet.png"),
                "--threads",
                1);
    }

    /**
     * In the middle of Square, too, since its state is written after each question: settings, for each attack of two images its state some times, and its part;
     * the index after each, the result.
     */
    @Test
    void attack() {
        Path classifier = TinyClassifier.write(temp.resolve("classifier"), 1);
        Path pictures = temp.resolve("pictures.npz");
        TinyClassifier.writeImages(pictures, classifier, 3, 3);
        List<Operation> operations = Kills.before(
                EnumSet.of(Operation.RENAME, Operation.DELETE),
                out,
                () -> succeed(
                        "attack",
                        "--model",
                        classifier,
                        "--inputs",
                        pictures,
                        "--outputs",
                        out.resolve("out.npz"),
                        "--attacks",
                        "apgd-ce,square",
                        "--norm",
                        "linf",
                        "--eps",
                        0.01,
                        "--steps",
                        3,
                        "--queries",
                        6,
                        "--batch",
                        2,
                        "--save-every",
                        0,
                        "--no-checks",
                        "--threads",
                        1));
        assertThat(operations.stream().filter(Operation.RENAME::equals)).hasSizeGreaterThan(12);
        assertThat(out).isDirectoryNotContaining(path -> path.toString().endsWith(".work"));
    }
}
