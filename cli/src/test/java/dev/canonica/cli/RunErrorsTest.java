package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code canonica run} refuses: one line that names it, exit code 1, no output file. */
class RunErrorsTest {
    private static final String BIAS = "final_layer.linear.bias";

    @TempDir
    private Path temp;

    private Path model;
    private Path config;
    private Path weights;
    private Path inputs;
    private Path out;

    @BeforeEach
    void copyAModel() throws IOException {
        Path golden = Path.of("../golden/models/dit_pixel");
        model = Files.createDirectories(temp.resolve("model"));
        config = Files.copy(golden.resolve("model/config.json"), model.resolve("config.json"));
        weights = Files.copy(golden.resolve("model/model.safetensors"), model.resolve("model.safetensors"));
        inputs = Files.copy(golden.resolve("inputs.npz"), temp.resolve("in.npz"));
        out = temp.resolve("out.npz");
    }

    @Test
    void unknownKey() throws IOException {
        Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{ \"depht\": 2,"));
        assertThat(refused("forward")).startsWith(config + ": unknown key 'depht'; known: ");
    }

    @Test
    void missingTensor() {
        change(tensors -> tensors.remove(BIAS));
        assertThat(refused("forward"))
                .startsWith(weights + ": DiT: tensor '" + BIAS + "' [")
                .endsWith("] is missing from the checkpoint");
    }

    @Test
    void wrongShape() {
        change(tensors -> tensors.put(BIAS, Tensor.zeros(DType.F32, Shape.of(5))));
        assertThat(refused("forward")).startsWith(weights + ": DiT: tensor '" + BIAS + "' has shape [5], needed [");
    }

    @Test
    void wrongType() {
        change(tensors -> tensors.put(
                BIAS,
                Tensor.of(
                        new long[Math.toIntExact(tensors.get(BIAS).size())],
                        tensors.get(BIAS).dim(0))));
        assertThat(refused("forward"))
                .isEqualTo(weights + ": DiT: tensor '" + BIAS
                        + "' is of type I64, which is not supported: weights are real numbers");
    }

    @Test
    void unknownTensor() {
        change(tensors -> tensors.put("extra", Tensor.zeros(DType.F32, Shape.of(1))));
        assertThat(refused("forward"))
                .isEqualTo(weights + ": DiT: tensor 'extra' of the checkpoint is not one of this model's");
    }

    @Test
    void truncatedWeights() throws IOException {
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 4));
        assertThat(refused("forward"))
                .matches("\\Q" + weights + "\\E: the tensors take \\d+ bytes, but \\d+ follow the header");
    }

    @Test
    void unknownLayer() {
        assertThat(refused("features:blocks.7")).startsWith("layer 'blocks.7' is not one of this model: x_embedder, ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fowrard", "features", "svd:blocks.1", "svd:blocks.1:two", "svd:blocks.1:0"})
    void unknownItem(String item) {
        Outcome outcome = Outcome.run(
                "run", "--model", weights.getParent(), "--inputs", inputs, "--outputs", out, "--compute", item);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .startsWith("canonica run: --compute: '" + item + "' is not one of forward, features:LAYER, ");
    }

    /** One of them alone would be in the file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "clarep:blocks.0:1,clarep:blocks.1:1",
                "clarep:blocks.0,clarep:blocks.0:2",
                "svd:blocks.1:1,svd:blocks.1:2",
                "forward,forward"
            })
    void itemsOfTheSameNames(String items) {
        Outcome outcome = Outcome.run(
                "run", "--model", weights.getParent(), "--inputs", inputs, "--outputs", out, "--compute", items);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .startsWith("canonica run: --compute: '%s': their arrays have the same names"
                        .formatted(items.replace(",", "' and '")));
        assertThat(out).doesNotExist();
    }

    @Test
    void noSample() {
        Map<String, Tensor> arrays = new LinkedHashMap<>(Npz.read(inputs));
        arrays.keySet().retainAll(Set.of("x", "t", "y"));
        arrays.replaceAll((name, t) -> t.rows(0, 0));
        Npz.write(inputs, arrays);
        assertThat(refused("clarep:blocks.1:1"))
                .startsWith(inputs + ": array 'x' has shape [0, ")
                .endsWith("needed one sample at least");
    }

    @Test
    void missingArray() {
        Map<String, Tensor> arrays = new LinkedHashMap<>(Npz.read(inputs));
        arrays.remove("tangents");
        Npz.write(inputs, arrays);
        assertThat(refused("jvp:blocks.1")).isEqualTo(inputs + ": array 'tangents' is missing");
    }

    @Test
    void unknownArray() {
        Map<String, Tensor> arrays = new LinkedHashMap<>(Npz.read(inputs));
        arrays.put("z", Tensor.zeros(DType.F32, Shape.of(1)));
        Npz.write(inputs, arrays);
        assertThat(refused("forward"))
                .isEqualTo(inputs + ": unknown array 'z'; known: cotangents, loss_weights, t, tangents, x, y");
    }

    @Test
    void missingModel() {
        model = temp.resolve("nothing");
        assertThat(refused("forward"))
                .isEqualTo(model + ": no such model; a folder with config.json and model.safetensors is needed");
    }

    @Test
    void missingInputs() {
        inputs = temp.resolve("nothing.npz");
        assertThat(refused("forward")).startsWith(inputs + ": ");
    }

    @Test
    void misuseExitsWithTwo() {
        assertThat(Outcome.run("run", "--model", model).code()).isEqualTo(2);
        assertThat(Outcome.run("run", "--modle", model).code()).isEqualTo(2);
        assertThat(Outcome.run("run", "--steps", "many").code()).isEqualTo(2);
    }

    private interface Change {
        void apply(Map<String, Tensor> tensors);
    }

    private void change(Change change) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(Safetensors.read(weights));
        change.apply(tensors);
        Safetensors.write(weights, tensors, Map.of());
    }

    /** The message that the run is refused with. */
    private String refused(String item, Object... options) {
        Object[] args = {"run", "--model", model, "--inputs", inputs, "--outputs", out, "--compute", item};
        Object[] all = Arrays.copyOf(args, args.length + options.length);
        System.arraycopy(options, 0, all, args.length, options.length);
        Outcome outcome = Outcome.run(all);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).startsWith("canonica run: ").containsOnlyOnce("\n");
        assertThat(out).doesNotExist();
        return outcome.err().substring("canonica run: ".length()).strip();
    }
}
