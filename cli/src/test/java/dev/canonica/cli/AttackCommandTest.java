package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.linear.LinearClassifier;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FileWatch;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code canonica attack} refuses, and how shards and normalisation go. */
class AttackCommandTest {
    @TempDir
    private Path temp;

    private Path model;
    private Path in;
    private Path out;

    @BeforeEach
    void prepare() {
        model = TinyClassifier.write(temp.resolve("model"), 1);
        in = temp.resolve("in.npz");
        out = temp.resolve("out.npz");
        TinyClassifier.writeImages(in, model, 7, 3);
    }

    private Outcome attack(Object... options) {
        List<Object> args = new ArrayList<>(List.of("attack", "--model", model, "--inputs", in, "--outputs", out));
        args.addAll(List.of("--norm", "linf", "--eps", "1/100", "--no-checks"));
        args.addAll(List.of(options));
        return Outcome.run(args.toArray());
    }

    private void refused(Outcome outcome, String says) {
        assertThat(outcome.err()).contains(says).containsOnlyOnce("\n").doesNotContain("unexpected");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(out).doesNotExist();
    }

    private void write(String name, Tensor array) {
        Map<String, Tensor> all = new LinkedHashMap<>(Npz.read(in));
        all.put(name, array);
        Npz.write(in, all);
    }

    @Test
    void badInputsGetOneLine() {
        write("labels", Tensor.of(new long[] {0, 1, 2, 3, 4, 5, 10}, 7));
        refused(
                attack("--attacks", "fgsm"),
                "in.npz: array 'labels' says 10 for image 6; the model's classes are 0 to 9");
        write("labels", Tensor.of(new long[] {0, 1}, 2));
        refused(attack("--attacks", "fgsm"), "in.npz: array 'labels' is");
        write("labels", Tensor.zeros(DType.F32, Shape.of(7)));
        refused(attack("--attacks", "fgsm"), "whole numbers of shape [7] are needed");
        write("labels", Tensor.of(new long[7], 7));
        write("images", Tensor.zeros(DType.F32, Shape.of(7, 1, 8, 8)));
        refused(attack("--attacks", "fgsm"), "in.npz: array 'images' has 1 channels, the model needs 3");
        write("images", Tensor.zeros(DType.F32, Shape.of(7, 8, 8)));
        refused(attack("--attacks", "fgsm"), "U8 of shape [N, H, W, C], or a real type of shape [N, C, H, W]");
        write("images", Tensor.full(DType.F32, Shape.of(7, 3, 8, 8), Double.NaN));
        refused(attack("--attacks", "fgsm"), "in.npz: ");
        write("more", Tensor.of(new long[7], 7));
        refused(attack("--attacks", "fgsm"), "in.npz: ");
    }

    @Test
    void whatIsNoClassifierIsToldWhichNetworksAre() {
        TinyDit.write(temp.resolve("dit"));
        Outcome dit = Outcome.run(
                "attack",
                "--model",
                temp.resolve("dit"),
                "--inputs",
                in,
                "--outputs",
                out,
                "--attacks",
                "fgsm",
                "--norm",
                "linf",
                "--eps",
                "0.1");
        refused(dit, "dit: not a classifier; one of ResNet, Linear");
        Outcome nowhere = Outcome.run(
                "attack", "--model", model, "--inputs", in, "--attacks", "fgsm", "--norm", "linf", "--eps", "0.1");
        assertThat(nowhere.err()).contains("--outputs: is needed, unless there is --verify");
        assertThat(nowhere.code()).isEqualTo(2);
    }

