package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.run.FolderLock;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code canonica train} goes on with, and what not. */
class TrainResumeTest {
    private static final int BATCH = 4;

    @TempDir
    private Path temp;

    private Path images;
    private Path out;

    @BeforeEach
    void draw() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 7);
        out = temp.resolve("model");
    }

    private Outcome train(Object... more) {
        return trainIn(out, images, 3, more);
    }

    private static Outcome trainIn(Path out, Path images, int steps, Object... more) {
        Map<Object, Object> options = new LinkedHashMap<>(Map.of(
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
                BATCH,
                "--warmup",
                1,
                "--threads",
                1,
                "--images",
                steps * BATCH));
        for (int i = 0; i + 1 < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        List<Object> args = new ArrayList<>(List.of("train"));
        options.forEach((name, value) -> args.addAll(List.of(name, value)));
        args.addAll(Arrays.asList(more).subList(more.length / 2 * 2, more.length)); // one that has no value
        return Outcome.run(args.toArray());
    }

    @Test
    void aFolderThatAnotherCommandWorksInIsRefused() throws IOException {
        Files.createDirectories(out);
        try (FolderLock _ = FolderLock.take(out, "training")) {
            Outcome outcome = train();
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).startsWith("canonica train: " + out + ": in use by ");
            assertThat(out.resolve("training.safetensors")).doesNotExist();
        }
        assertThat(train()).isEqualTo(new Outcome(0, "", ""));
    }

    /** Complete, but the model was deleted and the course of the loss is torn. */
    @Test
    void whatIsMissingIsMadeAgain() throws IOException {
        assertThat(train().code()).isZero();
        Map<String, String> expected = TrainFiles.of(out);
        Files.delete(out.resolve("model.safetensors"));
        Files.delete(out.resolve("config.json"));
        Files.writeString(out.resolve("loss.csv"), "step,loss,gradient_norm\n10");
        assertThat(train()).isEqualTo(new Outcome(0, "", ""));
        assertThat(TrainFiles.of(out)).isEqualTo(expected);
    }

    @Test
    void otherSettingsAreRefusedByName() throws IOException {
        assertThat(train("--seed", 5).code()).isZero();
        Map<String, String> before = TrainFiles.of(out);
        refused("seed: 5, not 6", "--seed", 6);
        refused("batch: 4, not 2", "--seed", 5, "--batch", 2);
        refused("rate: 5.0E-4, not 0.001", "--seed", 5, "--rate", "1e-3");
        refused("final-rate: 5.0E-5, not 0.0", "--seed", 5, "--final-rate", 0);
        refused("warmup: 1, not 2", "--seed", 5, "--warmup", 2);
        refused("weight-decay: 0.01, not 0.02", "--seed", 5, "--weight-decay", "0.02");
        refused("clip: 1.0, not 2.0", "--seed", 5, "--clip", 2);
        refused("ema-decay: 0.9995, not 0.5", "--seed", 5, "--ema-decay", "0.5");
        refused("label-dropout: 0.1, not 0.2", "--seed", 5, "--label-dropout", "0.2");
        refused("flip: false, not true", "--seed", 5, "--flip");
        refused("schedule: squaredcos_cap_v2, not linear", "--seed", 5, "--schedule", "linear");
        refused("prediction: v_prediction, not epsilon", "--seed", 5, "--prediction", "epsilon");
        refused("model's patch_size: 4, not 2", "--seed", 5, "--patch-size", 2);
        refused("model's depth: 1, not 2", "--seed", 5, "--depth", 2);
        refused("seed: 5, not 0; rate: 5.0E-4, not 0.001", "--rate", "0.001");
        assertThat(TrainFiles.of(out)).isEqualTo(before);
        assertThat(train("--seed", 5, "--rate", "0.0005", "--save-every", 1, "--threads", 2))
                .isEqualTo(new Outcome(0, "", ""));
    }

    private void refused(String difference, Object... options) {
        Outcome outcome = train(options);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("canonica train: " + out.resolve("training.safetensors")
                        + ": holds a training under other settings (" + difference)
                .endsWith("); give those, or another folder\n")
                .containsOnlyOnce("\n");
    }

    /** The images' contents count, not where they lie. */
    @Test
    void otherImagesAreRefused() throws IOException {
        assertThat(train().code()).isZero();
        Path moved = temp.resolve("moved");
        Files.move(images, moved);
        assertThat(trainIn(out, moved, 3)).isEqualTo(new Outcome(0, "", ""));
        Files.move(
                moved.resolve("cat/0.png"), moved.resolve("dog/0.png")); // the same pictures, one under another label
        Outcome outcome = trainIn(out, moved, 3);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).contains("(images and labels: SHA-256 ").contains(", not SHA-256 ");
    }

    @Test
    void anotherModelToBeginFromIsRefused() throws IOException {
        Path a = temp.resolve("a");
        Path b = temp.resolve("b");
        assertThat(trainIn(a, images, 1).code()).isZero();
        assertThat(trainIn(b, images, 2).code()).isZero();
        assertThat(from(a)).isEqualTo(new Outcome(0, "", ""));
        assertThat(from(a)).isEqualTo(new Outcome(0, "", ""));
        assertThat(from(b).err()).contains("(initial weights: SHA-256 ");
        Outcome random = train();
        assertThat(random.code()).isEqualTo(1);
        assertThat(random.err()).contains("initial weights: SHA-256 ").contains(", not random");
        Dit larger = Dit.initialised(new DitConfig(16, 4, 3, 8, 1, 2, 2, 0.1, 2, false), 1);
        Path large = temp.resolve("large");
        ModelDirectory.save(large, larger, Optional.of(SamplerConfig.COSINE_V), larger.parameters(), Map.of());
        assertThat(from(large).err())
                .isEqualTo(
                        "canonica train: --from " + large + ": a model of images [B, 3, 16, 16] and 2 classes; "
                                + images
                                + " has [3, 8, 8] and 2; '?side=16' after the name of a folder or zip crops and resizes them\n");
    }

    private Outcome from(Path model) {
        return Outcome.run(
                "train",
                "--data",
                images,
                "--out",
                out,
                "--from",
                model,
                "--batch",
                BATCH,
                "--images",
                BATCH,
                "--warmup",
                0,
                "--threads",
                1);
    }

    @Test
    void goingFurtherIsSaid() throws IOException {
        assertThat(train().code()).isZero();
        Outcome further = trainIn(out, images, 5);
        assertThat(further.code()).isZero();
        assertThat(further.err())
                .isEqualTo(
                        "canonica train: goes on after 12 images under other settings (images: 12, not 20): the result is"
                                + " not that of a run that had them from its beginning\n");
        Outcome less = trainIn(out, images, 4);
        assertThat(less.code()).isEqualTo(1);
        assertThat(less.err())
                .isEqualTo("canonica train: " + out.resolve("training.safetensors")
                        + ": holds a training of 5 steps, more than the 4 that are asked for\n");
    }

    /** The type of the model's file is no setting of the training. */
    @Test
    void theModelIsWrittenInAnotherType() throws IOException {
        assertThat(train().code()).isZero();
        assertThat(train("--weights", "f16")).isEqualTo(new Outcome(0, "", ""));
        Path half = temp.resolve("half");
        assertThat(trainIn(half, images, 3, "--weights", "f16").code()).isZero();
        assertThat(TrainFiles.of(out)).isEqualTo(TrainFiles.of(half));
    }

    @Test
    void aStateOfAnOlderVersionIsRefused() throws IOException {
        Files.createDirectories(out);
        Safetensors.write(out.resolve("training.safetensors"), Map.of("step", Tensor.of(new long[] {3}, 1)), Map.of());
        Outcome outcome = train();
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("training.safetensors: not a training that can be gone on with: it does not say the settings")
                .contains("give another folder");
    }

    /** It would be overwritten by the first save. */
    @Test
    void aFolderWithAModelThatNoTrainingIsOfIsRefused() throws IOException {
        TinyDit.write(out);
        Map<String, String> before = TrainFiles.of(out);
        Outcome outcome = train();
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo("canonica train: " + out
                        + ": holds a model, and no training.safetensors to go on from, so that it"
                        + " would be lost; give another folder\n");
        assertThat(TrainFiles.of(out)).isEqualTo(before);
    }

    @Test
    void weightsThatAreNotFiniteAreNotSaved() {
        Outcome outcome = train("--rate", "1e39", "--save-every", 0);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("canonica train: step 1: 'parameter/")
                .endsWith("' is not finite: lower the learning rate, or look at the data\n");
        assertThat(out.resolve("training.safetensors")).doesNotExist();
        assertThat(out.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void aLossThatIsNotFiniteNamesItsStepAndTheLastStateStays() throws IOException {
        Outcome outcome = train("--rate", "1e38", "--save-every", 0);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).startsWith("canonica train: step 2: the loss is NaN");
        assertThat(Safetensors.read(out.resolve("training.safetensors"))
                        .get("step")
                        .toLongs())
                .containsExactly(1);
        assertThat(Safetensors.list(out.resolve("model.safetensors")).metadata())
                .containsEntry("step", "1");
    }
}
