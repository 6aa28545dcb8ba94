package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.run.FolderLock;
import dev.canonica.data.set.ImageFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.resnet.NamedResNets;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code canonica distill} leaves, and what it refuses. */
class DistillTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 12);
        Files.writeString(temp.resolve("student.json"), TinyStudents.CONFIG);
        out = temp.resolve("out");
    }

    private Outcome distill(Object... more) {
        return distillOf(temp.resolve("student.json"), more);
    }

    private Outcome distillOf(Object student, Object... more) {
        List<Object> command = new ArrayList<>(List.of(
                "distill", "--student", student, "--data", images, "--validation", images, "--batch", 4, "--out", out));
        command.addAll(List.of(more));
        return Outcome.run(command.toArray());
    }

    @Test
    void bestAndLastAreModelsThatRunReads() throws IOException {
        assertThat(distill("--method", "vanilla", "--epochs", 3)).isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readAllLines(out.resolve("metrics.csv")))
                .hasSize(4)
                .first()
                .isEqualTo("epoch,step,rate,loss_classification,validation_accuracy,validation_loss");
        Npz.write(temp.resolve("in.npz"), Map.of("x", Tensor.normal(DType.F32, Shape.of(2, 3, 8, 8), new Philox(1))));
        for (String which : List.of("best", "last")) {
            Outcome run = Outcome.run(
                    "run",
                    "--model",
                    out.resolve(which),
                    "--inputs",
                    temp.resolve("in.npz"),
                    "--outputs",
                    temp.resolve(which + ".npz"),
                    "--compute",
                    "forward");
            assertThat(run).isEqualTo(new Outcome(0, "", ""));
            assertThat(Npz.read(temp.resolve(which + ".npz")).get("output").shape())
                    .isEqualTo(Shape.of(2, 2));
            Map<String, ?> config = JsonText.read(out.resolve(which).resolve("config.json"));
            assertThat(config.get("mean")).isEqualTo(List.of(0.5, 0.5, 0.5));
            assertThat(config.get("std")).isEqualTo(List.of(0.5, 0.5, 0.5));
            assertThat(config.get("classes")).isEqualTo(List.of("cat", "dog"));
        }
        Map<String, ?> results = JsonText.read(out.resolve("results.json"));
        assertThat(results.get("epochs")).isEqualTo(3L);
        assertThat(((Map<?, ?>) results.get("best")).get("validation_accuracy").toString())
                .contains("n=12");
        Map<?, ?> loss = (Map<?, ?>) ((Map<?, ?>) results.get("last")).get("validation_loss");
        assertThat((Double) loss.get("estimate")).isBetween((Double) loss.get("low"), (Double) loss.get("high"));
        assertThat((Double) loss.get("low")).isLessThan((Double) loss.get("high"));
        assertThat(loss.get("n")).isEqualTo(12L);
        assertThat(Files.readAllLines(out.resolve("results.csv")).getFirst())
                .isEqualTo(
                        "which,epoch,validation_accuracy,low,high,images,validation_loss,validation_loss_low,validation_loss_high");
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("<svg")
                .contains("A student by vanilla");
    }

    /** What attack takes an image for, before it is changed, is what was measured after the training: mean and deviation of config.json are read. */
    @Test
    void attackReadsWhatWasTrained() throws IOException {
        assertThat(distill("--method", "vanilla", "--epochs", 3).code()).isZero();
        byte[] pixels = new byte[12 * 8 * 8 * 3];
        long[] labels = new long[12];
        try (ImageSet set = ImageFolder.open(images)) {
            for (int i = 0; i < 12; i++) {
                System.arraycopy(set.image(i).toRgb().pixels(), 0, pixels, i * 8 * 8 * 3, 8 * 8 * 3);
                labels[i] = set.label(i);
            }
        }
        Npz.write(
                temp.resolve("in.npz"),
                Map.of("images", Tensor.of(pixels, 12, 8, 8, 3), "labels", Tensor.of(labels, 12)));
        for (String which : List.of("best", "last")) {
            Outcome attack = Outcome.run(
                    "attack",
                    "--model",
                    out.resolve(which),
                    "--inputs",
                    temp.resolve("in.npz"),
                    "--outputs",
                    temp.resolve(which + ".npz"),
                    "--attacks",
                    "fgsm",
                    "--norm",
                    "linf",
                    "--eps",
                    "8/255");
            assertThat(attack.code()).isZero();
            Map<?, ?> results =
                    (Map<?, ?>) JsonText.read(out.resolve("results.json")).get(which);
            double[] clean = Npz.read(temp.resolve(which + ".npz"))
                    .get("clean")
                    .to(DType.F64)
                    .toDoubles();
            assertThat(Arrays.stream(clean).sum() / 12)
                    .isEqualTo(((Map<?, ?>) results.get("validation_accuracy")).get("estimate"));
            assertThat(Npz.read(temp.resolve(which + ".npz")).get("robust/fgsm").shape())
                    .isEqualTo(Shape.of(12));
        }
    }

    /** Help has every name in full, for a part of one is refused. */
    @Test
    void helpHasTheNamesOfStudentsInFull() {
        String help = Outcome.run("distill", "--help").out();
        assertThat(help.split("[\\s,;]+")).contains(NamedResNets.names().toArray(String[]::new));
    }

    @Test
    void bestIsTheMostAccurateEpochOfAllThatWere() throws IOException {
        distill("--method", "vanilla", "--epochs", 6, "--rate", 0.3);
        List<String> rows = Files.readAllLines(out.resolve("metrics.csv"));
        double most = -1;
        int best = 0;
        for (int i = 1; i < rows.size(); i++) {
            String[] cells = rows.get(i).split(",");
            if (Double.parseDouble(cells[4]) > most) {
                most = Double.parseDouble(cells[4]);
                best = i;
            }
        }
        assertThat(Safetensors.list(out.resolve("best/model.safetensors")).metadata())
                .containsEntry("step", Integer.toString(best * 3));
        assertThat(Safetensors.list(out.resolve("last/model.safetensors")).metadata())
                .containsEntry("step", "18");
    }

    /** With more patience it goes on to what it would have come to from the beginning. */
    @Test
    void endsEarlyAndGoesOnWithMorePatience() throws IOException {
        Object[] smoothed = {
            "--method", "vanilla", "--epochs", 8, "--rate", 1e-30, "--label-smoothing", 0.1, "--decay", "steps"
        };
        assertThat(distill(with(smoothed, "--patience", 2))).isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(4); // at such a rate no epoch is better
        String rows = Files.readString(out.resolve("metrics.csv"));
        assertThat(distill(with(smoothed, "--patience", 2))).isEqualTo(new Outcome(0, "", ""));
        assertThat(out.resolve("metrics.csv")).hasContent(rows);
        assertThat(distill(with(smoothed, "--patience", 4))).isEqualTo(new Outcome(0, "", ""));
        String more = Files.readString(out.resolve("metrics.csv"));
        assertThat(more).startsWith(rows).contains("\n5,15,1.00000e-31,");
        Path first = out;
        out = temp.resolve("patient");
        assertThat(distill(with(smoothed, "--patience", 4))).isEqualTo(new Outcome(0, "", ""));
        assertThat(out.resolve("metrics.csv")).hasContent(more);
        assertThat(TrainFiles.of(out.resolve("best"))).isEqualTo(TrainFiles.of(first.resolve("best")));
        assertThat(distill("--method", "vanilla", "--epochs", 8, "--rate", 1e-30)
                        .err())
                .contains("label-smoothing was 0.1, not nothing")
                .contains("decay was times 0.1 at [0.5, 0.75], not nothing");
        assertThat(distill("--method", "vanilla", "--epochs", 8, "--milestones", "0.3")
                        .err())
                .contains("--milestones: has no effect here: the rate follows a cosine");
    }

    /** A network's name is one, also beside a folder that is called so. */
    @Test
    void aKnownNetworkIsNotAFolder() throws IOException {
        Path folder = Files.createDirectory(Path.of("resnet8"));
        try {
            assertThat(distillOf("resnet8", "--method", "vanilla", "--epochs", 1))
                    .isEqualTo(new Outcome(0, "", ""));
            assertThat(JsonText.read(out.resolve("settings.json")).get("initial weights"))
                    .isEqualTo("random");
        } finally {
            Files.delete(folder);
        }
    }

    /** Weights that were trained on images of other constants are no beginning. */
    @Test
    void aStudentOfOtherImagesIsRefused() throws IOException {
        Path other = TinyStudents.write(temp.resolve("other"), 3);
        Path config = other.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceFirst("[{]", "{\"mean\": [0.4, 0.4, 0.4], \"std\": [0.2, 0.2, 0.2],"));
        Outcome refused = distillOf(other, "--method", "vanilla", "--epochs", 1);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("its images have mean [0.4, 0.4, 0.4] and std [0.2, 0.2, 0.2]");
        Outcome taught = distill("--method", "kd", "--teacher", other, "--epochs", 1);
        assertThat(taught).isEqualTo(new Outcome(0, "", ""));
        assertThat(Files.readString(out.resolve("settings.json"))).contains("mean [0.4, 0.4, 0.4]");
    }

    @Test
    void studentsThatDoNotFitAreRefusedByTheirFile() throws IOException {
        Path file = temp.resolve("other.json");
        Files.writeString(file, TinyStudents.CONFIG.replace("[1, 1, 1]", "[]"));
        assertThat(distillOf(file, "--method", "vanilla", "--epochs", 1).err())
                .contains(file + ": ResNet: layers []: three or four numbers")
                .containsOnlyOnce("\n");
        Files.writeString(file, TinyStudents.CONFIG.replace("\"width\"", "\"in_channels\": 1, \"width\""));
        assertThat(distillOf(file, "--method", "vanilla", "--epochs", 1).err())
                .contains("--student " + file + ": takes images of 1 channels; students see 3");
        Outcome nothing = distillOf("", "--method", "vanilla", "--epochs", 1);
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.err()).contains("--student: has no value; NAME|FILE|DIR is needed");
        assertThat(out).doesNotExist();
    }

    /** Answers are learned from class by class; names that say nothing to each other are taken in their order. */
    @Test
    void aTeacherOfClassesInAnotherOrderIsRefused() throws IOException {
        Path teacher = TinyStudents.write(temp.resolve("teacher"), 3);
        Path config = teacher.resolve("config.json");
        String text = Files.readString(config);
        Files.writeString(config, text.replaceFirst("[{]", "{\"classes\": [\"dog\", \"cat\"],"));
        Object[] kd = {"--method", "kd", "--teacher", teacher, "--epochs", 1};
        Outcome refused = distill(kd);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains("--teacher " + teacher + ": its classes are dog, cat; those of the images cat, dog");
        assertThat(out).doesNotExist();
        Files.writeString(config, text.replaceFirst("[{]", "{\"classes\": [\"n01\", \"n02\"],"));
        assertThat(distill(kd)).isEqualTo(new Outcome(0, "", ""));
    }

    /** In evaluation, which a batch's own statistics keep from training: nothing that is no number is kept. */
    @Test
    void aStudentThatIsNoNumberOnValidationIsRefusedBeforeItIsKept() throws IOException {
        Path student = TinyStudents.write(temp.resolve("student"), 3);
        Map<String, Tensor> tensors = new TreeMap<>(Safetensors.read(student.resolve("model.safetensors")));
        tensors.replaceAll((name, t) -> name.endsWith(".running_mean") ? t.plus(-3e38) : t);
        Safetensors.write(student.resolve("model.safetensors"), tensors, Map.of());
        Outcome refused = distillOf(student, "--method", "vanilla", "--epochs", 1);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .contains("student: step 3: the loss on images of validation is NaN: lower the learning rate")
                .containsOnlyOnce("\n");
        assertThat(out).isDirectoryNotContaining("glob:**training.safetensors");
    }

    @Test
    void otherSettingsAreRefusedByName() throws IOException {
        distill("--method", "vanilla", "--epochs", 1);
        Map<String, String> before = TrainFiles.of(out.resolve("last"));
        Outcome other = distill("--method", "vanilla", "--epochs", 2, "--seed", 5);
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err())
                .contains("epochs was 1, not 2")
                .contains("seed was 0, not 5")
                .containsOnlyOnce("\n");
        assertThat(TrainFiles.of(out.resolve("last"))).isEqualTo(before);
    }

    /** Of which no batch could be taken: a greater one would be told to be smaller, a smaller one to be greater. */
    @Test
    void oneImageIsRefused() throws IOException {
        images = TinyImages.write(temp.resolve("one"), 1);
        assertThat(distill("--method", "vanilla", "--epochs", 1))
                .isEqualTo(new Outcome(
                        1,
                        "",
                        "canonica distill: --data %s: has 1 image; a step takes at least 2\n".formatted(images)));
        assertThat(out).doesNotExist();
    }

    @Test
    void ofTwoCommandsTheSecondIsRefused() throws IOException {
        Files.createDirectories(out);
        try (FolderLock _ = FolderLock.take(out, "test")) {
            Outcome second = distill("--method", "vanilla", "--epochs", 1);
            assertThat(second.code()).isEqualTo(1);
            assertThat(second.err()).contains("in use by");
        }
    }

    @Test
    void extractionsThatDoNotFitAreRefused() throws IOException {
        Path model = TinyDit.write(temp.resolve("dit"));
        Path few = TinyImages.write(temp.resolve("few"), 6);
        Object[] paired = {"--method", "cadistill", "--epochs", 1, "--pairs", 4, "--extraction"};
        Path of = TinyStudents.extract(model, few, temp.resolve("extraction"));
        Object[] many = {"--method", "cadistill", "--epochs", 1, "--pairs", 2_000_000_000, "--extraction", of};
        assertThat(distill(many).err())
                .contains("student: pairs 2000000000: at most 11184810 of images [3, 8, 8] fit into a step")
                .containsOnlyOnce("\n");
        assertThat(distill(with(paired, of, "--share", 1)).err())
                .contains("holds 6 of the 12 images of " + images + "; a share of 1.0 needs 12");
        assertThat(distill(with(paired, images)).err()).contains(": no extraction: settings.json is missing");
        Files.delete(of.resolve("batches/000001.npz"));
        assertThat(distill(with(paired, of)).err()).contains("not complete: batches/000001.npz is missing");
        assertThat(out).doesNotExist();
    }

    /** Nothing of an extraction is taken that is no number, and nothing that is not of its images. */
    @Test
    void damagedExtractionsAreRefusedByTheirFiles() {
        Path model = TinyDit.write(temp.resolve("dit"));
        Path of = TinyStudents.extract(model, images, temp.resolve("extraction"));
        Path second = of.resolve("batches/000001.npz");
        Map<String, Tensor> whole = Npz.read(second);
        Tensor features = whole.get("features/canonical");
        Object[] paired = {"--method", "cadistill", "--epochs", 1, "--pairs", 4, "--share", 1, "--extraction", of};
        changed(second, whole, "canonical", whole.get("canonical").times(Double.NaN));
        assertThat(distill(paired).err()).contains(second + ": array 'canonical' is ", "numbers are not finite");
        changed(second, whole, "features/canonical", features.rows(0, 4));
        assertThat(distill(paired).err())
                .contains(second + ": array 'features/canonical' has shape [4, ", "a row for each of its 5 images");
        changed(second, whole, "features/canonical", features.slice(2, 0, 3));
        assertThat(distill(paired).err()).contains(of + ": features of shape [", "in one of its files and [");
        Npz.write(second, whole);
        Object[] one = {"--method", "fitnet", "--epochs", 1, "--share", 0.01, "--features", "tokens", "--extraction", of
        };
        assertThat(distill(one).err())
                .contains(of + ": the features of the images with companions are all the same (1 image)");
        Object[] tokens = with(paired, "--features", "tokens");
        assertThat(distill(with(tokens, "--feature-rank", 1000)).err())
                .matches("(?s).*--feature-rank: 1000: the features of 12 images have [0-9]+ principal components.*");
        assertThat(out).doesNotExist();
    }

    private static void changed(Path file, Map<String, Tensor> whole, String name, Tensor array) {
        Map<String, Tensor> other = new TreeMap<>(whole);
        other.put(name, array);
        Npz.write(file, other);
    }

    private static Object[] with(Object[] words, Object... more) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray();
    }
}