    @Test
    void anAttackThatTheClassesDoNotAllowSaysWhatDoes() {
        ResNet three = ResNet.initialised(
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1, 1), 3, 4, ResNetConfig.Stem.CIFAR), 1);
        ModelDirectory.save(model, three, Optional.empty(), three.parameters(), Map.of());
        write("labels", Tensor.of(new long[7], 7));
        refused(attack("--attacks", "apgd-dlr"), "needs at least 4 classes, the classifier has 3; use apgd-ce");
        refused(attack("--attacks", "standard"), "needs at least 4 classes, the classifier has 3; use apgd-ce");
        refused(attack("--attacks", "fab-t"), "of 3 classes only 2 are others than an image's; use --targets 2");
        assertThat(attack("--attacks", "fab-t,apgd-ce", "--targets", 2, "--steps", 2)
                        .code())
                .isZero();
    }

    @Test
    void meanAndDeviationStandBeforeTheNetwork() throws IOException {
        assertThat(attack("--attacks", "pgd").code()).isZero();
        Tensor plain = Npz.read(out).get("adversarial");
        Path config = model.resolve("config.json");
        String text = Files.readString(config);
        Files.writeString(config, text.replaceFirst("\\{", "{\"mean\": [0.5, 0.4, 0.3], \"std\": [0.2, 0.3, 0.4],"));
        assertThat(attack("--attacks", "pgd").code()).isZero();
        assertThat(Npz.read(out).get("adversarial").toFloats()).isNotEqualTo(plain.toFloats());
        Files.delete(out);
        Files.writeString(config, text.replaceFirst("\\{", "{\"mean\": [0.5, 0.4, 0.3],"));
        refused(attack("--attacks", "pgd"), "config.json: gives one of mean and std; both are needed, or none");
        Files.writeString(config, text.replaceFirst("\\{", "{\"mean\": [0.5, 0.4], \"std\": [1, 1],"));
        refused(attack("--attacks", "pgd"), "config.json: mean has 2 numbers; 3 are needed, one for each channel");
        Files.writeString(config, text.replaceFirst("\\{", "{\"mean\": [0, 0, 0], \"std\": [1, 0, 1],"));
        refused(attack("--attacks", "pgd"), "config.json: std has 0.0; numbers above 0 are needed");
    }

    @Test
    void shardsOneAfterTheOtherAreTheWhole() {
        List<String> how = List.of("--attacks", "apgd-ce,square", "--steps", "4", "--queries", "9");
        attack(how.toArray());
        Map<String, Tensor> whole = Npz.read(out);
        List<Map<String, Tensor>> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<Object> options = new ArrayList<>(how);
            options.addAll(List.of("--shard", i + "/3", "--batch", i + 1));
            assertThat(attack(options.toArray()).code()).isZero();
            parts.add(Npz.read(out));
        }
        whole.forEach((name, array) -> {
            Tensor[] all = parts.stream().map(p -> p.get(name)).toArray(Tensor[]::new);
            List<Double> joined = new ArrayList<>();
            for (Tensor part : all) {
                for (double v : part.toDoubles()) {
                    joined.add(v);
                }
            }
            assertThat(joined.stream().mapToDouble(v -> v).toArray()).as(name).isEqualTo(array.toDoubles());
        });
    }

    private Outcome verify(Object... options) {
        List<Object> args = new ArrayList<>(List.of("attack", "--model", model, "--inputs", in, "--verify", out));
        args.addAll(List.of(options));
        return Outcome.run(args.toArray());
    }

    /** A result says how it was made, and is not looked at in another way. */
    @Test
    void aResultIsVerifiedAsItWasMade() {
        assertThat(attack("--attacks", "pgd", "--steps", 3).code()).isZero();
        assertThat(Npz.read(out))
                .containsKeys("settings/eps", "settings/l2", "settings/noise", "settings/eot")
                .allSatisfy((name, array) -> assertThat(array.dim(0)).isEqualTo(7));
        assertThat(verify("--norm", "linf", "--eps", "0.01").code()).isZero();
        assertThat(verify("--norm", "l2", "--eps", "0.01").err())
                .contains("array 'settings/l2' says that changes were measured by linf, not by l2; give --norm linf");
        assertThat(verify("--norm", "linf", "--eps", "0.02").err())
                .contains("array 'settings/eps' says 0.01, not 0.02; give --eps 0.01");
        assertThat(verify("--norm", "linf", "--eps", "0.01", "--certify", 50).err())
                .contains("--certify: has no effect here: --verify attacks nothing");
        assertThat(attack("--attacks", "pgd", "--steps", 3, "--noise", 0.1).code())
                .isZero();
        Outcome noisy = verify("--norm", "linf", "--eps", "0.01");
        assertThat(noisy.code()).isEqualTo(1);
        assertThat(noisy.err())
                .contains("array 'settings/noise' says that the classifier was attacked with noise of sigma 0.1")
                .containsOnlyOnce("\n");
    }

    /** Of a linear classifier every image has an answer, by its exact distance; of another one an attack that fails leaves it open. */
    @Test
    void everyImageHasATwoSidedAnswer() {
        assertThat(attack("--attacks", "fgsm").out()).contains("\"bound\": \"no bound from below\"");
        Map<String, Tensor> found = Npz.read(out);
        long[] robust = found.get("robust/fgsm").toLongs();
        long[] verdict = found.get("verdict").toLongs();
        for (int i = 0; i < robust.length; i++) {
            assertThat(verdict[i]).isEqualTo(robust[i] == 1 ? 0 : -1);
        }
        assertThat(found).doesNotContainKey("radius");
        int size = 3 * 8 * 8;
        LinearClassifier linear = new LinearClassifier(
                3, size, 10, false, Map.of("weight", Tensor.normal(DType.F32, Shape.of(10, size), new Philox(5))));
        ModelDirectory.save(model, linear, Optional.empty(), linear.parameters(), Map.of());
        Outcome outcome = attack("--attacks", "fgsm,apgd-t");
        assertThat(outcome.out()).contains("\"undecided\": 0", "exact distance of a linear classifier");
        found = Npz.read(out);
        robust = found.get("robust/apgd-t").toLongs();
        double[] radius = found.get("radius").toDoubles();
        for (int i = 0; i < robust.length; i++) {
            assertThat(found.get("verdict").toLongs()[i]).isEqualTo(robust[i] == 1 ? 1 : -1);
            assertThat(radius[i] > 0.01).isEqualTo(robust[i] == 1);
        }
        write("images", Tensor.full(DType.F32, Shape.of(7, 3, 8, 4), 0.5));
        outcome = attack("--attacks", "fgsm");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("Linear: images of shape [7, 3, 8, 4], needed [B, 3, H, W] with 192 values each")
                .containsOnlyOnce("\n");
    }

    private static final class Stopped extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A run that was stopped is not gone on with under other settings; nothing is lost by the refusal. */
    @Test
    void otherSettingsAreRefusedByName() {
        int[] left = {14}; // until something was done: before, the folder is free for other settings
        try {
            FileWatch.during(
                    (operation, file) -> {
                        if (left[0]-- <= 0) {
                            throw new Stopped();
                        }
                    },
                    () -> attack("--attacks", "square", "--queries", 20, "--save-every", 0));
        } catch (Stopped e) {
            // as it should be
        }
        assertThat(temp.resolve("out.npz.work")).isDirectory();
        refused(attack("--attacks", "square", "--queries", 21), "queries");
        refused(attack("--attacks", "square", "--queries", 20, "--seed", 1), "seed");
        write("labels", Tensor.of(new long[7], 7));
        refused(attack("--attacks", "square", "--queries", 20), "images");
        TinyClassifier.writeImages(in, model, 7, 3);
        assertThat(attack("--attacks", "square", "--queries", 20, "--batch", 3).code())
                .isZero();
        assertThat(temp.resolve("out.npz.work")).doesNotExist();
    }

    @Test
    void aRandomisedDefenceIsAttackedTheSameWayAgain() {
        List<String> how = List.of("--attacks", "apgd-ce", "--steps", "3", "--noise", "0.05", "--eot", "3");
        attack(how.toArray());
        float[] first = Npz.read(out).get("adversarial").toFloats();
        List<Object> again = new ArrayList<>(how);
        again.addAll(List.of("--batch", 2));
        attack(again.toArray());
        assertThat(Npz.read(out).get("adversarial").toFloats()).isEqualTo(first);
    }
}
