package dev.canonica.models.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.nn.Function;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The autoencoder; that its values are diffusers' is held by the golden case {@code vae}. */
class AutoencoderKlTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models");
    private static final Path VAE = GOLDEN.resolve("sd21/model/vae");

    @TempDir
    private Path dir;

    private final Map<String, Tensor> arrays = Npz.read(GOLDEN.resolve("vae/inputs.npz"));
    private final Tensor image = arrays.get("image");
    private final Tensor latent = arrays.get("sample");
    private final Map<String, Tensor> tensors =
            new LinkedHashMap<>(Safetensors.read(VAE.resolve("diffusion_pytorch_model.safetensors")));
    private String config = "";

    @BeforeEach
    void readTheConfiguration() throws IOException {
        config = Files.readString(VAE.resolve("config.json"));
    }

    private AutoencoderKl model() throws IOException {
        Path file = dir.resolve("config.json");
        Files.writeString(file, config);
        return new AutoencoderKl(JsonConfig.read(file), tensors);
    }

    private void replace(String from, String to) {
        assertThat(config).contains(from);
        config = config.replace(from, to);
    }

    @Test
    void theAttentionOfOlderCheckpoints() throws IOException {
        float[] encoded = model().encode(image).toFloats();
        float[] decoded = model().decode(latent).toFloats();
        Map<String, Tensor> today = new LinkedHashMap<>(tensors);
        tensors.clear();
        today.forEach((name, t) -> tensors.put(
                name.replace(".to_q.", ".query.")
                        .replace(".to_k.", ".key.")
                        .replace(".to_v.", ".value.")
                        .replace(".to_out.0.", ".proj_attn."),
                t));
        assertThat(tensors).containsKey("decoder.mid_block.attentions.0.proj_attn.bias");
        assertThat(model().encode(image).toFloats()).isEqualTo(encoded);
        assertThat(model().decode(latent).toFloats()).isEqualTo(decoded);
    }

    /** Later autoencoders have neither (Stable Diffusion 3, FLUX). */
    @Test
    void withoutTheConvolutionsBetween() throws IOException {
        Tensor moments = model().encode(Var.constant(image), "encoder").value();
        replace("\"use_quant_conv\": true", "\"use_quant_conv\": false");
        replace("\"use_post_quant_conv\": true", "\"use_post_quant_conv\": false");
        tensors.keySet().removeIf(name -> name.contains("quant_conv"));
        assertThat(model().encode(image).toFloats())
                .isEqualTo(moments.slice(1, 0, 4).toFloats());
        assertThat(model().decoderLayers()).startsWith("decoder.conv_in");
    }

    @Test
    void withoutAttentionInTheMiddle() throws IOException {
        replace("\"mid_block_add_attention\": true", "\"mid_block_add_attention\": false");
        tensors.keySet().removeIf(name -> name.contains("attentions"));
        assertThat(model().decode(latent).shape()).isEqualTo(Shape.of(1, 3, 16, 16));
    }

    @Test
    void latentsOfTheDenoiserAreShiftedAndScaled() throws IOException {
        replace("\"shift_factor\": null", "\"shift_factor\": 0.25");
        AutoencoderKl model = model();
        double[] z = latent.toDoubles();
        Tensor scaled = model.scaled(Var.constant(latent.to(DType.F64))).value();
        double[] back = model.unscaled(Var.constant(scaled)).value().toDoubles();
        for (int i = 0; i < z.length; i++) {
            assertThat(scaled.toDoubles()[i]).isCloseTo((z[i] - 0.25) * 0.18215, within(1e-12));
            assertThat(back[i]).isCloseTo(z[i], within(1e-12));
        }
    }

    /** As the pipelines of diffusers have it: z σ / scale + μ is decoded. */
    @Test
    void latentsOfTheDenoiserMayHaveMeanAndDeviation() throws IOException {
        replace("\"latents_mean\": null", "\"latents_mean\": [-0.7, -0.4, -0.1, 0.2]");
        replace("\"latents_std\": null", "\"latents_std\": [0.5, 0.9, 1.3, 1.7]");
        AutoencoderKl model = model();
        double[] z = latent.toDoubles();
        double[] back =
                model.unscaled(Var.constant(latent.to(DType.F64))).value().toDoubles();
        double[] there = model.scaled(
                        Var.constant(Tensor.of(back, latent.shape().dims())))
                .value()
                .toDoubles();
        for (int i = 0; i < z.length; i++) {
            int c = i / 64;
            assertThat(back[i]).isCloseTo(z[i] * (0.5 + 0.4 * c) / 0.18215 + 0.3 * c - 0.7, within(1e-12));
            assertThat(there[i]).isCloseTo(z[i], within(1e-12));
        }
    }

    @Test
    void everyListedLayerCanBeAskedFor() throws IOException {
        AutoencoderKl model = model();
        assertThat(model.layers())
                .contains("encoder.down_blocks.0", "encoder", "quant_conv", "decoder.mid_block.attentions.0", "decoder")
                .doesNotHaveDuplicates()
                .endsWith("output");
        for (String layer : model.encoderLayers()) {
            assertThat(model.encode(Var.constant(image), layer).dim(0))
                    .as(layer)
                    .isOne();
        }
        for (String layer : model.decoderLayers()) {
            assertThat(model.decode(Var.constant(latent), layer).dim(0))
                    .as(layer)
                    .isOne();
        }
        assertThatThrownBy(() -> model.decode(Var.constant(latent), "encoder.conv_in"))
                .hasMessage(
                        "layer 'encoder.conv_in' is not one of this model: post_quant_conv, decoder, output, and those within"
                                + " (canonica inspect lists them)");
    }

    /** Each level but the first halves height and width, rounding down as the reference does. */
    @Test
    void heightsAndWidthsOfAnySize() throws IOException {
        AutoencoderKl model = model();
        assertThat(model.factor()).isEqualTo(2);
        Tensor odd = Tensor.normal(DType.F32, Shape.of(2, 3, 7, 10), new Philox(1));
        assertThat(model.encode(odd).shape()).isEqualTo(Shape.of(2, 4, 3, 5));
        assertThat(model.decode(model.encode(odd)).shape()).isEqualTo(Shape.of(2, 3, 6, 10));
    }

    @Test
    void inputsThatDoNotFitAreRefused() throws IOException {
        AutoencoderKl model = model();
        assertThatThrownBy(() -> model.encode(latent))
                .isInstanceOf(ModelException.class)
                .hasMessage("image: shape [1, 4, 8, 8], needed [B, 3, H, W] with H and W at least 2");
        assertThatThrownBy(() -> model.decode(image))
                .isInstanceOf(ModelException.class)
                .hasMessage("latent: shape [1, 3, 16, 16], needed [B, 4, h, w]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"latents_std\": null        | \"latents_std\": [1], \"latents_mean\": [0.1] | autoencoder: latents_mean [0.1] and latents_std [1.0]: a number for each of 4 channels is needed",
                "\"act_fn\": \"silu\"         | \"act_fn\": \"elu\"        | FILE: act_fn is 'elu', which is not supported; supported: silu, swish, mish, gelu, relu",
                "\"layers_per_block\": 1      | \"layers_per_blok\": 1     | FILE: unknown key 'layers_per_blok'; known: ",
                "\"norm_num_groups\": 8       | \"norm_num_groups\": 5     | autoencoder: block_out_channels 16 must be a multiple of norm_num_groups 5, and at most 65536",
                "\"scaling_factor\": 0.18215  | \"scaling_factor\": 0      | autoencoder: scaling_factor must be positive, and shift_factor a number",
                "\"UpDecoderBlock2D\"         | \"AttnUpDecoderBlock2D\"   | autoencoder: block type 'AttnUpDecoderBlock2D' is not supported; supported: UpDecoderBlock2D",
                "\"latent_channels\": 4       | \"latent_channels\": 5     | AutoencoderKL: tensor 'encoder.conv_out.weight' has shape [8, 32, 3, 3], needed [10, 32, 3, 3]",
            })
    void configurationsThatDoNotFitAreRefused(String from, String to, String message) {
        replace(from, to);
        assertThatThrownBy(this::model)
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(
                        message.replace("FILE", dir.resolve("config.json").toString()));
    }

    /** The number of parameters of Stable Diffusion's autoencoder. */
    @Test
    void publishedSize() {
        AutoencoderConfig c = new AutoencoderConfig(
                3,
                3,
                4,
                List.of(128, 256, 512, 512),
                2,
                32,
                Function.Kind.SILU,
                true,
                true,
                true,
                0.18215,
                0,
                List.of(),
                List.of());
        assertThat(AutoencoderKl.shapes(c).values().stream()
                        .mapToLong(Shape::size)
                        .sum())
                .isEqualTo(83_653_863);
    }
}
