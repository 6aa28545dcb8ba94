package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.ModelDigest;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.Workers;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code canonica extract} of six tiny images with a tiny model: a batch of four and one of two. */
class ExtractTest {
    @TempDir
    private Path temp;

    private Path images;
    private Path model;
    private Path out;

    @BeforeEach
    void prepare() throws IOException {
        images = TinyImages.write(temp.resolve("images"), 6);
        model = temp.resolve("model");
        out = temp.resolve("out");
        TinyDit.write(model);
    }

    @AfterEach
    void useAllThreads() {
        Workers.setThreads(Runtime.getRuntime().availableProcessors());
    }

    @Test
    void writesArraysPicturesAndOneSelfContainedReport() throws IOException {
        assertThat(extract("--report", 2)).isEqualTo(new Outcome(0, "", ""));
        Map<String, String> shapes = new LinkedHashMap<>();
        Map<String, Tensor> first = Npz.read(batch(0));
        first.forEach((name, t) -> shapes.put(name, t.shape().toString()));
        assertThat(shapes)
                .containsOnly(
                        Map.entry("index", "[4]"),
                        Map.entry("label", "[4]"),
                        Map.entry("latent", "[4, 3, 8, 8]"),
                        Map.entry("clarep", "[4, 3, 8, 8]"),
                        Map.entry("canonical", "[4, 3, 8, 8]"),
                        Map.entry("k", "[4]"),
                        Map.entry("s", "[4, 3]"),
                        Map.entry("evr", "[4, 3]"),
                        Map.entry("residual", "[4, 3]"),
                        Map.entry("certified", "[4]"),
                        Map.entry("features/original", "[4, 4, 8]"),
                        Map.entry("features/canonical", "[4, 4, 8]"),
                        Map.entry("unconditional/original", "[4, 4, 8]"),
                        Map.entry("unconditional/canonical", "[4, 4, 8]"));
        assertThat(first.get("index").toLongs()).containsExactly(0, 1, 2, 3);
        assertThat(Npz.read(batch(1)).get("index").toLongs()).containsExactly(4, 5);
        assertThat(Arrays.stream(first.get("k").toLongs())).allMatch(k -> k >= 1 && k <= 3);
        assertThat(first.get("certified").toLongs()).containsOnly(3);
        assertThat(first.get("clarep").minus(first.get("latent")).norm()).isGreaterThan(1e-3);
        assertThat(first.get("clarep").row(0).norm())
                .isLessThan(first.get("latent").row(0).norm());
        try (var pictures = Files.list(out.resolve("canonical"))) {
            assertThat(pictures).hasSize(6).allMatch(p -> p.toString().endsWith(".png"));
        }
        assertThat(out.resolve("contact-sheet.png")).isNotEmptyFile();
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("data:image/png;base64,", "shrunk latent", "random direction", "guidance")
                .doesNotContain("<link", "src=\"http", "src='http", "@import");
    }

    /** A batch is missing, and what was being written when it stopped lies beside. */
    @Test
    void resumedGivesTheSameBits() throws IOException {
        assertThat(extract().code()).isZero();
        Map<String, Tensor> before = Npz.read(batch(1));
        Files.delete(batch(1));
        Files.writeString(out.resolve("batches/000001.npz.part"), "half");
        var kept = Files.getLastModifiedTime(batch(0));
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> after = Npz.read(batch(1));
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach(
                (name, t) -> assertThat(after.get(name).toDoubles()).as(name).isEqualTo(t.toDoubles()));
        assertThat(Files.getLastModifiedTime(batch(0))).isEqualTo(kept);
        assertThat(out.resolve("batches/000001.npz.part")).doesNotExist();
    }

    @Test
    void refusesOtherSettings() {
        assertThat(extract().code()).isZero();
        refused("(k: adaptive, not 2)", "--k", 2);
        refused("(batch: 4, not 3)", "--batch", 3);
        refused("(type: f32, not f64)", "--dtype", "f64");
        refused("(steps: 5, not 6)", "--steps", 6);
    }

    /** What was begun with a setting that is now the default is another extraction, too. */
    @Test
    void refusesSettingsThatAreNoLongerGiven() throws IOException {
        assertThat(extract().code()).isZero();
        Path settings = out.resolve("settings.json");
        Files.writeString(settings, Files.readString(settings).replaceFirst("\\{", "{\"precision\": \"bf16\","));
        refused("(precision: bf16, not nothing)");
    }

    @Test
    void refusesWeightsThatWereTrainedAgainAtTheSamePath() throws IOException {
        assertThat(extract().code()).isZero();
        String before = ModelDigest.of(model);
        Path weights = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        Files.delete(batch(1));
        refused(out + ": holds another extraction (weights: " + before + ", not " + ModelDigest.of(model) + "); give");
        assertThat(batch(1)).doesNotExist();
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
    }

    /** An older version did not say what the weights were: who knows that they are the same says so, and goes on. */
    @Test
    void asksWhatTheWeightsWereWhereTheSettingsDoNotSay() throws IOException {
        assertThat(extract().code()).isZero();
        Path settings = out.resolve("settings.json");
        String now = Files.readString(settings);
        String line = "\"weights\" : \"" + ModelDigest.of(model) + "\",";
        assertThat(now).contains(line);
        Files.writeString(settings, now.replace(line, ""));
        refused(settings + ": does not say which weights the extraction was begun with; if these, add "
                + line.replace(" :", ":").replace("\",", "\"") + " to it, else give another --out");
        Files.writeString(settings, now);
        assertThat(extract()).isEqualTo(new Outcome(0, "", ""));
    }

    @Test
    void refusesADamagedBatch() throws IOException {
        assertThat(extract().code()).isZero();
        byte[] whole = Files.readAllBytes(batch(0));
        Files.write(batch(0), Arrays.copyOf(whole, whole.length / 2));
        refused(batch(0).toString());
        refused("; delete it and it is computed again");
        Files.copy(batch(1), batch(0), StandardCopyOption.REPLACE_EXISTING);
        refused(batch(0) + ": does not hold images 0 to 3; delete it and it is computed again");
    }

    private void refused(String why, Object... options) {
        Outcome outcome = extract(options);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).startsWith("canonica extract: ").contains(why).containsOnlyOnce("\n");
    }

    private Path batch(int i) {
        return out.resolve("batches").resolve("00000" + i + ".npz");
    }

    private Outcome extract(Object... options) {
        Map<Object, Object> all = new LinkedHashMap<>(Map.of("--model", model, "--data", images, "--out", out));
        all.putAll(Map.of("--layer", "blocks.1", "--rank", 3, "--steps", 5, "--batch", 4, "--report", 0));
        all.put("--threads", 1);
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        Object[] args = new Object[1 + 2 * all.size()];
        args[0] = "extract";
        int i = 1;
        for (var e : all.entrySet()) {
            args[i++] = e.getKey();
            args[i++] = e.getValue();
        }
        return Outcome.run(args);
    }
}
