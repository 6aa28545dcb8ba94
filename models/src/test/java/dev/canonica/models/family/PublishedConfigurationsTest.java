package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.SchedulerFile;
import dev.canonica.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Configurations as they were published, with the class names, keys and gaps of the releases that wrote them: in {@code resources/published}, a folder
 * for each. Each is read, and the network that it describes has as many parameters as the published one.
 */
class PublishedConfigurationsTest {
    private static final Path PUBLISHED = Path.of("src/test/resources/published");

    @TempDir
    private Path temp;

    /** A copy, in which weights can be put. */
    private Path copy(String name) throws IOException {
        Path from = PUBLISHED.resolve(name);
        Path to = temp.resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        return to;
    }

    private long parametersOf(String name, String part) throws IOException {
        return parametersIn(copy(name), part);
    }

    private static long parametersIn(Path pipeline, String part) throws IOException {
        Path folder = part.isEmpty() ? pipeline : pipeline.resolve(part);
        HollowCheckpoint weights = new HollowCheckpoint(folder.resolve("model.safetensors"));
        weights.complete(() -> {
            Object network = switch (part) {
                case "vae" -> ModelDirectory.autoencoder(folder, DType.F32).orElseThrow();
                case "text_encoder" ->
                    ModelDirectory.textEncoder(folder, DType.F32).orElseThrow();
                case "unet" ->
                    ModelDirectory.textConditional(pipeline, DType.F32).orElseThrow();
                default -> ModelDirectory.load(pipeline, DType.F32);
            };
            assertThat(network).isNotNull();
        });
        return weights.parameters();
    }

    /** As diffusers' training writes the averaged network. */
    @Test
    void whatAveragingAddsIsPassedOver() throws IOException {
        Path folder = copy("ddpm-cifar10-32");
        Path config = folder.resolve("config.json");
        String averaged = Files.readString(config).replaceFirst("\\{", """
                        {"decay": 0.9999, "inv_gamma": 1.0, "min_decay": 0.0, "optimization_step": 1000, "power": 0.75,
                         "update_after_step": 0, "use_ema_warmup": true,""");
        Files.writeString(config, averaged);
        HollowCheckpoint weights = new HollowCheckpoint(folder.resolve("model.safetensors"));
        weights.complete(
                () -> assertThat(ModelDirectory.load(folder, DType.F32)).isNotNull());
        assertThat(weights.parameters()).isEqualTo(35746307);
    }

    /** Counts as published; of DiT in diffusers' form 675,129,632 − 294,912 (positions) − 2,777,472 (one embedding), and 28 · 2,777,472 (one a block). */
    @ParameterizedTest
    @CsvSource({
        "DiT-XL-2-256, transformer, 749826464",
        "DiT-XL-2-512, transformer, 749826464",
        "DiT-XL-2-256, vae, 83653863",
        "ddpm-cifar10-32, '', 35746307",
        "ddpm-celebahq-256, '', 113673219",
        "stable-diffusion-v1-4, unet, 859520964",
        "stable-diffusion-v1-4, vae, 83653863",
        "stable-diffusion-v1-4, text_encoder, 123060480",
        "stable-diffusion-v1-5, text_encoder, 123060480",
        "stable-diffusion-2, text_encoder, 340387840",
        "stable-diffusion-2-1, unet, 865910724",
        "stable-diffusion-2-1, vae, 83653863",
        "stable-diffusion-xl-base-1.0, unet, 2567463684",
    })
    void aNetworkHasAllItsParameters(String name, String part, long parameters) throws IOException {
        assertThat(parametersOf(name, part)).isEqualTo(parameters);
    }

