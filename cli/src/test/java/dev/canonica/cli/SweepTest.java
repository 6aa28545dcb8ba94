package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code canonica sweep} of six tiny images with a tiny model and a tiny classifier. */
class SweepTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path model;
    private Path classifier;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 6);
        model = TinyDit.write(temp.resolve("model"));
        classifier = TinyClassifier.write(temp.resolve("classifier"), 1, 2, 3);
        out = temp.resolve("out");
    }

    private Outcome sweep(Path folder, Object... more) {
        List<Object> words = new ArrayList<>(List.of("sweep", "--model", model, "--data", images, "--out", folder));
        words.addAll(List.of("--steps", 4, "--batch", 2, "--pictures", 1));
        words.addAll(List.of(more));
        return Outcome.run(words.toArray());
    }

    private static final Object[] GRID = {
        "--grid",
        "te=0.5,0.75",
        "--grid",
        "layer=blocks.0",
        "--grid",
        "n=2",
        "--grid",
        "k=1,adaptive",
        "--grid",
        "projection=topk,local-soft",
        "--grid",
        "strength=1,3",
        "--grid",
        "tr=0.25",
        "--setting",
        "te=0.5,output=x0,n=2,k=2"
    };

    /** Settings that differ in what has no effect are one: of k and strength, topk has the one and local-soft the other. */
    @Test
    void measuresAGrid() throws IOException {
        List<Object> words = new ArrayList<>(List.of(GRID));
        words.addAll(List.of("--classifier", classifier));
        Outcome outcome = sweep(out, words.toArray());
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.code()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("results.csv"));
        assertThat(rows).hasSize(1 + 2 * (2 + 2) + 1);
        assertThat(rows.stream().map(row -> row.split(",log")[0]).toList().subList(1, 10))
                .extracting(
                        row -> Stream.of(row.split(",", -1)).limit(11).toList().toString())
                .containsExactly(
                        "[0.5, blocks.0, features, 2, 1, topk, , , zero, left, 0.25]",
                        "[0.5, blocks.0, features, , , local-soft, 1, regions, zero, left, 0.25]",
                        "[0.5, blocks.0, features, , , local-soft, 3, regions, zero, left, 0.25]",
                        "[0.5, blocks.0, features, 2, adaptive, topk, , , zero, left, 0.25]",
                        "[0.75, blocks.0, features, 2, 1, topk, , , zero, left, 0.25]",
                        "[0.75, blocks.0, features, , , local-soft, 1, regions, zero, left, 0.25]",
                        "[0.75, blocks.0, features, , , local-soft, 3, regions, zero, left, 0.25]",
                        "[0.75, blocks.0, features, 2, adaptive, topk, , , zero, left, 0.25]",
                        "[0.5, , x0, 2, 2, topk, , , zero, left, 0.1]");
        assertThat(rows.getFirst()).contains(",accuracy,accuracy_low,accuracy_high,", ",nmi_conditional_class,");
        assertThat(Files.readString(out.resolve("results.json"))).contains("\"reason\"", "\"criterion\"");
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("data:image/png;base64,", "class=\"numbers sortable\"", "class=\"heat\"", "Signs of failure")
                .doesNotContain("<link", "src=\"http", "@import", "{{");
        assertThat(out.resolve("settings.json")).isNotEmptyFile();
    }

    /** Shards, brought together in any order, are the bytes of a run of all. */
    @Test
    void shardsMakeTheWhole() throws IOException {
        Object[] grid = {"--grid", "te=0.5", "--grid", "layer=blocks.0", "--grid", "n=1,2", "--grid", "k=1"};
        Path whole = temp.resolve("whole");
        assertThat(sweep(whole, grid).code()).isZero();
        for (int i = 0; i < 2; i++) {
            List<Object> words = new ArrayList<>(List.of(grid));
            words.addAll(List.of("--shard", i + "/2"));
            assertThat(sweep(temp.resolve("shard" + i), words.toArray()).code()).isZero();
        }
        Outcome merged = Outcome.run("merge", out, temp.resolve("shard1"), temp.resolve("shard0"));
        assertThat(merged.code()).as(merged.err()).isZero();
        for (String file : new String[] {
            "results.json", "results.csv", "report.html", "settings.json", "index.json", "batches/000002.npz"
        }) {
            assertThat(out.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "layers=blocks.0                         | 'layers' is not one of te, layer, output, n, k",
                "te=0.5,1.5 --grid layer=blocks.0        | --grid: te=1.5: '1.5' is not a number from 0 to 1",
                "k=elbow --grid layer=blocks.0           | --grid: k=elbow: 'elbow' is none of adaptive, evidence",
                "layer=blocks.0 --grid layer=blocks.1    | --grid: layer is given twice",
                "te=0.5f --grid layer=blocks.0           | --grid: te=0.5f: '0.5f' is not a number from 0 to 1",
                "te=0x1p-1 --grid layer=blocks.0         | --grid: te=0x1p-1: '0x1p-1' is not a number from 0 to 1",
                "guidance=-1e400 --grid layer=blocks.0   | --grid: guidance=-1e400: '-1e400' is not a number",
                "k=+1 --grid layer=blocks.0              | --grid: k=+1: '+1' is none of adaptive",
                "k=\u0661 --grid layer=blocks.0           | is none of adaptive",
                "k=evidence:0.2f --grid layer=blocks.0   | 'evidence:0.2f' is none of adaptive",
                "n=1e0 --grid layer=blocks.0             | --grid: n=1e0: '1e0' is not a whole number",
                "te=0.5,0.5 --grid layer=blocks.0        | --grid: te=0.5,0.5: each value may be given once",
                "te=0.5,0.51 --grid layer=blocks.0       | te=0.51: has no effect",
                "layer=blocks.0 --grid strength=1        | strength=1: has no effect",
                "layer=blocks.0 --grid n=2 --grid k=1,3  | k=3: has no effect",
                "te=0.5                                  | --grid: layer is missing, such as layer=blocks.2",
                "layer=blocks.0 --te 0.5                 | --te: has no effect here: the grid says it",
                "layer=blocks.0 --controls shrink        | 'shrink' is not one of shrunk",
                "layer=blocks.0 --controls shrunk,shrunk | --controls: [shrunk, shrunk]: each may be named once",
                "layer=blocks.0 --controls oracle        | --controls: oracle: has no effect here: the objects of",
                "layer=blocks.0 --grid projection=best   | 'best' is not one of topk",
                "layer=blocks.0 --grid map=plain         | map=plain: has no effect",
                "layer=blocks.0 --grid map=best          | --grid: map=best: map: 'best' is not one of regions, plain",
                "layer=blocks.0 --grid norm=kept         | --grid: norm=kept: 'kept' is not one of left, restored",
                "layer=blocks.0 --grid replace=blur      | 'blur' is not one of zero, mean, noise",
            })
    void refusesWhatMakesNoSense(String grid, String message) {
        List<Object> words = new ArrayList<>(List.of("--grid"));
        words.addAll(List.of((Object[]) grid.split(" ")));
        Outcome outcome = sweep(out, words.toArray());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
        assertThat(out).doesNotExist();
    }

    /** What a model cannot be asked is said with the axis that asks it; controls that nobody named are left out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "projection=selective | --grid: projection=selective: the model has no class that stands for no condition",
                "k=evidence           | --grid: k=evidence:0.2: the model has no class that stands for no condition",
                "guidance=2           | --grid: guidance=2: the model has no class that stands for no condition",
                "output=features,x0,difference | --grid: output=difference: the model has no class",
                "te=0.5 --controls guidance    | --controls: guidance: has no effect here: the model has no class",
            })
    void namesWhatAModelWithoutANullClassIsAsked(String grid, String message) {
        model = TinyDit.withoutNullClass(temp.resolve("without"));
        List<Object> words = new ArrayList<>(List.of("--grid", "layer=blocks.0", "--grid"));
        words.addAll(List.of((Object[]) grid.split(" ")));
        Outcome outcome = sweep(out, words.toArray());
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
        assertThat(out).doesNotExist();
    }

    @Test
    void saysWhatHelpsWithImagesOfAnotherSize() {
        model = TinyDit.ofScenes(temp.resolve("scenes"));
        Outcome outcome = sweep(out, "--grid", "te=0.5", "--grid", "layer=blocks.0", "--class-ids", "0,1");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("images of shape [3, 8, 8], the model needs", "--resize crops and resizes them to 32 x 32");
        assertThat(out).doesNotExist();
    }

    /** Where a setting restores the norm, so does a control that stands beside it. */
    @Test
    void comparesTheNormRestoredWithItsLike() throws IOException {
        Object[] grid = {"--grid", "te=0.5", "--grid", "layer=blocks.0", "--grid", "n=1", "--grid", "k=1"};
        assertThat(sweep(temp.resolve("left"), grid).code()).isZero();
        assertThat(temp.resolve("left/settings.json")).content().doesNotContain("norm restored");
        List<Object> restored = new ArrayList<>(List.of(grid));
        restored.addAll(List.of("--grid", "norm=restored"));
        assertThat(sweep(out, restored.toArray()).code()).isZero();
        assertThat(out.resolve("settings.json")).content().contains("local shrink, norm restored", "norm restored,");
    }

    @Test
    void namesALayerThatThereIsNot() {
        Outcome outcome = sweep(out, "--grid", "te=0.5", "--grid", "layer=blocks.9");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).contains("no layer 'blocks.9'; the model has");
        assertThat(out).doesNotExist();
    }

    @Test
    void findsTe() throws IOException {
        Object[] words = {
            "sweep",
            "te",
            "--model",
            model,
            "--classifier",
            classifier,
            "--grid",
            "te=0.75,0.25,0.5",
            "--count",
            5,
            "--steps",
            4,
            "--batch",
            2,
            "--out",
            out
        };
        Outcome outcome = Outcome.run(words);
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.code()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("results.csv"));
        assertThat(rows).hasSize(4);
        assertThat(rows.get(1)).startsWith("0.25,1,0.").contains(",5,");
        byte[] before = Files.readAllBytes(out.resolve("results.json"));
        Files.delete(out.resolve("batches/000001.npz"));
        assertThat(Outcome.run(words).code()).isZero();
        assertThat(out.resolve("results.json")).hasBinaryContent(before);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("Nothing found: at no t_e does the classifier see the class more often than by chance");
        assertThat(Files.readString(out.resolve("results.json"))).doesNotContain("saturation", "chosen");
    }

    @Test
    void refusesTwoTeOfOneLevel() {
        Outcome outcome = Outcome.run(
                "sweep",
                "te",
                "--model",
                model,
                "--classifier",
                classifier,
                "--grid",
                "te=0.5,0.52",
                "--steps",
                4,
                "--out",
                out);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("te=0.5 and te=0.52 are the same level of 4, 2");
    }
}
