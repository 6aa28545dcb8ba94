package dev.canonica.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CLIP's text encoder; that its values are transformers' is held by the golden case {@code clip_text}. */
class ClipTextModelTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models");
    private static final Path ENCODER = GOLDEN.resolve("sd21/model/text_encoder");

    @TempDir
    private Path dir;

    private final Tensor ids =
            Npz.read(GOLDEN.resolve("clip_text/inputs.npz")).get("input_ids").rows(0, 1);
    private final Map<String, Tensor> tensors =
            new LinkedHashMap<>(Safetensors.read(ENCODER.resolve("model.safetensors")));
    private String config = "";

    @BeforeEach
    void readTheConfiguration() throws IOException {
        config = Files.readString(ENCODER.resolve("config.json"));
    }

    private ClipTextModel model() throws IOException {
        Path file = dir.resolve("config.json");
        Files.writeString(file, config);
        return new ClipTextModel(JsonConfig.read(file), tensors);
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::model).isInstanceOf(ModelException.class).hasMessage(message);
    }

    @Test
    void aTokenSeesThoseBeforeItAlone() throws IOException {
        long[] other = ids.toLongs();
        int changed = 40;
        other[changed] = (other[changed] + 7) % 500;
        Tensor a = model().encode(ids).reshape(77, 32);
        Tensor b = model().encode(Tensor.of(other, 1, 77)).reshape(77, 32);
        assertThat(b.rows(0, changed).toFloats()).isEqualTo(a.rows(0, changed).toFloats());
        for (int i = changed; i < 77; i++) {
            assertThat(b.row(i).toFloats())
                    .as("token " + i)
                    .isNotEqualTo(a.row(i).toFloats());
        }
    }

    @Test
    void aShorterTextIsTheBeginningOfALonger() throws IOException {
        Tensor all = model().encode(ids).reshape(77, 32);
        Tensor ten = model().encode(ids.slice(1, 0, 10)).reshape(10, 32);
        float[] expected = all.rows(0, 10).toFloats();
        float[] actual = ten.toFloats();
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
        }
    }

    @Test
    void everyListedLayerCanBeAskedFor() throws IOException {
        ClipTextModel model = model();
        assertThat(model.layers())
                .contains("embeddings", "encoder.layers.2.self_attn", "encoder")
                .endsWith("output");
        for (String layer : model.layers()) {
            assertThat(model.features(ids, layer).shape()).as(layer).isEqualTo(Shape.of(1, 77, 32));
        }
        assertThat(model.features(ids, "final_layer_norm").value().toFloats())
                .isEqualTo(model.encode(ids).toFloats());
        assertThatThrownBy(() -> model.features(ids, "encoder.layers.3"))
                .hasMessageStartingWith("layer 'encoder.layers.3' is not one of this model: embeddings, ");
    }

    /** transformers put everything under {@code text_model} until version 5, and kept a buffer of positions until 4.31. */
    @Test
    void theNamesOfOlderCheckpoints() throws IOException {
        float[] expected = model().encode(ids).toFloats();
        Map<String, Tensor> today = new LinkedHashMap<>(tensors);
        tensors.clear();
        today.forEach((name, t) -> tensors.put("text_model." + name, t));
        tensors.put("text_model.embeddings.position_ids", Tensor.of(new long[77], 1, 77));
        config = config.replace("\"_class_name\": \"CLIPTextModel\"", "\"dropout\": 0.0, \"torch_dtype\": \"float32\"")
                .replace("\"architectures\": null", "\"architectures\": [\"CLIPTextModel\"]");
        ClipTextModel old = model();
        assertThat(old.encode(ids).toFloats()).isEqualTo(expected);
        assertThat(old.layers()).contains("text_model.encoder.layers.1.mlp", "text_model");
        Safetensors.write(dir.resolve("model.safetensors"), tensors, Map.of());
        assertThat(ModelDirectory.textEncoder(dir, DType.F32)
                        .orElseThrow()
                        .encode(ids)
                        .toFloats())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "logit_scale                            | a whole CLIPModel; its text encoder alone is needed (text_model, saved by itself)",
                "vision_model.post_layernorm.weight     | a whole CLIPModel; its text encoder alone is needed (text_model, saved by itself)",
                "text_projection.weight                 | a CLIPTextModelWithProjection, but config.json names a CLIPTextModel",
                "transformer.resblocks.0.ln_1.weight    | a model of OpenCLIP or openai/CLIP; their text encoder under transformers' names is needed",
            })
    void otherModelsAreRefusedByWhatTheyAre(String tensor, String what) {
        tensors.put(tensor, Tensor.zeros(DType.F32, Shape.of(1)));
        assertRefused("CLIPTextModel: tensor '" + tensor + "' belongs to " + what);
    }

    @Test
    void aMissingTensor() {
        tensors.remove("encoder.layers.1.mlp.fc1.bias");
        assertRefused("CLIPTextModel: tensor 'encoder.layers.1.mlp.fc1.bias' [64] is missing from the checkpoint");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"hidden_act\": \"gelu\"          | \"hidden_act\": \"mish\"      | FILE: hidden_act is 'mish', which is not supported; supported: quick_gelu, gelu, gelu_new, gelu_pytorch_tanh, relu, silu, swish",
                "\"num_attention_heads\": 4       | \"num_attention_heads\": 5   | CLIPTextModel: num_attention_heads 5 does not divide hidden_size 32",
                "\"num_hidden_layers\": 3         | \"num_hidden_layers\": 0     | CLIPTextModel: num_hidden_layers 0 does not lie in [1, 1000]",
                "\"return_dict\": true            | \"use_attention_mask\": true | FILE: use_attention_mask is true, which is not supported; supported: null",
                "\"model_type\": \"clip_text_model\" | \"model_type\": \"bert\"   | FILE: model_type is 'bert', which is not supported; supported: clip_text_model",
            })
    void configurationsThatDoNotFitAreRefused(String from, String to, String message) {
        assertThat(config).contains(from);
        config = config.replace(from, to);
        assertRefused(message.replace("FILE", dir.resolve("config.json").toString()));
    }

    @Test
    void tokensThatDoNotFitAreRefused() throws IOException {
        ClipTextModel model = model();
        assertThatThrownBy(() -> model.encode(Tensor.of(new long[] {3, 500}, 1, 2)))
                .hasMessage("input_ids: token 500 does not lie in [0, 499]");
        assertThatThrownBy(() -> model.encode(Tensor.of(new long[78], 1, 78)))
                .hasMessage("input_ids: shape [1, 78], needed [B, T] with T at most 77");
        assertThatThrownBy(() -> model.encode(Tensor.zeros(DType.F32, Shape.of(1, 77))))
                .hasMessage("input_ids: type F32, integers are needed");
    }

    @Test
    void quickGelu() {
        double[] x = {-9, -1.5, -0.1, 0, 0.3, 1, 8};
        double[] y = ClipTextConfig.Activation.QUICK_GELU
                .apply(Var.constant(Tensor.of(x, x.length)))
                .value()
                .toDoubles();
        for (int i = 0; i < x.length; i++) {
            assertThat(y[i]).isCloseTo(x[i] / (1 + Math.exp(-1.702 * x[i])), within(1e-15));
        }
    }

    /** The numbers of parameters of Stable Diffusion's text encoders, 1 (ViT-L/14) and 2 (ViT-H/14 without its last layer). */
    @Test
    void publishedSizes() {
        assertThat(parameters(768, 3072, 12, 12)).isEqualTo(123_060_480);
        assertThat(parameters(1024, 4096, 23, 16)).isEqualTo(340_387_840);
    }

    private static long parameters(int width, int hidden, int layers, int heads) {
        ClipTextConfig c = new ClipTextConfig(
                49408, width, hidden, layers, heads, 77, ClipTextConfig.Activation.GELU, 1e-5, 49407, 0);
        return ClipTextModel.shapes(c, "").values().stream()
                .mapToLong(Shape::size)
                .sum();
    }
}
