package dev.canonica.models.dit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Linear;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The modules within the blocks of DiT, in both spellings of its parameters. */
class DitLayersTest {
    private static final Tensor TIMES = DenoisingModel.times(400, 90);
    private static final Condition CLASSES = Condition.classes(0, 3);

    private static DenoisingModel golden(String name) {
        Path dir = Path.of(System.getProperty("canonica.golden"), "models", name, "model");
        return ModelDirectory.load(dir, DType.F64);
    }

    private static Tensor sample(DenoisingModel model) {
        return Tensor.normal(DType.F64, model.sampleShape().prepend(2), new Philox(1));
    }

    private static Tensor at(DenoisingModel model, String layer) {
        return model.features(Var.constant(sample(model)), TIMES, CLASSES, layer)
                .value();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dit_latent", "dit_diffusers"})
    void everyLayerHasADerivativeWhoseTwoModesAgree(String name) {
        DenoisingModel model = golden(name);
        assertThat(model.layers()).doesNotHaveDuplicates().hasSizeGreaterThan(20);
        Tensor x = sample(model);
        for (String layer : model.layers()) {
            Linearization f = Autodiff.linearize(v -> model.features(v, TIMES, CLASSES, layer), x);
            assertThat(f.value().minus(at(model, layer)).norm()).as(layer).isLessThan(1e-10);
            Tensor v = Tensor.normal(DType.F64, x.shape().prepend(2), new Philox(2));
            Tensor u = Tensor.normal(DType.F64, f.value().shape().prepend(2), new Philox(3));
            double forwards = dot(f.push(v), u);
            assertThat(dot(f.pull(u)[0], v)).as(layer).isCloseTo(forwards, within(1e-9 * (1 + Math.abs(forwards))));
        }
    }

    private static double dot(Tensor a, Tensor b) {
        return a.times(b).reshape(-1).sum(0).toDoubles()[0];
    }

    /** What the reference's modules are to each other; the block itself runs them in one pass. */
    @Test
    void innerModulesFitTogether() {
        DenoisingModel model = golden("dit_latent");
        assertSame(
                at(model, "blocks.1.norm1"),
                Normalisation.normalize(Var.constant(at(model, "blocks.0")), 1e-6)
                        .value());
        assertSame(at(model, "blocks.1.adaLN_modulation"), at(model, "blocks.1.adaLN_modulation.1"));
        assertSame(at(model, "t_embedder"), at(model, "t_embedder.mlp.2"));
        assertSame(at(model, "final_layer"), at(model, "final_layer.linear"));
        Tensor planes = at(model, "x_embedder.proj"); // [B, D, g, g], as the convolution gives it
        assertThat(planes.dim(2)).isEqualTo(planes.dim(3));
        assertSame(planes.reshape(planes.dim(0), planes.dim(1), -1).permute(0, 2, 1), at(model, "x_embedder"));
        assertSame(at(model, "blocks.1.attn"), at(model, "blocks.1.attn.proj"));
        assertSame(at(model, "blocks.1.mlp"), at(model, "blocks.1.mlp.fc2"));
        Tensor before = at(model, "blocks.1.mlp.fc1");
        assertSame(
                at(model, "blocks.1.mlp.act"),
                Activations.gelu(Var.constant(before)).value());
        Tensor w = model.parameters().get("blocks.1.mlp.fc2.weight");
        Tensor b = model.parameters().get("blocks.1.mlp.fc2.bias");
        assertSame(at(model, "blocks.1.mlp"), Linear.by(w).bias(b).apply(at(model, "blocks.1.mlp.act")));
    }

    private static void assertSame(Tensor a, Tensor b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        assertThat(a.minus(b).norm()).isLessThan(1e-10 * (1 + b.norm()));
    }
}
