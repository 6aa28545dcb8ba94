package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.linear.LinearClassifier;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code canonica evaluate} on tiny classifiers. */
class EvaluateTest {
    @TempDir
    private Path temp;

    private Path model;
    private Path images;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        model = TinyClassifier.write(temp.resolve("one"), 1);
        TinyClassifier.write(temp.resolve("two"), 2);
        images = TinyImages.write(temp.resolve("images"), 7);
        out = temp.resolve("out");
    }

    private Outcome evaluate(Object... more) {
        return evaluateAs("3,5", more);
    }

    private Outcome evaluateAs(String classIds, Object... more) {
        List<Object> command =
                new ArrayList<>(List.of("evaluate", "--data", images, "--out", out, "--class-ids", classIds));
        command.addAll(List.of(more));
        return Outcome.run(command.toArray());
    }

    private Map<String, ?> results() {
        return JsonText.read(out.resolve("results.json"));
    }

    private static Object at(Object json, String... names) {
        Object found = json;
        for (String name : names) {
            found = Objects.requireNonNull(((Map<?, ?>) Objects.requireNonNull(found)).get(name), name);
        }
        return found;
    }

    @Test
    void writesAllItsFiles() throws IOException {
        Path masks = temp.resolve("masks");
        for (int i = 0; i < 7; i++) {
            Path dir = Files.createDirectories(masks.resolve(i % 2 == 0 ? "cat" : "dog"));
            byte[] mask = new byte[64];
            java.util.Arrays.fill(mask, 16, 40, (byte) 255);
            Png.write(new Image(1, 8, 8, mask), dir.resolve(i + ".png"));
        }
        Files.writeString(temp.resolve("mask.txt"), "cat 3\ndog 5\n");
        Files.writeString(temp.resolve("errors.json"), "{\"contrast\": 0.5, \"fog\": [0.1, 0.2, 0.3, 0.4, 0.5]}");
        Outcome o = evaluate(
                "--model",
                model + "," + temp.resolve("two"),
                "--measures",
                "clean,calibration,corruptions,background,ood,features,attacks",
                "--corruptions",
                "contrast,fog,saturate",
                "--severities",
                "2,4",
                "--baseline",
                temp.resolve("errors.json"),
                "--masks",
                masks,
                "--ood",
                "same=" + images,
                "--class-mask",
                "same=" + temp.resolve("mask.txt"),
                "--bank",
                images,
                "--neighbours",
                1,
                "--attacks",
                "pgd",
                "--eps",
                "1/255,0.1",
                "--steps",
                2,
                "--seeds");
        assertThat(o.code()).as(o.err()).isZero();
        assertThat(out)
                .isDirectoryContaining("glob:**/settings.json")
                .isDirectoryContaining("glob:**/results.csv")
                .isDirectoryContaining("glob:**/verdicts.csv")
                .isDirectoryContaining("glob:**/report.html");
        for (String name : List.of("one", "two")) {
            Object measures = at(results(), "models", name);
            assertThat(((Map<?, ?>) measures).keySet())
                    .map(String::valueOf)
                    .containsExactly("clean", "calibration", "corruptions", "background", "ood", "features", "attacks");
            assertThat(at(measures, "clean", "accuracy", "n")).isEqualTo(7L);
            assertThat(at(measures, "corruptions", "mce", "estimate")).isInstanceOf(Double.class);
            // the image itself is its nearest neighbour in the bank
            assertThat(at(measures, "features", "knn", "estimate")).isEqualTo(1.0);
            assertThat(((Map<?, ?>) at(measures, "attacks")).keySet())
                    .map(String::valueOf)
                    .filteredOn(number -> !number.contains("/verdict/"))
                    .containsExactly("linf/0.00392157/pgd", "linf/0.1/pgd");
            // among two classes an image is answered rightly at least as often as among ten
            assertThat((Double) at(measures, "ood", "same", "estimate"))
                    .isGreaterThanOrEqualTo((Double) at(measures, "clean", "accuracy", "estimate"));
        }
        assertThat((List<?>) at(results(), "comparisons")).isNotEmpty();
        assertThat((List<?>) at(results(), "problems")).isEmpty();
        assertThat(at(results(), "seeds", "clean", "accuracy", "n")).isEqualTo(2L);
        String page = Files.readString(out.resolve("report.html"));
        assertThat(page)
                .contains(
                        "corruptions: mce",
                        "attacks: linf/0.1/pgd",
                        "Image by image",
                        "Reliability",
                        "./canonica evaluate")
                .doesNotContain("NaN", "{{");
        assertThat(Files.readAllLines(out.resolve("results.csv")).getFirst())
                .isEqualTo("model,measure,name,estimate,low,high,level,n");
    }

    /** Certificates of the smoothed classifier stand beside attacks on it, image by image. */
    @Test
    void verdictsHaveTwoSides() throws IOException {
        Outcome o = evaluate(
                "--model",
                model,
                "--measures",
                "attacks",
                "--attacks",
                "fgsm",
                "--norm",
                "linf,l2",
                "--eps",
                "0.001,0.3",
                "--noise",
                0.05,
                "--certify",
                100);
        assertThat(o.code()).as(o.err()).isZero();
        double sum = 0;
        for (String verdict : List.of("robust", "broken", "undecided")) {
            sum += (Double) at(results(), "models", "one", "attacks", "l2/0.001/verdict/" + verdict, "estimate");
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
        assertThat(((Map<?, ?>) at(results(), "models", "one", "attacks")).keySet())
                .map(String::valueOf)
                .noneMatch(name -> name.startsWith("linf/0.3/verdict"));
        List<String> rows = Files.readAllLines(out.resolve("verdicts.csv"));
        assertThat(rows.getFirst()).isEqualTo("model,norm,eps,image,label,verdict,bound,broken_at");
        assertThat(rows).hasSize(1 + 2 * 7);
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("Robust, broken, undecided", "randomised smoothing");
        Outcome without = evaluate("--model", model, "--measures", "attacks", "--eps", 0.1, "--certify", 100);
        assertThat(without.code()).isEqualTo(2);
        assertThat(without.err()).contains("--certify: has no effect here");
    }

    /** Scenes know their masks; here a folder does not. */
    @Test
    void backgroundsNeedMasks() {
        Outcome o = evaluate("--model", model, "--measures", "background");
        assertThat(o.code()).isEqualTo(1);
        assertThat(o.err())
                .contains("no masks of the objects are known; --masks DIR gives them")
                .containsOnlyOnce("\n");
        assertThat(Files.exists(out)).isFalse();
        Outcome missing = evaluate("--model", model, "--measures", "background", "--masks", temp.resolve("gone"));
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err())
                .contains("cat/0.png: no such mask, of image cat/0.png")
                .containsOnlyOnce("\n");
    }

    /** An image that cannot be read, a model that is none and a set that is not there are named; the rest is evaluated. */
    @Test
    void whatCannotBeEvaluatedIsLeftOut() throws IOException {
        Files.writeString(images.resolve("cat/8.png"), "no image");
        Path damaged = Files.createDirectories(temp.resolve("damaged/cat"));
        Files.writeString(damaged.resolve("1.png"), "no image");
        Outcome o = evaluate(
                "--model",
                model + "," + temp.resolve("three"),
                "--measures",
                "clean,ood",
                "--ood",
                "gone=" + temp.resolve("gone"),
                "--ood",
                "damaged=" + damaged.getParent() + "?side=8");
        assertThat(o.code()).as(o.err()).isZero();
        assertThat(at(results(), "models", "one", "clean", "accuracy", "n")).isEqualTo(7L);
        assertThat((List<?>) at(results(), "problems"))
                .map(String::valueOf)
                .hasSize(5)
                .anySatisfy(line -> assertThat(line).contains("1 of 8 images cannot be read (left-out.csv)"))
                .anySatisfy(line -> assertThat(line).contains("1 of 1 images cannot be read (left-out.csv)"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("--ood damaged: not evaluated: ")
                        .contains("none of 1 images can be read"))
                .anySatisfy(line -> assertThat(line).startsWith("--ood gone: not evaluated: "))
                .anySatisfy(line -> assertThat(line).contains("three: not evaluated: ", "no such model"));
        assertThat(out.resolve("left-out.csv")).content().contains("cat/8.png");
    }

    /** Where nothing is left to measure, the command fails once it has said why. */
    @Test
    void nothingMeasuredIsFailure() {
        Outcome o = evaluate("--model", model, "--measures", "ood", "--ood", "gone=" + temp.resolve("gone"));
        assertThat(o.code()).isEqualTo(1);
        assertThat(o.err()).contains("nothing of what was asked for could be measured");
        assertThat((List<?>) at(results(), "problems"))
                .singleElement()
                .satisfies(line -> assertThat(String.valueOf(line)).startsWith("--ood gone: not evaluated: "));
    }

    /** What the parser would pass over: the first of two sets of one name, an empty name at a list's end, neighbours that there are not. */
    @Test
    void whatWouldBePassedOverIsMisuse() {
        refused("--ood: a: may be named once", "--measures", "ood", "--ood", "a=" + images, "--ood", "a=" + temp);
        String empty = "has an empty value; a comma is needed between two alone";
        refused("--attacks: 'pgd,' " + empty, "--measures", "attacks", "--attacks", "pgd,", "--eps", 0.1);
        refused("--eps: '0.1,' " + empty, "--measures", "attacks", "--eps", "0.1,");
        refused("--measures: 'clean,' " + empty, "--measures", "clean,");
        refused(
                "--neighbours: 8; a number from 1 to 7, the images of --bank, is needed",
                "--measures",
                "features",
                "--bank",
                images,
                "--neighbours",
                8);
    }

    private void refused(String message, Object... more) {
        Outcome o = evaluateWith(more, "--model", model);
        assertThat(o.code()).as(o.err()).isEqualTo(2);
        assertThat(o.err()).contains(message).containsOnlyOnce("\n");
        assertThat(out).doesNotExist();
    }

    /** What breaks an image within an ε breaks it within every larger one, at the same length or less. */
    @Test
    void verdictsAreMonotoneInEps() throws IOException {
        Outcome o = evaluateAs(
                "6,5",
                "--model",
                model,
                "--measures",
                "attacks",
                "--attacks",
                "fgsm",
                "--eps",
                "0.5,0.01,0.03,0.1,0.2");
        assertThat(o.code()).as(o.err()).isZero();
        Map<String, Double> least = new LinkedHashMap<>();
        List<String> rows = Files.readAllLines(out.resolve("verdicts.csv"));
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",", -1);
            String image = cells[3];
            double at = cells[7].isEmpty() ? Double.POSITIVE_INFINITY : Double.parseDouble(cells[7]);
            if (least.containsKey(image)) {
                assertThat(cells[5]).as(row).isEqualTo("broken");
                assertThat(at).as(row).isLessThanOrEqualTo(least.get(image));
            }
            if (cells[5].equals("broken")) {
                least.put(image, at);
            }
        }
        assertThat(least.values()).anyMatch(at -> at > 0 && at < 0.5);
        double before = 0;
        for (String eps : List.of("0.01", "0.03", "0.1", "0.2", "0.5")) {
            double broken =
                    (Double) at(results(), "models", "one", "attacks", "linf/" + eps + "/verdict/broken", "estimate");
            assertThat(broken).isGreaterThanOrEqualTo(before);
            before = broken;
        }
    }

    /** A model that some of what was asked for cannot be measured of is named at once, and the others are evaluated. */
    @Test
    void modelsThatCannotBeMeasuredAreNamedAtOnce() {
        TinyClassifier.write(temp.resolve("five"), 3, 6, 3);
        TinyClassifier.write(temp.resolve("grey"), 3, 10, 1);
        Object[] attacks = {"--measures", "clean,attacks", "--attacks", "apgd-t", "--steps", 1, "--eps", 0.1};
        Outcome alone = evaluateWith(attacks, "--model", temp.resolve("five"));
        assertThat(alone.code()).isEqualTo(1);
        assertThat(alone.err()).contains("of 6 classes only 5 are others than an image's; use --targets 5");
        assertThat(out).doesNotExist();
        Outcome o = evaluateWith(attacks, "--model", temp.resolve("five") + "," + temp.resolve("grey") + "," + model);
        assertThat(o.code()).as(o.err()).isZero();
        assertThat(((Map<?, ?>) at(results(), "models")).keySet())
                .map(String::valueOf)
                .containsExactly("one");
        assertThat((List<?>) at(results(), "problems"))
                .map(String::valueOf)
                .anySatisfy(line -> assertThat(line).contains("five: not evaluated: ", "use --targets 5"))
                .anySatisfy(line -> assertThat(line)
                        .contains("grey: not evaluated: ", "takes images of 1 channels; those of a set have 3"));
        out = temp.resolve("other");
        assertThat(evaluateWith(attacks, "--model", temp.resolve("five"), "--targets", 5)
                        .code())
                .isZero();
        out = temp.resolve("layers");
        Outcome layer =
                evaluate("--model", model, "--measures", "features", "--bank", images, "--feature-layer", "layer9");
        assertThat(layer.code()).isEqualTo(1);
        assertThat(layer.err()).contains("--feature-layer: no layer 'layer9'; it has ");
        assertThat(out).doesNotExist();
    }

    /** A network that gives no numbers, and one for images of another size, are left out by name. */
    @Test
    void modelsWithoutLogitsAreLeftOut() {
        ResNet broken = (ResNet)
                ModelDirectory.classifier(temp.resolve("two"), DType.F32).orElseThrow();
        Map<String, Tensor> weights = new LinkedHashMap<>(broken.parameters());
        weights.put("fc.bias", Tensor.full(DType.F32, Shape.of(10), Double.NaN));
        ModelDirectory.save(temp.resolve("two"), broken, Optional.empty(), weights, Map.of());
        LinearClassifier small =
                new LinearClassifier(3, 12, 10, false, Map.of("weight", Tensor.zeros(DType.F32, Shape.of(10, 12))));
        ModelDirectory.save(temp.resolve("small"), small, Optional.empty(), small.parameters(), Map.of());
        Outcome o = evaluate("--model", temp.resolve("two") + "," + temp.resolve("small") + "," + model);
        assertThat(o.code()).as(o.err()).isZero();
        assertThat((List<?>) at(results(), "problems"))
                .map(String::valueOf)
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("two: not evaluated: ", "NaN"))
                .anySatisfy(line -> assertThat(line).contains("small: not evaluated: ", "with 12 values each"));
        assertThat(at(results(), "models", "one", "clean", "accuracy", "n")).isEqualTo(7L);
        out = temp.resolve("alone");
        Outcome alone = evaluate("--model", temp.resolve("two"));
        assertThat(alone.code()).isEqualTo(1);
        assertThat(alone.err()).contains("NaN");
        assertThat(out).doesNotExist();
    }

    /** Each model's pictures say its own classes. */
    @Test
    void picturesSayTheClassesOfTheirModel() throws IOException {
        name(model, "own");
        name(temp.resolve("two"), "first");
        Outcome o = evaluateAs(
                "6,5",
                "--model",
                temp.resolve("two") + "," + model,
                "--measures",
                "attacks",
                "--attacks",
                "pgd",
                "--steps",
                5,
                "--eps",
                0.3);
        assertThat(o.code()).as(o.err()).isZero();
        String page = Files.readString(out.resolve("report.html"));
        String pictures = page.substring(page.indexOf("one by pgd"));
        assertThat(pictures).contains(" taken for own").doesNotContain("taken for first");
    }

    /** A student's configuration names its classes, and these need not come in the order of a set's. */
    @Test
    void classesAreFoundByTheNamesInTheConfiguration() throws IOException {
        assertThat(evaluateAs("5,3", "--model", model).code()).isZero();
        Object turned = at(results(), "models", "one", "clean");
        Path config = model.resolve("config.json");
        Map<String, Object> named = new LinkedHashMap<>(JsonText.read(config));
        named.put("classes", List.of("a", "b", "c", "Dog", "e, f", "cat", "g", "h", "i", "j"));
        Files.writeString(config, JsonText.write(named));
        out = temp.resolve("by-name");
        Outcome o = Outcome.run("evaluate", "--data", images, "--out", out, "--model", model);
        assertThat(o.code()).as(o.err()).isZero();
        assertThat(at(results(), "models", "one", "clean")).isEqualTo(turned);
    }

    private static void name(Path of, String prefix) {
        ResNet network = (ResNet) ModelDirectory.classifier(of, DType.F32).orElseThrow();
        String names = IntStream.range(0, 10).mapToObj(k -> prefix + k).collect(Collectors.joining(","));
        ModelDirectory.save(of, network, Optional.empty(), network.parameters(), Map.of(ModelDirectory.CLASSES, names));
    }

    private Outcome evaluateWith(Object[] how, Object... more) {
        List<Object> all = new ArrayList<>(List.of(how));
        all.addAll(List.of(more));
        return evaluate(all.toArray());
    }

    @Test
    void imagesWithoutClassesAreRefusedByOptionsThatThereAre() {
        Path flat = images.resolve("cat");
        assertThat(Outcome.run("evaluate", "--data", flat, "--out", out, "--model", model)
                        .err())
                .contains("the images have no classes; a folder for each class is needed, or labels.csv")
                .doesNotContain("--class ");
        assertThat(Outcome.run("train", "--data", flat, "--out", out).err())
                .contains("the images have no classes; a folder for each class is needed, or labels.csv");
    }

    @Test
    void saysWhereItsPageIs() {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(evaluate("--model", model, "--measures", "clean").code()).isZero();
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8).lines().toList().getLast())
                .isEqualTo("report: " + out.resolve("report.html"));
    }

    @Test
    void wrongClassesAreNamed() {
        Outcome o = Outcome.run("evaluate", "--data", images, "--out", out, "--model", model);
        assertThat(o.code()).isEqualTo(1);
        assertThat(o.err())
                .contains("its 2 classes are not found among the model's 10")
                .containsOnlyOnce("\n");
        assertThat(Files.exists(out)).isFalse();
    }

    @Test
    void otherSettingsAndSecondCommandsAreRefused() throws IOException {
        assertThat(evaluate("--model", model).code()).isZero();
        byte[] before = Files.readAllBytes(out.resolve("results.json"));
        Outcome other = evaluate("--model", model, "--limit", 3);
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("holds another evaluation (images").containsOnlyOnce("\n");
        assertThat(evaluate("--model", model, "--batch", 2).code()).isZero();
        assertThat(out.resolve("results.json")).hasBinaryContent(before);
        try (FileChannel lock =
                        FileChannel.open(out.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = lock.lock()) {
            Outcome second = evaluate("--model", model);
            assertThat(second.code()).isEqualTo(1);
            assertThat(second.err()).contains(out.toString()).containsOnlyOnce("\n");
        }
    }
}
