package dev.canonica.models.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The text-conditional U-Net of the golden pipeline under encoded texts. */
class TextConditionTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models/sd21/model");

    private final Unet2dCondition network =
            ModelDirectory.textConditional(GOLDEN, DType.F64).orElseThrow();
    private final Tensor texts = normal(1, 2, 7, 32);
    private final Tensor x = normal(2, 2, 4, 8, 8);
    private final Tensor t = DenoisingModel.times(400, 90);

    private static Tensor normal(long seed, int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(seed));
    }

    private Condition under(Tensor texts, Tensor negatives) {
        return Condition.texts(texts).otherwise(Condition.TEXTS, negatives);
    }

    private double[] output(Tensor x, Tensor t, Condition c) {
        return network.features(Var.constant(x), t, c, "output").value().toDoubles();
    }

    @Test
    void everyLayerHasADerivativeWhoseTwoModesAgree() {
        List<String> layers = network.layers();
        assertThat(layers)
                .doesNotHaveDuplicates()
                .contains("time_embedding", "conv_in", "down_blocks.0", "mid_block.attentions.0", "up_blocks.1")
                .contains("down_blocks.0.resnets.1.conv1", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k")
                .contains("up_blocks.1.attentions.0.transformer_blocks.0.ff.net.0", "output")
                .hasSizeGreaterThan(100);
        // in F32, whose kernels are fast: the network is run once for each of its modules
        DenoisingModel fast = ModelDirectory.textConditional(GOLDEN, DType.F32).orElseThrow();
        Condition text = Condition.texts(texts.rows(0, 1).to(DType.F32));
        Tensor one = x.rows(0, 1).to(DType.F32);
        Tensor v = Tensor.normal(DType.F32, one.shape().prepend(1), new Philox(4));
        for (String layer : layers) {
            Linearization f = Autodiff.linearize(z -> fast.features(z, DenoisingModel.times(400), text, layer), one);
            Tensor u = Tensor.normal(DType.F32, f.value().shape().prepend(1), new Philox(5));
            Tensor jv = f.push(v);
            double backwards = dot(f.pull(u)[0], v);
            assertThat(dot(jv, u)).as(layer).isCloseTo(backwards, within(1e-4 * (1e-6 + jv.norm() * u.norm())));
        }
    }

    private static double dot(Tensor a, Tensor b) {
        return a.times(b).reshape(-1).sum(0).toDoubles()[0];
    }

    @Test
    void aBatchOfTextsIsEachTextAlone() {
        Condition both = Condition.texts(Tensor.concatenate(0, texts.rows(1, 2), texts.rows(0, 1)));
        double[] together = output(x, t, both);
        double[] second = output(x.rows(1, 2), DenoisingModel.times(90), both.rows(1, 2));
        assertThat(together.length).isEqualTo(2 * second.length);
        for (int i = 0; i < second.length; i++) {
            assertThat(together[second.length + i]).isCloseTo(second[i], within(1e-12));
        }
    }

    @Test
    void guidanceTakesTheSamplesOwnNegativeText() {
        Tensor negatives = normal(6, 2, 7, 32);
        double[] w = {3, 3};
        Condition condition = under(texts, negatives);
        Tensor guided = new GuidedDenoiser(network, condition, w, 4).predict(x, 400);
        Tensor two = DenoisingModel.timeOfAll(400, 2);
        double[] c = output(x, two, condition);
        double[] u = output(x, two, Condition.texts(negatives));
        assertThat(output(x, two, condition.dropped())).isEqualTo(u);
        double[] half = output(x, two, condition.dropping(Set.of(1)));
        assertThat(Arrays.copyOf(half, half.length / 2)).isEqualTo(Arrays.copyOf(c, c.length / 2));
        assertThat(Arrays.copyOfRange(half, half.length / 2, half.length))
                .isEqualTo(Arrays.copyOfRange(u, u.length / 2, u.length));
        double[] expected = new double[c.length];
        for (int i = 0; i < c.length; i++) {
            expected[i] = u[i] + 3 * (c[i] - u[i]);
        }
        assertThat(guided.toDoubles()).containsExactly(expected, within(1e-10));
    }

    @Test
    void otherSizesAreComputed() {
        assertThat(network.accepts(Shape.of(4, 6, 10))).isTrue();
        Condition text = Condition.texts(texts.rows(0, 1));
        assertThat(output(normal(7, 1, 4, 6, 10), DenoisingModel.times(5), text))
                .hasSize(4 * 6 * 10);
        assertThat(output(normal(7, 1, 4, 5, 7), DenoisingModel.times(5), text)).hasSize(4 * 5 * 7);
        assertThatThrownBy(() -> output(normal(7, 1, 3, 5, 8), DenoisingModel.times(5), text))
                .isInstanceOf(ModelException.class)
                .hasMessage("sample: shape [1, 3, 5, 8], needed [B, 4, H, W]");
    }

    /** Of Stable Diffusion XL's kind: the vector of no text is asked for, too, else the text's own would stand in its place. */
    @Test
    void noTextIsAVectorToo() {
        DenoisingModel xl = ModelDirectory.textConditional(
                        Path.of(System.getProperty("canonica.golden"), "models/unet_sdxl/model"), DType.F64)
                .orElseThrow();
        Tensor states = Tensor.zeros(DType.F64, Shape.of(1, 2, 3));
        Condition c = Condition.texts(states).with(Condition.TEXT_EMBEDS, Tensor.zeros(DType.F64, Shape.of(1, 4)));
        Condition half = c.otherwise(Condition.TEXTS, states);
        assertThat(xl.canDrop(half)).isFalse();
        assertThatThrownBy(() -> xl.check(half.dropped()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("negative_text_embeds");
        assertThat(xl.canDrop(half.otherwise(Condition.TEXT_EMBEDS, Tensor.zeros(DType.F64, Shape.of(1, 4)))))
                .isTrue();
    }

    @Test
    void textsThatDoNotFitAreNamed() {
        assertThatThrownBy(() -> output(x, t, Condition.texts(normal(1, 2, 7, 31))))
                .hasMessage("encoder_hidden_states: shape [2, 7, 31], needed [B, T, 32]");
        assertThatThrownBy(() -> under(texts, normal(1, 3, 7, 32)))
                .hasMessage("encoder_hidden_states: shape [3, 7, 32] for a batch of 2");
        assertThatThrownBy(() -> output(x, t, under(texts, normal(1, 2, 6, 32))))
                .hasMessage("negative_encoder_hidden_states: shape [2, 6, 32], needed as many tokens as"
                        + " encoder_hidden_states [2, 7, 32]");
        Condition alone = Condition.texts(texts);
        assertThat(network.canDrop(alone)).isFalse();
        assertThatThrownBy(() -> new GuidedDenoiser(network, alone, 2, 4))
                .hasMessage("negative_encoder_hidden_states is missing: the encoding of no text");
        assertThatThrownBy(() -> output(x, t, Condition.classes(0, 1)))
                .hasMessage("class_labels: the network takes encoder_hidden_states");
    }

    @Test
    void aClassConditionalModelIsAskedForElsewhere() {
        assertThatThrownBy(() -> ModelDirectory.load(GOLDEN, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith("UNet2DConditionModel is conditioned on texts, but a class-conditional model is"
                        + " needed here");
    }
}
