package dev.canonica.models.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text-conditional U-Net of the golden pipeline as a model whose classes are texts. */
class TextConditionedTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models/sd21/model");

    private final Unet2dCondition network =
            ModelDirectory.textConditional(GOLDEN, DType.F64).orElseThrow();
    private final Tensor texts = normal(1, 2, 7, 32);
    private final Tensor x = normal(2, 2, 4, 8, 8);
    private final double[] t = {400, 90};

    private static Tensor normal(long seed, int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(seed));
    }

    private TextConditioned bound(Tensor negatives) {
        return new TextConditioned(network, texts, negatives);
    }

    private static double[] output(TextConditioned model, Tensor x, double[] t, long... y) {
        return model.features(Var.constant(x), t, y, "output").value().toDoubles();
    }

    @Test
    void everyLayerHasADerivativeWhoseTwoModesAgree() {
        TextConditioned model = bound(normal(3, 1, 7, 32));
        List<String> layers = model.layers();
        assertThat(layers)
                .doesNotHaveDuplicates()
                .contains("time_embedding", "conv_in", "down_blocks.0", "mid_block.attentions.0", "up_blocks.1")
                .contains("down_blocks.0.resnets.1.conv1", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k")
                .contains("up_blocks.1.attentions.0.transformer_blocks.0.ff.net.0", "output")
                .hasSizeGreaterThan(100);
        // in F32, whose kernels are fast: the network is run once for each of its modules
        TextConditioned fast = new TextConditioned(
                ModelDirectory.textConditional(GOLDEN, DType.F32).orElseThrow(),
                texts.rows(0, 1).to(DType.F32),
                texts.rows(1, 2).to(DType.F32));
        Tensor one = x.rows(0, 1).to(DType.F32);
        Tensor v = Tensor.normal(DType.F32, one.shape().prepend(1), new Philox(4));
        for (String layer : layers) {
            Linearization f = Autodiff.linearize(z -> fast.features(z, new double[] {400}, new long[] {0}, layer), one);
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
        TextConditioned model = bound(normal(3, 1, 7, 32));
        double[] both = output(model, x, t, 1, 0);
        double[] second = output(model, x.rows(1, 2), new double[] {90}, 0);
        assertThat(both.length).isEqualTo(2 * second.length);
        for (int i = 0; i < second.length; i++) {
            assertThat(both[second.length + i]).isCloseTo(second[i], within(1e-12));
        }
    }

    @Test
    void guidanceTakesTheSamplesOwnNegativeText() {
        Tensor negatives = normal(6, 2, 7, 32);
        double[] w = {3, 3};
        Tensor guided = new GuidedDenoiser(bound(negatives), new long[] {0, 1}, w, 4).predict(x, 400);
        double[] two = {400, 400};
        double[] c = output(bound(negatives), x, two, 0, 1);
        double[] u = output(new TextConditioned(network, negatives, negatives), x, two, 0, 1);
        double[] expected = new double[c.length];
        for (int i = 0; i < c.length; i++) {
            expected[i] = u[i] + 3 * (c[i] - u[i]);
        }
        assertThat(guided.toDoubles()).containsExactly(expected, within(1e-10));
    }

    @Test
    void otherSizesAreComputed() {
        TextConditioned model = bound(normal(3, 1, 7, 32));
        assertThat(model.accepts(Shape.of(4, 6, 10))).isTrue();
        Tensor wide = normal(7, 1, 4, 6, 10);
        assertThat(model.features(Var.constant(wide), new double[] {5}, new long[] {0}, "output")
                        .shape())
                .isEqualTo(Shape.of(1, 4, 6, 10));
        assertThat(model.features(Var.constant(normal(7, 1, 4, 5, 7)), new double[] {5}, new long[] {0}, "output")
                        .shape())
                .isEqualTo(Shape.of(1, 4, 5, 7));
        assertThatThrownBy(() ->
                        model.features(Var.constant(normal(7, 1, 3, 5, 8)), new double[] {5}, new long[] {0}, "output"))
                .isInstanceOf(ModelException.class)
                .hasMessage("sample: shape [1, 3, 5, 8], needed [B, 4, H, W]");
    }

    @Test
    void textsThatDoNotFitAreNamed() {
        assertThatThrownBy(() -> new TextConditioned(network, normal(1, 2, 7, 31), texts))
                .hasMessage("encoder_hidden_states: shape [2, 7, 31], needed [B, T, 32]");
        assertThatThrownBy(() -> bound(normal(1, 3, 7, 32)))
                .hasMessage("negative_encoder_hidden_states: 3 texts, needed 1 or 2, as many as of"
                        + " encoder_hidden_states");
        assertThatThrownBy(() -> bound(normal(1, 1, 6, 32)))
                .hasMessageContaining("needed as many tokens as encoder_hidden_states [2, 7, 32]");
        TextConditioned alone = bound(normal(1, 0, 7, 32));
        assertThat(alone.nullClass()).isEmpty();
        assertThatThrownBy(() -> new GuidedDenoiser(alone, new long[1], 2, 4))
                .hasMessage("negative_encoder_hidden_states is missing: the encoding of no text");
        assertThatThrownBy(() -> output(alone, x, t, 0, 2)).hasMessage("text 2 of 2");
    }

    @Test
    void aClassConditionalModelIsAskedForElsewhere() {
        assertThatThrownBy(() -> ModelDirectory.load(GOLDEN, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith("UNet2DConditionModel is conditioned on texts, but a class-conditional model is"
                        + " needed here");
    }
}
