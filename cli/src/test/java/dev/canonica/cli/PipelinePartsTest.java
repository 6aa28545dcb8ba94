package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code canonica run} on the text encoder and the autoencoder, alone and in a pipeline. */
class PipelinePartsTest {
    private static final Path SD = Path.of("../golden/models/sd21");
    private static final Path TEXT = SD.resolve("model/text_encoder");
    private static final Path VAE = SD.resolve("model/vae");

    @TempDir
    private Path temp;

    private final Map<String, Tensor> arrays = new LinkedHashMap<>(Npz.read(SD.resolve("inputs.npz")));
    private Path inputs;
    private Path out;

    @BeforeEach
    void paths() {
        inputs = temp.resolve("in.npz");
        out = temp.resolve("out.npz");
    }

    private Outcome run(Path model, String items, String... names) {
        arrays.keySet().retainAll(Arrays.asList(names));
        Npz.write(inputs, arrays);
        return Outcome.run("run", "--model", model, "--inputs", inputs, "--outputs", out, "--compute", items);
    }

    private void assertMisuse(String message, Path model, String items, String... names) {
        assertThat(run(model, items, names))
                .isEqualTo(new Outcome(2, "", "canonica run: " + message + " (see 'canonica run --help')\n"));
        assertThat(out).doesNotExist();
    }

    private void assertRefused(String message, Path model, String items, String... names) {
        assertThat(run(model, items, names)).isEqualTo(new Outcome(1, "", "canonica run: " + message + "\n"));
        assertThat(out).doesNotExist();
    }

    /** A pipeline's part gives what it gives alone, and the denoiser's arrays are not needed for it. */
    @Test
    void aPartInAPipelineIsThePartAlone() {
        String[] names = {"input_ids", "image", "sample"};
        assertThat(run(SD.resolve("model"), "text,encode,decode", names)).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> together = Npz.read(out);
        assertThat(together).containsOnlyKeys("text/last_hidden_state", "latent", "decoded");
        assertThat(run(VAE, "encode,decode", "image", "sample")).isEqualTo(new Outcome(0, "", ""));
        Npz.read(out)
                .forEach((name, t) -> assertThat(t.toFloats())
                        .as(name)
                        .isEqualTo(together.get(name).toFloats()));
    }

    @Test
    void layersOfTheParts() {
        assertThat(run(TEXT, "features:encoder.layers.1", "input_ids")).isEqualTo(new Outcome(0, "", ""));
        assertThat(Npz.read(out).get("features/encoder.layers.1").shape()).isEqualTo(Shape.of(2, 77, 32));
    }

    @Test
    void layersOfTheAutoencoder() {
        String items = "features:encoder.mid_block,features:decoder.mid_block,features:output";
        assertThat(run(VAE, items, "image", "sample")).isEqualTo(new Outcome(0, "", ""));
        Map<String, Tensor> got = Npz.read(out);
        assertThat(got.get("features/encoder.mid_block").shape()).isEqualTo(Shape.of(1, 32, 8, 8));
        assertThat(got.get("features/decoder.mid_block").shape()).isEqualTo(Shape.of(1, 32, 8, 8));
        assertThat(got.get("features/output").shape()).isEqualTo(Shape.of(1, 3, 16, 16));
    }

    @Test
    void itemsOfOtherModels() {
        assertMisuse(
                "--compute: 'decode' is not one of text, features:LAYER (a text encoder)", TEXT, "decode", "input_ids");
        assertMisuse(
                "--compute: 'text' is not one of encode, decode, features:LAYER (an autoencoder)",
                VAE,
                "text",
                "image");
    }

    @Test
    void arraysThatAreMissingOrUnknown() {
        assertRefused(inputs + ": unknown array 'sample'; known: input_ids", TEXT, "text", "input_ids", "sample");
        assertRefused(inputs + ": array 'input_ids' is missing", SD.resolve("model"), "text", "image");
        assertRefused(inputs + ": array 'image' is missing", VAE, "encode");
    }

    @Test
    void aTypeThatDoesNotFit() {
        arrays.put("input_ids", Tensor.zeros(DType.F32, Shape.of(1, 77)));
        assertRefused("input_ids: type F32, integers are needed", TEXT, "text", "input_ids");
    }

    @Test
    void aPipelineWithoutThePart() throws IOException {
        Path index = temp.resolve("model_index.json");
        Files.writeString(index, "{\"_class_name\": \"DiTPipeline\", \"text_encoder\": [null, null]}");
        assertRefused(index + ": the pipeline has no 'text_encoder', which is needed", temp, "text", "input_ids");
        assertRefused(index + ": the pipeline has no 'vae', which is needed", temp, "decode", "input_ids");
    }

    @Test
    void aPartOfAnotherKind() throws IOException {
        Path index = temp.resolve("model_index.json");
        Files.writeString(index, "{\"vae\": [\"diffusers\", \"AsymmetricAutoencoderKL\"]}");
        Path vae = Files.createDirectory(temp.resolve("vae"));
        Files.writeString(vae.resolve("config.json"), "{\"_class_name\": \"AsymmetricAutoencoderKL\"}");
        assertRefused(vae + ": not an autoencoder, which is needed for 'decode'", temp, "decode", "sample");
    }
}
