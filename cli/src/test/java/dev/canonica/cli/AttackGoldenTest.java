package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code canonica attack} on a trained network, beside fra31/auto-attack on the same images: {@code golden/methods/attack}. */
class AttackGoldenTest {
    private static final Path CASE = Path.of("../golden/methods/attack");

    /** Images of the case that are attacked here. */
    private static final int COUNT = 8;

    /** One image more than the reference leaves may be robust, as for its own seeds; fewer is right where all bounds hold. */
    private static final int ABOVE = 1;

    @TempDir
    private Path temp;

    private Path inputs() {
        Path file = temp.resolve("in.npz");
        Map<String, Tensor> all = Npz.read(CASE.resolve("inputs.npz"));
        Npz.write(
                file,
                Map.of(
                        "images",
                        all.get("images").rows(0, COUNT),
                        "labels",
                        all.get("labels").rows(0, COUNT)));
        return file;
    }

    private static Outcome attack(Object... options) {
        List<Object> args = new ArrayList<>(List.of("attack", "--model", CASE));
        args.addAll(List.of(options));
        return Outcome.run(args.toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "linf, 8/255, 2/255, Linf, 'apgd-ce,apgd-dlr,apgd-t'",
        "l2, 0.5, 0.0625, L2, 'apgd-ce,apgd-dlr,apgd-t'",
        "linf, 8/255, , Linf, 'fgsm,fab-t,square,standard'",
        "l2, 0.5, , L2, 'fgsm,fab-t,square,standard'",
        "linf, 8/255, 2/255, Linf, pgd",
        "l2, 0.5, 0.0625, L2, pgd"
    })
    void asManyImagesAreRobustAsInTheReference(
            String norm, String eps, String stepSize, String reference, String attacks) throws IOException {
        Path out = temp.resolve("out.npz");
        Path in = inputs();
        List<Object> options = new ArrayList<>(List.of(
                "--inputs", in, "--outputs", out, "--attacks", attacks, "--norm", norm, "--eps", eps, "--no-checks"));
        if (attacks.equals("pgd")) {
            options.addAll(List.of("--step-size", stepSize));
        } else {
            options.add("--until-broken");
        }
        if (attacks.contains("square")) {
            options.addAll(List.of("--queries", 1000));
        }
        Outcome outcome = attack(options.toArray());
        assertThat(outcome.err()).isEmpty();
        JsonNode json = new ObjectMapper().readTree(outcome.out());
        Map<String, Tensor> found = Npz.read(out);
        Map<String, Tensor> expected = Npz.read(CASE.resolve("expected.npz"));
        assertThat(found.get("clean").toLongs())
                .isEqualTo(
                        Arrays.copyOf(expected.get(reference + "/seed0/clean").toLongs(), COUNT));
        for (String name : attacks.split(",")) {
            String key = reference + "/seed0/" + referenceName(name);
            int robust = count(found.get("robust/" + name));
            assertThat(json.get("robust").get(name).intValue()).isEqualTo(robust);
            assertThat(robust)
                    .as(name)
                    .isLessThanOrEqualTo(count(expected.get(key).rows(0, COUNT)) + ABOVE);
            if (name.equals("fgsm") || name.equals("pgd")) {
                assertThat(robust)
                        .isGreaterThanOrEqualTo(count(expected.get(key).rows(0, COUNT)) - ABOVE);
            }
        }
        Outcome verified = attack("--inputs", in, "--norm", norm, "--eps", eps, "--verify", out);
        assertThat(verified.err()).isEmpty();
        assertThat(verified.code()).isZero();
    }

    private static String referenceName(String name) {
        return switch (name) {
            case "pgd" -> "pgd-20";
            case "square" -> "square-1000";
            case "fab-t" -> "fab-t/first";
            case "apgd-t" -> "autoattack/after_apgd-t";
            case "standard" -> "autoattack/after_square";
            default -> name;
        };
    }

    private static int count(Tensor flags) {
        return (int) Arrays.stream(flags.toLongs()).sum();
    }

    /** On this network, which masks nothing, no check warns. */
    @Test
    void theChecksAreSilent() throws IOException {
        Outcome outcome = attack(
                "--inputs",
                inputs(),
                "--outputs",
                temp.resolve("out.npz"),
                "--attacks",
                "apgd-ce,square",
                "--steps",
                20,
                "--queries",
                100,
                "--norm",
                "linf",
                "--eps",
                "8/255");
        assertThat(outcome.err()).isEmpty();
        JsonNode json = new ObjectMapper().readTree(outcome.out());
        assertThat(json.get("warnings")).isEmpty();
        assertThat(json.get("checks").findValuesAsText("check"))
                .containsExactly(
                        "inputs-in-box",
                        "repeatable",
                        "batch",
                        "zero-gradients",
                        "square-better",
                        "logit-scale",
                        "active-test");
    }

    /** A result that was tampered with is found out, image by image. */
    @Test
    void aResultThatDoesNotHoldIsRefused() {
        Path out = temp.resolve("out.npz");
        Path in = inputs();
        attack(
                "--inputs",
                in,
                "--outputs",
                out,
                "--attacks",
                "fgsm",
                "--norm",
                "linf",
                "--eps",
                "8/255",
                "--no-checks");
        Map<String, Tensor> result = new LinkedHashMap<>(Npz.read(out));
        result.put("adversarial", result.get("adversarial").times(0.5).plus(0.6));
        Npz.write(out, result);
        Outcome verified = attack("--inputs", in, "--norm", "linf", "--eps", "8/255", "--verify", out);
        assertThat(verified.code()).isEqualTo(1);
        assertThat(verified.err())
                .contains("of what it says does not hold: image ")
                .containsOnlyOnce("\n");
        assertThat(verified.out()).contains("outside of [0, 1]").contains("the perturbation has length");
    }
}
