package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Safetensors;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code canonica train} on a tiny folder of images. */
class TrainTest {
    private static final int BATCH = 5;
    private static final int STEPS = 100;
    private static final int PATIENCE_SECONDS = 120;

    @TempDir
    private Path temp;

    private Path images;

    @BeforeEach
    void draw() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 13);
    }

    @Test
    void writesAModelThatSamples() throws IOException {
        Path out = temp.resolve("model");
        Files.move(images.resolve("cat"), images.resolve("cat, felis catus")); // as ImageNet's classes are called
        assertThat(Outcome.run(args(out, 3 * BATCH))).isEqualTo(new Outcome(0, "", ""));
        assertThat(ModelDirectory.classNames(out)).containsExactly("cat, felis catus", "dog");
        assertThat(out.resolve("config.json")).exists();
        assertThat(out.resolve("scheduler_config.json")).exists();
        samples(out);
        assertThat(temp.resolve("s.png")).exists();
    }

    /** best/ has the weights of the row with the least measured loss, last/ those that lie in the folder itself; none of what is held out is learned from. */
    @Test
    void keepsTheBestAndTheLast() throws IOException {
        Path out = temp.resolve("model");
        List<Object> args = new ArrayList<>(List.of(
                with(args(out, 12 * 4), "--batch", 4, "--hold-out", 0.3, "--evaluate-every", 2, "--rate", 0.2)));
        args.add("--tensorboard");
        assertThat(Outcome.run(args.toArray())).isEqualTo(new Outcome(0, "", ""));
        try (Stream<Path> events = Files.list(out.resolve("tensorboard"))) { // bytes as characters, one each
            assertThat(events)
                    .singleElement()
                    .satisfies(file -> assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .contains("train/loss", "evaluation/", "samples/cat/0", "samples/dog/1", "\u0089PNG"));
        }
        List<String> rows = Files.readAllLines(out.resolve("metrics.csv"));
        assertThat(rows).hasSize(7).first().isEqualTo("step,images,rate,loss,validation_loss");
        Map<String, ?> results = JsonText.read(out.resolve("results.json"));
        assertThat(results.get("validation_images")).isEqualTo(4L);
        assertThat(results.get("held_out")).isEqualTo(true);
        assertThat((String) results.get("validation"))
                .isEqualTo("4 of the images of " + images + ", which it does not learn from");
        double least = Double.MAX_VALUE;
        String best = "";
        for (String row : rows.subList(1, 7)) {
            String[] cells = row.split(",");
            if (Double.parseDouble(cells[4]) < least) {
                least = Double.parseDouble(cells[4]);
                best = cells[0];
            }
        }
        assertThat(((Map<?, ?>) results.get("best")).get("step")).isEqualTo(Long.valueOf(best));
        assertThat(Safetensors.list(out.resolve("best/model.safetensors")).metadata())
                .containsEntry("step", best);
        for (String file : List.of("config.json", "scheduler_config.json", "model.safetensors")) {
            assertThat(out.resolve("last").resolve(file)).hasSameBinaryContentAs(out.resolve(file));
        }
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("waiting for batches", "The training has ended.", "data:image/png", "Learning rate by step");
        samples(out.resolve("best"));
    }

    /** An image of the model, in s.png. */
    private void samples(Path model) {
        Outcome sample = Outcome.run(
                "sample",
                "--model",
                model,
                "--classes",
                "dog",
                "--steps",
                2,
                "--count",
                1,
                "--out",
                temp.resolve("s.png"));
        assertThat(sample).isEqualTo(new Outcome(0, "", ""));
    }

    /** At such a rate no measurement is better than the first, and another set is what is measured on. */
    @Test
    void endsEarlyOnAnotherSet() throws IOException {
        Path out = temp.resolve("model");
        Path others = TinyImages.write(temp.resolve("others"), 5);
        Object[] args = with(
                args(out, 40 * BATCH),
                "--validation",
                others,
                "--evaluate-every",
                2,
                "--patience",
                3,
                "--rate",
                1e-30,
                "--final-rate",
                0,
                "--ema-decay",
                0);
        Outcome outcome = Outcome.run(args);
        assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
        Map<String, ?> results = JsonText.read(out.resolve("results.json"));
        assertThat((Long) results.get("steps")).isLessThan(40);
        assertThat(results.get("ended")).isEqualTo(true);
        assertThat(results.get("validation")).isEqualTo("the first 5 images of " + others);
        Map<?, ?> best = (Map<?, ?>) results.get("best");
        Map<?, ?> last = (Map<?, ?>) results.get("last");
        assertThat((Long) last.get("step") - (Long) best.get("step")).isEqualTo(6);
        assertThat(Files.readString(out.resolve("report.html"))).contains("no measurement was better for long enough");
        assertThat(Outcome.run(args)).isEqualTo(new Outcome(0, "", ""));
        Outcome large = Outcome.run(with(args(temp.resolve("m"), BATCH), "--validation", images + "?side=4"));
        assertThat(large.code()).isEqualTo(1);
        assertThat(large.err()).contains("--validation " + images).contains("images of [3, 4, 4]");
    }

    /** Killed without warning, with its state saved after every step. */
    @Test
    void killedAndResumedGivesTheSameBits() throws Exception {
        Path whole = temp.resolve("whole");
        assertThat(Outcome.run(args(whole, STEPS * BATCH)).code()).isZero();

        Path stopped = temp.resolve("stopped");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Canonica.class.getName()));
        for (Object arg : args(stopped, STEPS * BATCH)) {
            command.add(arg.toString());
        }
        command.addAll(List.of("--save-every", "0"));
        File log = temp.resolve("log").toFile();
        Process run = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(stopped.resolve("model.safetensors")) && run.isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
        run.destroyForcibly().waitFor();
        assertThat(run.exitValue()).as(Files.readString(log.toPath())).isNotZero();

        assertThat(Outcome.run(args(stopped, STEPS * BATCH)).code()).isZero();
        assertThat(TrainFiles.of(stopped)).isEqualTo(TrainFiles.of(whole));
        assertThat(stopped.resolve("loss.csv"))
                .content()
                .startsWith("step,loss,gradient_norm\n1,")
                .hasLineCount(STEPS + 1);
    }

    /** Its average starts as the given weights, so that one step at a rate of nothing gives them back. */
    @Test
    void goesOnFromAModel() throws IOException {
        Path first = temp.resolve("first");
        assertThat(Outcome.run(args(first, 3 * BATCH)).code()).isZero();
        Path second = temp.resolve("second");
        Outcome outcome = Outcome.run(
                "train",
                "--data",
                images,
                "--from",
                first,
                "--out",
                second,
                "--batch",
                BATCH,
                "--images",
                BATCH,
                "--warmup",
                0,
                "--rate",
                1e-30,
                "--final-rate",
                1e-30);
        assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
        assertThat(second.resolve("config.json")).hasSameBinaryContentAs(first.resolve("config.json"));
        Map<String, Tensor> was = Safetensors.read(first.resolve("model.safetensors"));
        Map<String, Tensor> is = Safetensors.read(second.resolve("model.safetensors"));
        assertThat(is.keySet()).isEqualTo(was.keySet());
        was.forEach(
                (name, t) -> assertThat(is.get(name).minus(t).norm()).as(name).isLessThanOrEqualTo(1e-6 * t.norm()));

        Outcome wrong = Outcome.run("train", "--data", images, "--from", "demo", "--out", second);
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err()).startsWith("canonica train: demo: no such model");
    }

    @Test
    void refusesMoreThanThereIs() {
        Outcome outcome = Outcome.run("train", "--data", images, "--out", temp.resolve("model"), "--batch", 14);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .startsWith("canonica train: --batch: 14; at most 13 is needed, the images of " + images);
        assertThat(Outcome.run("train", "--data", images).code()).isEqualTo(2);
    }

    @Test
    void saysThatATrainingEndsWithinItsWarmup() {
        Path out = temp.resolve("short");
        Object[] args = args(out, 3 * BATCH);
        Outcome outcome = Outcome.run(with(args, "--warmup", 6, "--rate", 1e-3));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err())
                .isEqualTo(
                        "canonica train: steps: 3, fewer than the 6 of --warmup: the learning rate ends at 0.00050 and"
                                + " does not reach the 0.0010 of --rate\n");
        assertThat(Outcome.run(with(args(temp.resolve("none"), 3 * BATCH), "--warmup", 3, "--final-rate", 1e-6)))
                .isEqualTo(new Outcome(
                        2,
                        "",
                        "canonica train: --final-rate: has no effect here: the training ends with step 3 of the warm-up (--warmup 3) (see"
                                + " 'canonica train --help')\n"));
    }

    private static Object[] with(Object[] args, Object... more) {
        List<Object> all = new ArrayList<>(List.of(args));
        for (int i = 0; i < more.length; i += 2) {
            int at = all.indexOf(more[i]);
            if (at >= 0) {
                all.set(at + 1, more[i + 1]);
            } else {
                all.addAll(List.of(more[i], more[i + 1]));
            }
        }
        return all.toArray();
    }

    @Test
    void namesWhatMakesSquareImagesOfPhotographs() throws IOException {
        Path photographs = temp.resolve("photographs");
        for (String name : new String[] {"a", "b"}) {
            Files.createDirectories(photographs.resolve(name));
            Png.write(
                    new Image(3, 6, 9, new byte[3 * 6 * 9]),
                    photographs.resolve(name).resolve("1.png"));
        }
        assertThat(Outcome.run("train", "--data", photographs, "--out", temp.resolve("model"))
                        .err())
                .isEqualTo("canonica train: " + photographs + ": images of 9 x 6; square ones are needed, to which"
                        + " '?side=64' after the name of a folder or zip crops and resizes them\n");
        assertThat(Outcome.run(
                                "train",
                                "--data",
                                photographs + "?side=10",
                                "--out",
                                temp.resolve("model"),
                                "--patch-size",
                                4)
                        .err())
                .contains("--patch-size: 4; a divisor of 10 is needed", "'?side=8' after the name of");
    }

    private Object[] args(Path out, int trained) {
        return new Object[] {
            "train",
            "--data",
            images,
            "--out",
            out,
            "--patch-size",
            4,
            "--hidden-size",
            8,
            "--depth",
            1,
            "--heads",
            2,
            "--batch",
            BATCH,
            "--warmup",
            2,
            "--flip",
            "--threads",
            1,
            "--images",
            trained
        };
    }
}
