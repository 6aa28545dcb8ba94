package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    private static final double RESIDUAL = 1e-2;

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
        assertThat(misses(got, Npz.read(dir.resolve("expected.npz")), c.get("tolerance")))
                .isEmpty();
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
        assertThat(relative(sampled, expected)).isLessThan(2e-5);
    }

    /** Where results are not the reference's. */
    static List<String> misses(Map<String, Tensor> got, Map<String, Tensor> want, JsonNode tolerance) {
        double relative = tolerance.path("relative_l2").asDouble(2e-5);
        double sigma = tolerance.path("sigma_relative").asDouble(1e-4);
        double angle = tolerance.path("subspace_angle").asDouble(1e-3);
        List<String> misses = new ArrayList<>();
        want.forEach((key, b) -> {
            Tensor a = got.get(key);
            if (a == null || !a.shape().equals(b.shape())) {
                misses.add(key + ": " + a + " for " + b);
            } else if (key.endsWith("/v")) {
                Tensor s = want.get(key.substring(0, key.length() - 1) + "s");
                for (int i = 0; i < b.dim(0); i++) {
                    int leading = bestSeparated(s.row(i).toDoubles());
                    check(misses, key + "[" + i + "]", sine(a.row(i), b.row(i), leading), angle);
                }
            } else if (key.endsWith("/s") || key.endsWith("/evr")) {
                check(misses, key, worstRelative(a.toDoubles(), b.toDoubles()), sigma);
            } else if (key.endsWith("/k")) {
                if (!Arrays.equals(a.toDoubles(), b.toDoubles())) {
                    misses.add(key + ": " + a + " for " + b);
                }
            } else if (key.endsWith("to_k.bias")) {
                // a bias of keys shifts all scores of a query alike: its gradient is 0, and what the reference has is
                // rounding
                double[] q = want.get(key.replace("to_k", "to_q")).toDoubles();
                check(misses, key, distance(a.toDoubles(), b.toDoubles()) / Math.sqrt(dot(q, q)), relative);
            } else {
                check(misses, key, relative(a.toDoubles(), b.toDoubles()), relative);
            }
        });
        got.forEach((key, a) -> {
            if (key.endsWith("/residual")) {
                check(misses, key, Arrays.stream(a.toDoubles()).max().orElseThrow(), RESIDUAL);
            }
        });
        return misses;
    }

    private static void check(List<String> misses, String what, double error, double allowed) {
        if (!(error <= allowed)) { // NaN is a miss
            misses.add("%s: error %.2e, allowed %.2e".formatted(what, error, allowed));
        }
    }

    private static double relative(double[] a, double[] b) {
        return distance(a, b) / Math.max(Math.sqrt(dot(b, b)), 1e-12);
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    private static double worstRelative(double[] a, double[] b) {
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            worst = Math.max(worst, Math.abs(a[i] - b[i]) / Math.max(Math.abs(b[i]), 1e-12));
        }
        return worst;
    }

    /** The number of leading directions after which the spectrum falls most: their span is determined best. */
    private static int bestSeparated(double[] s) {
        int best = 1;
        for (int j = 1; j < s.length; j++) {
            if (s[j - 1] - s[j] > s[best - 1] - s[best]) {
                best = j;
            }
        }
        return best;
    }

    /** The sine of the largest angle between the spans of the first {@code n} rows: ‖A − B Bᵀ A‖ in the Frobenius norm, which bounds it. */
    private static double sine(Tensor a, Tensor b, int n) {
        double[][] p = orthonormal(a, n);
        double[][] q = orthonormal(b, n);
        double squares = 0;
        for (double[] x : p) {
            double[] rest = x.clone();
            for (double[] y : q) {
                add(rest, -dot(x, y), y);
            }
            squares += dot(rest, rest);
        }
        return Math.sqrt(squares);
    }

    /** Gram and Schmidt, twice. */
    private static double[][] orthonormal(Tensor rows, int n) {
        double[][] q = new double[n][];
        for (int i = 0; i < n; i++) {
            q[i] = rows.row(i).toDoubles();
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    add(q[i], -dot(q[i], q[j]), q[j]);
                }
            }
            double norm = Math.sqrt(dot(q[i], q[i]));
            q[i] = Arrays.stream(q[i]).map(v -> v / norm).toArray();
        }
        return q;
    }

    private static double dot(double[] x, double[] y) {
        double s = 0;
        for (int i = 0; i < x.length; i++) {
            s += x[i] * y[i];
        }
        return s;
    }

    private static void add(double[] x, double scale, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += scale * y[i];
        }
    }
}
