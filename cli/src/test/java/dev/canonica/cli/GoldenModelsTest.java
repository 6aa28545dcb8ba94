package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.cli.audit.GoldenComparison;
import dev.canonica.cli.audit.GoldenComparison.Deviation;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code canonica run} on every golden model, compared with its reference as {@code golden/check.py} does: a case that nothing can run fails. */
class GoldenModelsTest {
    static final Path CASES = Path.of("../golden/models");

    @TempDir
    private Path temp;

    static Stream<Arguments> cases() throws IOException {
        try (Stream<Path> dirs = Files.list(CASES)) {
            List<String> names = dirs.filter(Files::isDirectory)
                    .map(d -> d.getFileName().toString())
                    .sorted()
                    .toList();
            assertThat(names).hasSizeGreaterThanOrEqualTo(19);
            String some = System.getProperty("canonica.cases", ""); // a regular expression, to run some of them alone
            return names.stream()
                    .filter(n -> n.matches(some + ".*"))
                    .flatMap(n -> Stream.of(Arguments.of(n, "f32"), Arguments.of(n, "f64")));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(String name, String dtype) throws IOException {
        Path dir = CASES.resolve(name);
        JsonNode c = new ObjectMapper().readTree(dir.resolve("case.json").toFile());
        List<String> items = new ArrayList<>();
        c.get("compute").forEach(i -> items.add(i.textValue()));
        Path out = temp.resolve("out.npz");
        List<Object> args = new ArrayList<>(
                List.of("run", "--model", CASES.resolve(c.get("model").textValue())));
        args.addAll(List.of("--inputs", dir.resolve("inputs.npz"), "--outputs", out));
        args.addAll(List.of("--compute", String.join(",", items), "--dtype", dtype));
        args.addAll(List.of("--device", System.getProperty("canonica.check.device", "cpu")));
        c.get("options").forEach(o -> args.add(o.textValue()));

        assertThat(Outcome.run(args.toArray())).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> got = Npz.read(out);
        assertThat(GoldenComparison.of(got, Npz.read(dir.resolve("expected.npz")), c.get("tolerance")))
                .isNotEmpty()
                .allMatch(Deviation::holds);
    }

    /** Stable Diffusion with the file of PNDM, which has no {@code clip_sample}: its latents are not clipped. */
    @Test
    void pndmsFileSamplesStableDiffusionAsDdimsDoes() throws IOException {
        Path model = temp.resolve("model");
        Files.createDirectories(model);
        Files.copy(CASES.resolve("sd21/model/model_index.json"), model.resolve("model_index.json"));
        for (String part : List.of("unet", "scheduler")) {
            Files.createDirectories(model.resolve(part));
            try (Stream<Path> files = Files.list(CASES.resolve("sd21/model").resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, model.resolve(part).resolve(file.getFileName()));
                }
            }
        }
        Path scheduler = model.resolve("scheduler/scheduler_config.json");
        String ddim = Files.readString(scheduler);
        String pndm = ddim.replace("DDIMScheduler", "PNDMScheduler")
                .lines()
                .filter(line -> !line.matches(".*(clip_sample|thresholding|sample_max|dynamic|rescale).*"))
                .collect(Collectors.joining("\n"));
        assertThat(pndm).contains("PNDMScheduler").doesNotContain("clip_sample");
        Files.writeString(scheduler, pndm);
        Path dir = CASES.resolve("sd21_sample");
        Path out = temp.resolve("out.npz");
        Outcome outcome = Outcome.run(
                "run",
                "--model",
                model,
                "--inputs",
                dir.resolve("inputs.npz"),
                "--outputs",
                out,
                "--compute",
                "sample",
                "--steps",
                "10",
                "--guidance",
                "3.0");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        double[] sampled = Npz.read(out).get("sampled").toDoubles();
        double[] expected = Npz.read(dir.resolve("expected.npz")).get("sampled").toDoubles();
        assertThat(GoldenComparison.relative(sampled, expected)).isLessThan(2e-5);
    }
}
