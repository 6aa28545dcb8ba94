package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.dit.Sit;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on a flow-matching model, a SiT. */
class FlowTest {
    private static final Path GOLDEN = GoldenModelsTest.CASES.resolve("sit/model");

    @TempDir
    private Path temp;

    private Path model;

    @BeforeEach
    void write() {
        DitConfig c = new DitConfig(8, 4, 3, 8, 2, 2, 2, 0.1, 2, false);
        Map<String, Tensor> parameters = ModelDirectory.load(TinyDit.write(temp.resolve("dit")), DType.F32)
                .parameters();
        model = temp.resolve("sit");
        ModelDirectory.save(model, new Sit(c, parameters), Optional.empty(), parameters, Map.of());
    }

    /** Canonical samples, their features and the report. */
    @Test
    void extractsCanonicalSamples() throws IOException {
        Path images = TinyImages.write(temp.resolve("images"), 4);
        Path out = temp.resolve("out");
        assertThat(extract(model, images, out)).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> batch = Npz.read(out.resolve("batches/000000.npz"));
        assertThat(batch.get("canonical").shape().toString()).isEqualTo("[4, 3, 8, 8]");
        assertThat(batch).containsKeys("features/original", "features/canonical");
        assertThat(Files.readString(out.resolve("settings.json")))
                .contains("\"level of t_e\": 6,", "\"time at t_e\": 0.25,", "\"prediction\": \"velocity\"");
        assertThat(Files.readString(out.resolve("report.html"))).contains("inverted by Euler&#39;s method");
    }

    /** At t = 1 there is neither noise nor a step. */
    @Test
    void anyWayToTheSampleItselfIsTheSame() throws IOException {
        Path images = TinyImages.write(temp.resolve("images"), 2);
        Path out = temp.resolve("out");
        for (String way : new String[] {"noised", "inverted"}) {
            Outcome outcome = extract(model, images, out, "--tr=0.05", "--feature-way=" + way);
            assertThat(outcome.code()).isEqualTo(2);
            assertThat(outcome.err())
                    .startsWith(
                            "canonica extract: --feature-way: has no effect here: t_r is level 0, where the latent is the sample itself by any way");
            assertThat(out).doesNotExist();
        }
    }

    private static Outcome extract(Path model, Path images, Path out, String... more) {
        List<Object> words = new ArrayList<>(List.of(
                "extract",
                "--model=" + model,
                "--data=" + images,
                "--out=" + out,
                "--layer=blocks.1",
                "--rank=3",
                "--steps=8",
                "--te=0.75",
                "--report=1"));
        words.addAll(List.of(more));
        return Outcome.run(words.toArray());
    }

    @Test
    void samplesImagesAndIsAudited() {
        Path out = temp.resolve("sheet.png");
        assertThat(Outcome.run("sample", "--model=" + model, "--count=1", "--steps=3", "--out=" + out))
                .isEqualTo(new Outcome(0, "", ""));
        assertThat(out).isNotEmptyFile();
        assertThat(Outcome.run("audit", "--no-primitives", "--model", model).out())
                .contains("blocks.1", "all 3 checks hold");
        assertThat(Outcome.run("inspect", "--totals", model).out()).contains("SiT", "  blocks.1.mlp.act");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--schedule=linear | --schedule: has no effect here: the model is a flow",
                "--spacing=leading | --spacing: has no effect here: the model is a flow",
                "--train-steps=100 | --train-steps: has no effect here: the model is a flow",
                "--prediction=epsilon | --prediction: epsilon, but the model is a flow, which predicts velocity",
                "--inversion=diffusers | --inversion: has no effect here: the velocity of a flow is taken where a step begins",
            })
    void refusesWhatAFlowHasNot(String option, String message) {
        Outcome refused = invert(GOLDEN, option);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains(message).containsOnlyOnce("\n");
        assertThat(temp.resolve("out.npz")).doesNotExist();
    }

    @Test
    void aDiffusionModelPredictsNoVelocity() {
        Outcome refused = invert(GoldenModelsTest.CASES.resolve("dit_latent/model"), "--prediction=velocity");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("--prediction: velocity is of flows (SiT), which this model is none of");
    }

    private Outcome invert(Path model, String option) {
        return Outcome.run(
                "run",
                "--model=" + model,
                "--inputs=" + GoldenModelsTest.CASES.resolve("sit_clarid/inputs.npz"),
                "--outputs=" + temp.resolve("out.npz"),
                "--compute=invert",
                "--steps=8",
                option);
    }
}
