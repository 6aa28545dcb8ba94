package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that are not finite, in a weight, an input or a layer, end a command with a line that names where they are, and without a result. */
class NonFiniteTest {
    @TempDir
    private Path temp;

    private Path model = Path.of("");
    private Path out = Path.of("");

    @BeforeEach
    void aModel() {
        model = TinyDit.write(temp.resolve("model"));
        out = temp.resolve("out.npz");
    }

    /** Writes this factor into one weight. */
    private void spoil(String name, double factor) {
        Path file = model.resolve(ModelDirectory.WEIGHTS);
        Map<String, Tensor> weights = new LinkedHashMap<>(Safetensors.read(file));
        Tensor t = weights.get(name);
        assertThat(t).as(name).isNotNull();
        weights.put(name, t.times(factor));
        Safetensors.write(file, weights, Map.of());
    }

    private Path inputs(double x, double tangent) {
        Path file = temp.resolve("in.npz");
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("x", first(Tensor.normal(DType.F32, Shape.of(2, 3, 8, 8), new Philox(1)), x));
        arrays.put("t", Tensor.of(new float[] {500, 20}, 2));
        arrays.put("y", Tensor.of(new long[] {0, 1}, 2));
        arrays.put("tangents", first(Tensor.normal(DType.F32, Shape.of(1, 2, 3, 8, 8), new Philox(2)), tangent));
        Npz.write(file, arrays);
        return file;
    }

    /** With another first element. */
    private static Tensor first(Tensor t, double value) {
        double[] values = t.toDoubles();
        values[0] = value;
        return Tensor.of(values, t.shape().dims()).to(t.dtype());
    }

    private Outcome run(String items, Path inputs, Object... options) {
        Object[] args = {"run", "--model", model, "--inputs", inputs, "--outputs", out, "--compute", items};
        Object[] all = Arrays.copyOf(args, args.length + options.length);
        System.arraycopy(options, 0, all, args.length, options.length);
        return Outcome.run(all);
    }

    private void assertRefused(Outcome outcome, String... words) {
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(1);
        assertThat(outcome.err().lines()).singleElement().asString().contains(words);
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forward",
                "features:blocks.1",
                "jvp:blocks.1",
                "svd:blocks.1:2",
                "invert",
                "sample",
                "clarep:blocks.1:2"
            })
    void aWeightIsNamed(String item) {
        spoil("blocks.0.attn.qkv.weight", Double.NaN);
        assertRefused(run(item, inputs(1, 1)), "tensor 'blocks.0.attn.qkv.weight' is NaN at [0, 0]");
    }

    @ParameterizedTest
    @CsvSource({"NaN, 1, 'x', '[0, 0, 0, 0]'", "1, -Infinity, 'tangents', '[0, 0, 0, 0, 0]'"})
    void anInputIsNamed(double x, double tangent, String array, String position) {
        assertRefused(run("jvp:blocks.1", inputs(x, tangent)), "in.npz: array '" + array + "' is ", position);
    }

    /** Weights and inputs are finite, but their product is not. */
    @ParameterizedTest
    @ValueSource(strings = {"forward", "features:blocks.1", "jvp:blocks.1", "svd:blocks.1:2"})
    void theFirstLayerIsNamed(String item) {
        spoil("blocks.1.mlp.fc2.weight", 1e38);
        spoil("blocks.1.mlp.fc1.weight", 1e8);
        assertRefused(run(item, inputs(1, 1)), "layer 'blocks.1.mlp.fc2' is the first whose output is not finite");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invert", "sample", "clarep:blocks.0:2"})
    void theStepAndTheLayerAreNamed(String item) {
        spoil("blocks.1.mlp.fc2.weight", 1e38);
        spoil("blocks.1.mlp.fc1.weight", 1e8);
        assertRefused(
                run(item, inputs(1, 1), "--steps", 4),
                "sampler: after the step at timestep",
                "layer 'blocks.1.mlp.fc2' is the first");
    }

    @Test
    void anInversionThatIsNotDeterminedIsRefused() {
        assertRefused(
                run("invert", inputs(1, 1), "--steps", 4, "--inversion", "diffusers", "--prediction", "sample"),
                "timestep 0",
                "prediction sample",
                "--inversion guided");
    }

    @Test
    void noPictureIsMadeOfThem() throws IOException {
        spoil("final_layer.linear.weight", Double.NaN);
        Path pictures = temp.resolve("pictures");
        Outcome outcome = Outcome.run(
                "sample",
                "--model",
                model,
                "--classes",
                "0",
                "--count",
                1,
                "--steps",
                4,
                "--guidance",
                1,
                "--out",
                pictures);
        assertRefused(outcome, "tensor 'final_layer.linear.weight' is NaN at [0, 0]");
        assertThat(pictures).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
    void guidanceIsANumber(String w) {
        Outcome outcome = Outcome.run("sample", "--model", model, "--guidance", w, "--out", out);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--guidance");
        assertThat(out).doesNotExist();
    }

    @Test
    void metricsNameTheirInput() {
        Path in = temp.resolve("m.npz");
        Npz.write(in, Map.of("s", Tensor.of(new double[] {3, Double.NaN, 1}, 3)));
        assertRefused(Outcome.run("metric", "elbow", "--inputs", in, "--outputs", out), "array 's' is NaN at [1]");
    }
}
