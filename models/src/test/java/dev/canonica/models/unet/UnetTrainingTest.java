package dev.canonica.models.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.training.DiffusionBatch;
import dev.canonica.models.training.DiffusionTraining;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnetTrainingTest {
    private static final int SIDE = 8;

    /** Two resolutions with attention at the coarser, three classes and the row for none. */
    private static JsonConfig tiny(Object... more) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("_class_name", "UNet2DModel");
        values.put("sample_size", SIDE);
        values.put("in_channels", 3);
        values.put("out_channels", 3);
        values.put("layers_per_block", 1);
        values.put("block_out_channels", List.of(8, 16));
        values.put("down_block_types", List.of("DownBlock2D", "AttnDownBlock2D"));
        values.put("up_block_types", List.of("AttnUpBlock2D", "UpBlock2D"));
        values.put("norm_num_groups", 4);
        values.put("attention_head_dim", 8);
        values.put("num_class_embeds", 4);
        values.put("null_class", 3);
        for (int i = 0; i < more.length; i += 2) {
            values.put((String) more[i], more[i + 1]);
        }
        return JsonConfig.of(values);
    }

    /** Of each parameter by itself, in a random direction, in double: attention, norms and convolutions alike. */
    @Test
    void derivativesByAllParameters() {
        JsonConfig config = tiny();
        Map<String, Tensor> random = new LinkedHashMap<>();
        Unet2d.initialised(config, 1)
                .parameters()
                .forEach((name, t) -> random.put(
                        name,
                        t.to(DType.F64)
                                .plus(Tensor.normal(DType.F64, t.shape(), new Philox(name.hashCode()))
                                        .times(0.1))));
        Unet2d net = new Unet2d(config, random);
        Var x = Var.constant(Tensor.normal(DType.F64, Shape.of(2, 3, SIDE, SIDE), new Philox(2)));
        Tensor t = DenoisingModel.times(3, 700);
        Condition c = Condition.classes(1, 2).dropping(Set.of(1));
        Tensor u = Tensor.normal(DType.F64, Shape.of(2, 3, SIDE, SIDE), new Philox(3));
        Autodiff.NamedGradients g = Autodiff.grad(
                w -> Reductions.sumAll(
                        net.forward(Weights.of(w), x, t, c, Probe.OUTPUT).times(Var.constant(u))),
                net.trained());
        assertThat(g.gradients().keySet()).isEqualTo(net.parameters().keySet());
        double h = 1e-5;
        g.gradients().forEach((name, gradient) -> {
            Tensor direction = Tensor.normal(DType.F64, gradient.shape(), new Philox(7 + name.hashCode()));
            double[] at = new double[2];
            for (int side = 0; side < 2; side++) {
                Map<String, Tensor> moved = new HashMap<>(net.parameters());
                moved.put(name, moved.get(name).plus(direction.times(side == 0 ? h : -h)));
                at[side] = net.forward(Weights.constant(moved), x, t, c, Probe.OUTPUT)
                        .value()
                        .times(u)
                        .sumAll()
                        .item();
            }
            assertThat(gradient.times(direction).sumAll().item())
                    .as(name)
                    .isCloseTo((at[0] - at[1]) / (2 * h), within(1e-5 * (1 + gradient.norm() * direction.norm())));
        });
    }

    /** The last row of the table stands for no class; the classes are those before it. */
    @Test
    void knowsNoClass() {
        Unet2d net = Unet2d.initialised(tiny(), 1);
        assertThat(net.classes()).isEqualTo(3);
        assertThat(net.nullClass()).hasValue(3);
        assertThat(net.canDrop(Condition.classes(0))).isTrue();
        Unet2d without = new Unet2d(JsonConfig.of(withoutNull()), net.parameters());
        assertThat(without.classes()).isEqualTo(4);
        assertThat(without.nullClass()).isEmpty();
        assertThatThrownBy(() -> Unet2d.initialised(tiny("null_class", 2), 1))
                .hasMessageContaining("null_class 2 is not the last of num_class_embeds 4 rows");
        assertThatThrownBy(() -> Unet2d.initialised(tiny("out_channels", 6), 1))
                .hasMessageContaining("out_channels 6 of in_channels 3");
    }

    private static Map<String, Object> withoutNull() {
        Map<String, Object> values = new LinkedHashMap<>(tiny().values());
        values.remove("null_class");
        return values;
    }

    /** Uniform within ±1/√inputs, as PyTorch's layers; each residual path and the output begin at nothing. */
    @Test
    void beginsAsPyTorchDoesWithPathsOfZero() {
        Map<String, Tensor> p = Unet2d.initialised(tiny(), 1).parameters();
        assertThat(p.get("conv_out.weight").norm()).isZero();
        assertThat(p.get("down_blocks.0.resnets.0.conv2.weight").norm()).isZero();
        assertThat(p.get("mid_block.attentions.0.to_out.0.weight").norm()).isZero();
        assertThat(p.get("conv_norm_out.weight").toFloats()).containsOnly(1);
        assertThat(p.get("conv_norm_out.bias").toFloats()).containsOnly(0);
        for (String name : List.of("conv_in.weight", "conv_in.bias")) {
            double bound = 1 / Math.sqrt(27);
            float greatest = 0;
            for (float v : p.get(name).toFloats()) {
                greatest = Math.max(greatest, Math.abs(v));
            }
            assertThat((double) greatest).as(name).isBetween(0.7 * bound, bound);
        }
        assertThat(Unet2d.small(32, 3, 10, true)
                        .values()
                        .get("num_class_embeds")
                        .toString())
                .isEqualTo("11");
        assertThat(Unet2d.initialised(Unet2d.small(8, 1, 0, false), 1).conditioning())
                .isEmpty();
    }

    /** Images of one colour by class: the loss falls below that of the beginning, which is the target's variance. */
    @Test
    void learns() {
        Unet2d net = Unet2d.initialised(tiny(), 1);
        ImageSource images = ImageSource.of(12, Shape.of(3, SIDE, SIDE), i -> i % 3, (i, out, offset) -> {
            for (int j = 0; j < 3 * SIDE * SIDE; j++) {
                out[offset + j] = j / (SIDE * SIDE) == i % 3 ? 0.8f : -0.8f;
            }
        });
        Trainer<DiffusionBatch> trainer = DiffusionTraining.trainer(
                net,
                SamplerConfig.COSINE_V,
                images,
                new TrainingSettings(6, 6 * 80, 5e-3, 1e-3, 5, 0, 1, 0.9, 0.2, false, 3));
        double first = trainer.next().loss();
        double last = 0;
        while (trainer.step() < 80) {
            double loss = trainer.next().loss();
            last += trainer.step() > 70 ? loss / 10 : 0;
        }
        assertThat(first).isBetween(0.6, 1.2);
        assertThat(last).isLessThan(0.7 * first);
        assertThat(StateDict.converted(trainer.weights(), DType.F32)).isNotEmpty();
    }
}
