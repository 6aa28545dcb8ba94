package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.canonica.models.Condition;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.pipeline.TextPipeline;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.text.ClipTokenizer;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline as Stable Diffusion XL has it, made of the small Stable Diffusion's parts: two text encoders, vectors of texts and the size of images. */
class TwoTextEncodersTest {
    private static final int VECTOR = 7;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path temp;

    private Path model;

    private void change(Path file, java.util.function.Consumer<ObjectNode> change) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(node);
        JSON.writeValue(file.toFile(), node);
    }

    private void copy(String from, String to) throws IOException {
        Files.createDirectories(model.resolve(to));
        try (Stream<Path> files = Files.list(model.resolve(from))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(to).resolve(file.getFileName()));
            }
        }
    }

    @BeforeEach
    void prepare() throws IOException {
        model = TinyPipeline.writeModel(temp.resolve("model"));
        copy("text_encoder", "text_encoder_2");
        copy("tokenizer", "tokenizer_2");
        change(model.resolve("text_encoder_2/config.json"), c -> {
            c.put("_class_name", "CLIPTextModelWithProjection");
            c.put("projection_dim", VECTOR);
        });
        Path weights = model.resolve("text_encoder_2/model.safetensors");
        Map<String, Tensor> encoder = new LinkedHashMap<>(Safetensors.read(weights));
        encoder.put(
                "text_projection.weight",
                Tensor.normal(DType.F32, dev.canonica.tensor.Shape.of(VECTOR, 32), new Philox(3)));
        Safetensors.write(weights, encoder, Map.of());
        change(model.resolve("model_index.json"), c -> {
            c.put("_class_name", "StableDiffusionXLPipeline");
            c.putArray("text_encoder_2").add("transformers").add("CLIPTextModelWithProjection");
            c.putArray("tokenizer_2").add("transformers").add("CLIPTokenizer");
        });
        Path config = model.resolve("unet/config.json");
        change(config, c -> {
            c.put("cross_attention_dim", 64);
            c.put("addition_embed_type", "text_time");
            c.put("addition_time_embed_dim", 4);
            c.put("projection_class_embeddings_input_dim", 6 * 4 + VECTOR);
        });
        writeNetwork(config);
    }

    private void writeNetwork(Path config) {
        Map<String, Tensor> network = new LinkedHashMap<>();
        Unet2dCondition.shapes(JsonConfig.read(config))
                .forEach((name, shape) -> network.put(
                        name,
                        Tensor.normal(DType.F32, shape, new Philox(5, network.size()))
                                .times(0.1)));
        Safetensors.write(model.resolve("unet/diffusion_pytorch_model.safetensors"), network, Map.of());
    }

    @Test
    void whatTheNetworkIsGivenIsOfBothEncoders() {
        TextPipeline pipeline = TextPipeline.read(model, DType.F64).orElseThrow();
        Condition c = pipeline.conditions(List.of("a cat", "a dog"), "", warning -> {
                    throw new AssertionError(warning);
                })
                .of(1, 1, 0);
        Tensor ids = Tensor.of(
                ClipTokenizer.read(model.resolve("tokenizer")).prompt("a dog").ids(), 1, 77);
        ClipTextModel second = ModelDirectory.textEncoder(model.resolve("text_encoder_2"), DType.F64)
                .orElseThrow();
        String inner = second.layers().stream()
                .filter(name -> name.endsWith("encoder.layers.1"))
                .findFirst()
                .orElseThrow();
        double[] state = second.features(ids, inner).value().toDoubles();
        Tensor texts = c.given().get(Condition.TEXTS);
        assertThat(texts.shape().dims()).containsExactly(3, 77, 64);
        assertThat(texts.rows(0, 1).slice(2, 32, 64).toDoubles()).isEqualTo(state);
        assertThat(texts.rows(1, 2).slice(2, 0, 32).toDoubles()).isEqualTo(state); // the same weights
        assertThat(c.given().get("text_embeds").rows(1, 2).toDoubles())
                .isEqualTo(second.embed(ids, second.encode(ids)).orElseThrow().toDoubles());
        assertThat(c.given().get("time_ids").rows(2, 3).toDoubles()).containsExactly(16, 16, 0, 0, 16, 16);
        assertThat(c.otherwise().get(Condition.TEXTS).toDoubles()).containsOnly(0);
        assertThat(c.otherwise().get("text_embeds").toDoubles()).containsOnly(0);
        Condition other =
                pipeline.conditions(List.of("a cat"), "dog", warning -> {}).of(0);
        assertThat(other.otherwise().get(Condition.TEXTS).norm()).isGreaterThan(1);
    }

    @Test
    void samples() {
        List<Object> args = new ArrayList<>(List.of("sample", "--model", model, "--out", temp.resolve("out")));
        args.addAll(List.of("--steps", 2, "--prompt", "a cat", "--count", 1, "--guidance", 3, "--threads", 1));
        assertThat(Outcome.run(args.toArray())).isEqualTo(new Outcome(0, "", ""));
        assertThat(temp.resolve("out/000-a_cat-000.png")).exists();
    }

    /** Asked without guidance: sin 0 and cos 0. */
    @Test
    void aNetworkDistilledFromGuidanceIsAskedWithoutAny() throws IOException {
        Path config = model.resolve("unet/config.json");
        change(config, c -> c.put("time_cond_proj_dim", 5));
        writeNetwork(config);
        TextPipeline pipeline = TextPipeline.read(model, DType.F64).orElseThrow();
        Condition c = pipeline.conditions(List.of("a cat"), "", warning -> {}).of(0, 0);
        assertThat(c.given().get("timestep_cond").toDoubles()).containsExactly(0, 0, 1, 1, 0, 0, 0, 1, 1, 0);
    }

    @Test
    void whatAPipelineDoesNotKnowIsNamed() throws IOException {
        Path config = model.resolve("unet/config.json");
        change(config, c -> c.put("num_class_embeds", 5));
        writeNetwork(config);
        assertThatThrownBy(() -> TextPipeline.read(model, DType.F64))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(
                        "the network is given 'class_labels', which is not supported in a pipeline of texts");
    }
}
