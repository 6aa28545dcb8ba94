package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.named.DataSets;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look at things: info, inspect, data; and sample. */
class ToolsTest {
    @TempDir
    private Path temp;

    @Test
    void infoSaysWhatIsHere() {
        Outcome info = Outcome.run("info");
        assertThat(info.code()).isZero();
        assertThat(info.out())
                .contains("vectors", "threads", "emitted kernels", "GPU (cuda)", "tensor memory", "slow here:")
                .contains(Runtime.version().toString());
        assertThat(info.err()).isEmpty();
    }

    @Test
    void inspectsAFolder() throws IOException {
        Outcome o = Outcome.run("inspect", model(1));
        assertThat(o.code()).isZero();
        assertThat(o.out())
                .contains("\"DiT\"", "hidden_size", "beta_schedule", "cat,dog", "blocks.0.attn.qkv.weight", "[24, 8]")
                .containsPattern("tensors of F32: [0-9,]+ elements, [0-9.]+ KiB")
                .contains("\nlayers\n", "\n  blocks.0.attn\n", "\n  output\n");
        Outcome totals = Outcome.run("inspect", "--totals", temp.resolve("model/model.safetensors"));
        assertThat(totals.out()).contains("tensors of F32").doesNotContain("qkv.weight");
    }

    @Test
    void inspectsThePartsOfAPipeline() throws IOException {
        model(1);
        assertThat(Outcome.run("inspect", temp).out()).contains("blocks.0.attn.qkv.weight");
    }

    /** Names and free text of a checkpoint are somebody else's; a terminal would obey what is in them. */
    @Test
    void inspectPrintsNothingThatATerminalObeys() {
        Path file = temp.resolve("hostile.safetensors");
        Tensor one = Tensor.full(DType.F32, Shape.of(1), 1);
        Safetensors.write(file, Map.of("w\u001b]0;x\u0007\u009b2J", one), Map.of("note", "\u001b[31mred\n"));
        Outcome o = Outcome.run("inspect", file);
        assertThat(o.code()).isZero();
        assertThat(o.out()).contains("w?]0;x??2J", "?[31mred?");
        assertThat((o.out() + o.err()).replace("\n", "").chars()).noneMatch(Character::isISOControl);
    }

    @Test
    void inspectRefusesWhatItCannotRead() throws IOException {
        Path empty = Files.createDirectories(temp.resolve("empty"));
        assertThat(Outcome.run("inspect", empty))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "canonica inspect: " + empty
                                + ": nothing to inspect; config.json or a .safetensors or .pt file is needed\n"));
        Path text = Files.writeString(temp.resolve("text.safetensors"), "no such thing");
        assertThat(Outcome.run("inspect", text).code()).isEqualTo(1);
        assertThat(Outcome.run("inspect").code()).isEqualTo(2);
    }

    @Test
    void dataListsEverySet() {
        Outcome o = Outcome.run("data", "--data-dir", temp);
        assertThat(o.code()).isZero();
        DataSets.list(List.of(temp)).forEach(set -> assertThat(o.out()).contains(set.spec(), set.what()));
        assertThat(o.out()).contains("looked for in: " + temp);
    }

    @Test
    void makesASetOfFiles() throws IOException {
        Path images = images(5);
        Path made = temp.resolve("made");
        assertThat(Outcome.run("data", "make", images, "--out", made, "--count", 3))
                .isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readAllLines(made.resolve("labels.csv"))).hasSize(4);
        assertThat(DataSets.open(made.toString(), List.of()).size()).isEqualTo(3);
        assertThat(Outcome.run("data", "make", images, "--out", made, "--count", 0)
                        .code())
                .isEqualTo(2);
        assertThat(Outcome.run("data", "make", "senes:test", "--out", made).code())
                .isEqualTo(1);
    }

    @Test
    void samplesASheetAndSingleImages() throws IOException {
        Path model = model(3);
        Path sheet = temp.resolve("new/sheet.png");
        Object[] args = {"sample", "--model", model, "--steps", 4, "--count", 3, "--classes", "dog,0", "--out"};
        assertThat(Outcome.run(with(args, sheet))).isEqualTo(new Outcome(0, "", ""));
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isEqualTo(3 * 64 + 2 * 2);
        assertThat(ImageIO.read(sheet.toFile()).getHeight()).isEqualTo(2 * 64 + 2);

        Path folder = temp.resolve("folder");
        assertThat(Outcome.run(with(args, folder)).code()).isZero();
        assertThat(folder.resolve("dog-002.png")).exists();
        byte[] one = Files.readAllBytes(folder.resolve("cat-001.png"));
        assertThat(Outcome.run(with(args, folder)).code()).isZero();
        assertThat(Files.readAllBytes(folder.resolve("cat-001.png"))).isEqualTo(one);
    }

    /** Two classes whose names are one in files: none is written over. */
    @Test
    void samplesOfOneNameHaveFilesOfTheirOwn() throws IOException {
        Path folder = temp.resolve("folder");
        assertThat(Outcome.run(
                                "sample",
                                "--model",
                                model(3, "a b,A_B"),
                                "--steps",
                                2,
                                "--count",
                                2,
                                "--classes",
                                "0,1",
                                "--out",
                                folder)
                        .code())
                .isZero();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "000-a_b-000.png", "000-a_b-001.png", "001-A_B-000.png", "001-A_B-001.png");
        }
    }

    @Test
    void sampleRefusesWhatThereIsNot() throws IOException {
        Path model = model(3);
        assertThat(Outcome.run("sample", "--model", model, "--classes", "cow", "--out", temp.resolve("x.png")))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "canonica sample: --classes: 'cow' is not a class; there are 0 to 1 (cat, dog) (see 'canonica sample --help')\n"));
        assertThat(Outcome.run("sample", "--model", model(4), "--out", temp.resolve("x.png"))
                        .err())
                .contains("makes latents of 4 channels");
        assertThat(Outcome.run("sample", "--count", 0, "--out", temp.resolve("x.png"))
                        .code())
                .isEqualTo(2);
        assertThat(temp.resolve("x.png")).doesNotExist();
    }

    private static Object[] with(Object[] args, Path last) {
        Object[] all = Arrays.copyOf(args, args.length + 1);
        all[args.length] = last;
        return all;
    }

    /** A tiny model with two classes. */
    private Path model(int channels) {
        return model(channels, "cat,dog");
    }

    private Path model(int channels, String classes) {
        DitConfig c = new DitConfig(8, 4, channels, 8, 1, 2, 2, 0.1, 2, false);
        Path dir = temp.resolve("model");
        Dit dit = Dit.initialised(c, 1);
        ModelDirectory.save(
                dir, dit, Optional.of(SamplerConfig.COSINE_V), dit.parameters(), Map.of("classes", classes));
        return dir;
    }

    /** A folder of grey images, a folder for each class. */
    private Path images(int count) throws IOException {
        return TinyImages.write(temp.resolve("images"), count);
    }
}