    /** {@code transformer_layers_per_block} counts only where there is attention: distilled networks have 0 elsewhere. */
    @Test
    void noLayersWhereThereIsNoAttention() throws IOException {
        Path config = copy("stable-diffusion-xl-base-1.0").resolve("unet/config.json");
        assertThat(new HollowCheckpoint(config.resolveSibling("model.safetensors")).parameters())
                .isZero();
        String json = Files.readString(config);
        Files.writeString(config, json.replaceFirst("(\"transformer_layers_per_block\": *\\[\\s*)1", "$10"));
        assertThat(Files.readString(config)).isNotEqualTo(json);
        assertThatThrownBy(() -> ModelDirectory.textConditional(config.getParent(), DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("is missing from the checkpoint");
        Files.writeString(config, json.replaceFirst("(\"transformer_layers_per_block\": *\\[\\s*1,\\s*)2", "$10"));
        assertThatThrownBy(() -> ModelDirectory.textConditional(config.getParent(), DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(config + ": ")
                .hasMessageContaining("transformer_layers_per_block 0 must lie from 1 to 64");
    }

    /** Those that differ from the above in what does not change the parameters. */
    @ParameterizedTest
    @CsvSource({
        "DiT-XL-2-512/vae",
        "stable-diffusion-v1-5/unet",
        "stable-diffusion-v1-5/vae",
        "stable-diffusion-2/unet",
        "stable-diffusion-2/vae",
        "stable-diffusion-2-1/text_encoder",
    })
    void aConfigurationIsAccepted(String folder) throws IOException {
        Path dir = copy(folder);
        assertThat(new HollowCheckpoint(dir.resolve("model.safetensors")).parameters())
                .isZero();
        assertThatThrownBy(() -> {
                    ModelDirectory.textConditional(dir, DType.F32);
                    ModelDirectory.autoencoder(dir, DType.F32);
                    ModelDirectory.textEncoder(dir, DType.F32);
                })
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("is missing from the checkpoint");
    }

    @ParameterizedTest
    @CsvSource({
        // schedule, β, prediction, spacing, offset, set_alpha_to_one, clip; whether it is said that it was another
        // scheduler's
        "DiT-XL-2-256, linear, 1e-4, 0.02, epsilon, leading, 0, true, Infinity, false",
        "DiT-XL-2-512, linear, 1e-4, 0.02, epsilon, leading, 0, true, Infinity, false",
        "ddpm-cifar10-32, linear, 1e-4, 0.02, epsilon, leading, 0, true, 1, true",
        "ddpm-celebahq-256, linear, 1e-4, 0.02, epsilon, leading, 0, true, 1, true",
        "stable-diffusion-v1-4, scaled_linear, 0.00085, 0.012, epsilon, leading, 1, false, Infinity, true",
        "stable-diffusion-v1-5, scaled_linear, 0.00085, 0.012, epsilon, leading, 1, false, Infinity, true",
        "stable-diffusion-2, scaled_linear, 0.00085, 0.012, v_prediction, leading, 1, false, Infinity, false",
        "stable-diffusion-2-1, scaled_linear, 0.00085, 0.012, v_prediction, leading, 1, false, Infinity, false",
        "stable-diffusion-xl-base-1.0, scaled_linear, 0.00085, 0.012, epsilon, leading, 1, false, Infinity, true",
        "LCM_Dreamshaper_v7, scaled_linear, 0.00085, 0.012, epsilon, leading, 0, true, Infinity, true",
        "dpm-solver, linear, 1e-4, 0.02, epsilon, linspace, 1, false, Infinity, true",
    })
    void aSchedulerIsTakenForDdim(
            String name,
            String schedule,
            double start,
            double end,
            String prediction,
            String spacing,
            int offset,
            boolean alphaToOne,
            double clip,
            boolean said) {
        SchedulerFile file = ModelDirectory.scheduler(PUBLISHED.resolve(name)).orElseThrow();
        assertThat(file.config())
                .isEqualTo(
                        new SamplerConfig(schedule, start, end, 1000, prediction, spacing, offset, alphaToOne, clip));
        assertThat(file.notes()).hasSize(said ? 1 : 0);
    }

    /**
     * What is left out is as in the constructors of diffusers 0.40. Keys and values of 16 attentions, 12,480 channels in all, read 1280 instead of 768
     * numbers; DiT's last layer gives 16 instead of 32.
     */
    @ParameterizedTest
    @CsvSource({
        "'{\"_class_name\": \"UNet2DConditionModel\", \"cross_attention_dim\": 768}', unet, 859520964",
        "'{\"_class_name\": \"UNet2DConditionModel\"}', unet, 872300484",
        "'{\"_class_name\": \"DiTTransformer2DModel\"}', transformer, 749808016",
    })
    void whatIsLeftOutIsAsInTheConstructor(String config, String part, long parameters) throws IOException {
        Files.createDirectories(temp.resolve(part));
        Files.writeString(temp.resolve(part).resolve(ModelDirectory.CONFIG), config);
        HollowCheckpoint weights = new HollowCheckpoint(temp.resolve(part).resolve("model.safetensors"));
        weights.complete(() -> {
            if (ModelDirectory.textConditional(temp.resolve(part), DType.F32).isEmpty()) {
                ModelDirectory.load(temp.resolve(part), DType.F32);
            }
        });
        assertThat(weights.parameters()).isEqualTo(parameters);
    }

    /** As other releases and scripts write the same: flags of null, None as a text, whole numbers with a point, lists of one, keys of later releases without a value. */
    @ParameterizedTest
    @CsvSource({
        "ddpm-cifar10-32, '', config.json, 35746307",
        "stable-diffusion-v1-4, unet, unet/config.json, 0",
        "stable-diffusion-v1-4, vae, vae/config.json, 83653863",
        "stable-diffusion-v1-4, text_encoder, text_encoder/config.json, 123060480",
        "DiT-XL-2-256, transformer, transformer/config.json, 0",
        "stable-diffusion-xl-base-1.0, unet, unet/config.json, 0",
    })
    void theSameWrittenOtherwise(String name, String part, String file, long parameters) throws IOException {
        Path config = copy(name).resolve(file);
        JsonNode json = new ObjectMapper().readTree(config.toFile());
        ObjectNode other = new ObjectMapper().createObjectNode();
        json.properties().forEach(e -> {
            JsonNode v = e.getValue();
            boolean number = v.isIntegralNumber() && !e.getKey().endsWith("_token_id");
            other.set(
                    e.getKey(),
                    v.isNull()
                            ? other.textNode("None")
                            : number ? other.arrayNode().add(v.doubleValue()) : withPoints(v, other));
        });
        other.putNull("a_key_of_tomorrow");
        other.put("another", "None");
        new ObjectMapper().writeValue(config.toFile(), other);
        if (parameters == 0) {
            assertThat(new HollowCheckpoint(config.resolveSibling("model.safetensors")).parameters())
                    .isZero();
            assertThatThrownBy(() -> ModelDirectory.network(config.getParent(), DType.F32))
                    .hasMessageContaining("is missing from the checkpoint");
        } else {
            assertThat(parametersIn(temp.resolve(name), part)).isEqualTo(parameters);
        }
    }

    private static JsonNode withPoints(JsonNode v, ObjectNode factory) {
        if (!v.isArray() || !v.path(0).isIntegralNumber()) {
            return v;
        }
        ArrayNode list = factory.arrayNode();
        v.forEach(item -> list.add(item.doubleValue()));
        return list;
    }

    /** Schedulers, too. */
    @ParameterizedTest
    @CsvSource({
        "use_flow_sigmas, null", "clip_sample, null", "thresholding, null", "prediction_type, null",
                "num_train_timesteps, 1000.0",
        "num_train_timesteps, [1000]", "timestep_spacing, 'None'", "trained_betas, []", "trained_betas, 'None'",
                "use_karras_sigmas, null",
        "rescale_betas_zero_snr, null", "a_key_of_tomorrow, null", "steps_offset, 0.0", "beta_start, [0.0001]",
                "shift_terminal, null"
    })
    void aSchedulersKeyWithoutAValueIsAsIfItWereNotThere(String key, String value) throws IOException {
        Path file = temp.resolve("scheduler_config.json");
        String json = "{\"_class_name\": \"%s\", \"%s\": %s}";
        String written = value.equals("None") ? "\"None\"" : value;
        for (String type :
                List.of("DDIMScheduler", "DDPMScheduler", "EulerDiscreteScheduler", "UniPCMultistepScheduler")) {
            Files.writeString(file, json.formatted(type, key, written));
            SamplerConfig found = SchedulerFile.read(file, "").config();
            Files.writeString(file, "{\"_class_name\": \"%s\"}".formatted(type));
            assertThat(found).isEqualTo(SchedulerFile.read(file, "").config());
        }
    }

    @ParameterizedTest
    @CsvSource({"beta_schedule, laplace", "prediction_type, flow_prediction", "timestep_spacing, log"})
    void aSchedulersValueThatIsNotSupportedIsNamedWithFileAndKey(String key, String value) throws IOException {
        Path file = temp.resolve("scheduler_config.json");
        Files.writeString(file, "{\"%s\": \"%s\"}".formatted(key, value));
        assertThatThrownBy(() -> SchedulerFile.read(file, ""))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(file + ": " + key + " is '" + value + "', which is not supported; supported: ");
    }

    /** Of torch.sigmoid(torch.linspace(-6, 6, 1000)) · (0.02 − 0.0001) + 0.0001, in double. */
    @Test
    void sigmoidBetas() throws IOException {
        Path file = temp.resolve("scheduler_config.json");
        Files.writeString(file, "{\"_class_name\": \"DDPMScheduler\", \"beta_schedule\": \"sigmoid\"}");
        NoiseSchedule schedule = SchedulerFile.read(file, "").config().noiseSchedule();
        assertThat(schedule.beta(0)).isCloseTo(1.492052008170e-4, within(1e-15));
        assertThat(schedule.beta(250)).isCloseTo(1.0464782947001e-3, within(1e-15));
        assertThat(schedule.beta(500) + schedule.beta(499)).isCloseTo(0.0201, within(1e-12));
        assertThat(schedule.beta(999)).isCloseTo(0.0201 - 1.492052008170e-4, within(1e-15));
    }

    @Test
    void whatIsNotSupportedIsSaidToBe() throws IOException {
        Path unet = copy("stable-diffusion-xl-base-1.0").resolve("unet");
        Path config = unet.resolve(ModelDirectory.CONFIG);
        Files.writeString(config, Files.readString(config).replace("\"text_time\"", "\"image_hint\""));
        new HollowCheckpoint(unet.resolve("model.safetensors"));
        assertThatThrownBy(() -> ModelDirectory.textConditional(unet, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        config + ": addition_embed_type is 'image_hint', which is not supported; supported: text_time");
    }

    @Test
    void aNetworkNamedAloneHasThePipelinesScheduler() {
        Path pipeline = PUBLISHED.resolve("stable-diffusion-v1-4");
        assertThat(ModelDirectory.scheduler(pipeline.resolve("unet"))
                        .orElseThrow()
                        .config())
                .isEqualTo(ModelDirectory.scheduler(pipeline).orElseThrow().config());
        assertThat(ModelDirectory.scheduler(temp)).isEmpty();
    }

    @Test
    void everyFolderHasARow() throws IOException {
        List<String> rows = List.of(
                "DiT-XL-2-256",
                "DiT-XL-2-512",
                "LCM_Dreamshaper_v7",
                "ddpm-celebahq-256",
                "ddpm-cifar10-32",
                "dpm-solver",
                "stable-diffusion-2",
                "stable-diffusion-2-1",
                "stable-diffusion-v1-4",
                "stable-diffusion-v1-5",
                "stable-diffusion-xl-base-1.0");
        try (Stream<Path> folders = Files.list(PUBLISHED)) {
            assertThat(folders.map(f -> f.getFileName().toString()).sorted().toList())
                    .isEqualTo(rows);
        }
    }
}
