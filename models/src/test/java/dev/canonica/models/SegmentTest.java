package dev.canonica.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks whose blocks are computed again have the derivatives of those that keep what they computed. */
class SegmentTest {
    private static final Tensor TIMES = DenoisingModel.times(400);

    private static DenoisingModel golden(String name, DType dtype) {
        Path dir = Path.of(System.getProperty("canonica.golden"), "models", name, "model");
        return ModelDirectory.textConditional(dir, dtype)
                .<DenoisingModel>map(network -> network)
                .orElseGet(() -> ModelDirectory.load(dir, dtype));
    }

    private static Condition condition(DenoisingModel model) {
        return model instanceof Unet2dCondition network
                ? Condition.texts(normal(model.dtype(), 3, 1, 7, network.contextWidth()))
                : Conditions.classesOf(model).of(0);
    }

    private static Tensor normal(DType dtype, long seed, int... dims) {
        return Tensor.normal(dtype, Shape.of(dims), new Philox(seed));
    }

    private static Linearization at(DenoisingModel model, Tensor x, String layer, boolean again) {
        Weights w = Weights.constant(model.parameters());
        return Autodiff.linearize(
                v -> model.forward(again ? w.rematerialising() : w, v, TIMES, condition(model), layer), x);
    }

    @ParameterizedTest
    @CsvSource({
        "dit_latent, blocks.1",
        "dit_latent, blocks.1.mlp.act",
        "dit_latent, output",
        "dit_diffusers, transformer_blocks.1",
        "unet_class, mid_block",
        "sd21, mid_block.attentions.0",
        "sd21, up_blocks.1",
        "sd21, down_blocks.0.resnets.1.conv1"
    })
    void derivativesByTheSample(String name, String layer) {
        DenoisingModel model = golden(name, DType.F32);
        Tensor x = Tensor.normal(DType.F32, model.sampleShape().prepend(1), new Philox(1));
        Tensor v = Tensor.normal(DType.F32, x.shape().prepend(2), new Philox(2));
        Linearization kept = at(model, x, layer, false);
        Linearization again = at(model, x, layer, true);
        assertClose(again.value(), kept.value());
        assertClose(again.push(v), kept.push(v));
        Tensor u = Tensor.normal(DType.F32, kept.value().shape().prepend(2), new Philox(3));
        assertClose(again.pull(u)[0], kept.pull(u)[0]);
    }

    /** Several layers from one pass are those of a pass for each, of whatever is differentiated and however blocks are kept. */
    @ParameterizedTest
    @ValueSource(strings = {"dit_latent", "dit_diffusers", "unet_class", "sd21"})
    void severalLayersOfOnePass(String name) {
        DenoisingModel model = golden(name, DType.F64);
        Tensor x = Tensor.normal(DType.F64, model.sampleShape().prepend(1), new Philox(1));
        List<String> all = model.layers();
        List<String> some = IntStream.range(0, all.size())
                .filter(i -> i % (all.size() / 5) == 2 || i == all.size() - 1)
                .mapToObj(all::get)
                .toList()
                .reversed();
        Map<String, Var> together = model.features(Var.constant(x), TIMES, condition(model), some);
        assertThat(together.keySet()).containsExactlyElementsOf(some);
        together.forEach((layer, value) -> assertClose(
                value.value(),
                model.features(Var.constant(x), TIMES, condition(model), layer).value()));
        Weights w = Weights.constant(model.parameters()).rematerialising();
        Tensor v = Tensor.normal(DType.F64, x.shape().prepend(2), new Philox(2));
        for (String layer : some.subList(1, 3)) {
            Linearization f = Autodiff.linearize(
                    i -> Objects.requireNonNull(
                            model.forward(w, i, TIMES, condition(model), some).get(layer)),
                    x);
            assertClose(f.push(v), at(model, x, layer, false).push(v));
        }
    }

    @Test
    void refusesAnUnknownLayerAmongSeveral() {
        DenoisingModel model = golden("dit_pixel", DType.F32);
        Var x = Var.constant(Tensor.normal(DType.F32, model.sampleShape().prepend(1), new Philox(1)));
        assertThatThrownBy(() -> model.features(x, TIMES, condition(model), List.of("blocks.0", "blocks.99")))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("layer 'blocks.99' is not one of this model: ");
        assertThatThrownBy(() -> model.features(x, TIMES, condition(model), List.of()))
                .isInstanceOf(ModelException.class)
                .hasMessage("layers: none is named; at least one is needed");
    }

    private static void assertClose(Tensor a, Tensor b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        assertThat(a.minus(b).norm()).isLessThan(1e-6 * (1e-6 + b.norm()));
    }

    /** As in training: every parameter of a block is an input of it. */
    @ParameterizedTest
    @CsvSource({"dit_latent", "dit_diffusers", "sd21"})
    void derivativesByTheParameters(String name) {
        DenoisingModel model = golden(name, DType.F32);
        Tensor x = Tensor.normal(DType.F32, model.sampleShape().prepend(1), new Philox(1));
        List<String> names = model.parameters().keySet().stream()
                .filter(n -> !n.equals("pos_embed"))
                .toList();
        List<Tensor> at = names.stream().map(n -> model.parameters().get(n)).toList();
        Autodiff.Gradients kept = gradients(model, names, at, x, false);
        Autodiff.Gradients again = gradients(model, names, at, x, true);
        assertThat(again.value().item()).isCloseTo(kept.value().item(), within(1e-6));
        double scale = kept.gradients().stream().mapToDouble(Tensor::norm).max().orElseThrow();
        for (int i = 0; i < names.size(); i++) {
            assertThat(again.gradients().get(i).minus(kept.gradients().get(i)).norm())
                    .as(names.get(i))
                    .isLessThan(1e-6 * scale);
        }
    }

    private static Autodiff.Gradients gradients(
            DenoisingModel model, List<String> names, List<Tensor> at, Tensor x, boolean again) {
        return Autodiff.grad(
                v -> {
                    Weights w = Weights.active(names, v).or(model.parameters());
                    Var y = model.forward(
                            again ? w.rematerialising() : w, Var.constant(x), TIMES, condition(model), Probe.OUTPUT);
                    return Reductions.meanAll(y.times(y));
                },
                at);
    }
}
