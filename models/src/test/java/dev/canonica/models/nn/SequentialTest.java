package dev.canonica.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Safetensors;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.PoolWindow;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequentialTest {
    private final Sequential net = Sequential.initialised(
            2,
            3,
            7,
            Conv.same("conv", 2, 5, 3),
            new Norm.OfGroups("norm", 5, 1, 1e-5),
            new Function("relu", Function.Kind.RELU),
            Pool.average("pool", 2),
            new Flatten("flatten"),
            new Linear("head", 20, 3));
    private final Tensor x = Tensor.normal(DType.F32, Shape.of(4, 2, 4, 4), new Philox(1));

    private static Tensor at(Sequential net, Tensor x, String layer) {
        return net.features(Var.constant(x), layer).value();
    }

    /** Put together by hand of the same operations, layer by layer. */
    @Test
    void isOnePartAfterAnother() {
        Map<String, Tensor> p = net.parameters();
        assertThat(p.keySet())
                .containsExactly("conv.weight", "conv.bias", "norm.weight", "norm.bias", "head.weight", "head.bias");
        assertThat(net.layers()).containsExactly("conv", "norm", "relu", "pool", "flatten", "head", "output");
        Tensor conv = Convolutions.convolution(Convolution.same(3), Var.constant(x), Var.constant(p.get("conv.weight")))
                .value();
        assertThat(at(net, x, "conv").minus(conv).norm()).isLessThan(1e-5);
        Var pooled = Pooling.average(
                PoolWindow.tiles(2), Var.constant(at(net, x, "norm")).relu());
        assertThat(at(net, x, "pool").minus(pooled.value()).norm()).isLessThan(1e-5);
        Tensor logits =
                pooled.value().reshape(4, 20).matmul(p.get("head.weight").transpose());
        assertThat(at(net, x, Probe.OUTPUT).minus(logits).norm()).isLessThan(1e-4);
    }

    @Test
    void beginsWithTheVarianceOfHe() {
        Sequential wide = Sequential.initialised(1, 100, 1, new Flatten("f"), new Linear("head", 400, 100));
        Tensor w = wide.parameters().get("head.weight");
        assertThat(w.times(w).sumAll().item() / w.size()).isCloseTo(2.0 / 400, within(2e-4));
        assertThat(wide.parameters().get("head.bias").norm()).isZero();
        assertThat(net.parameters().get("norm.weight").toFloats()).containsOnly(1);
        assertThat(net.parameters().get("norm.bias").toFloats()).containsOnly(0);
        Sequential other = Sequential.initialised(1, 100, 2, new Flatten("f"), new Linear("head", 400, 100));
        assertThat(other.parameters().get("head.weight").minus(w).norm()).isGreaterThan(1);
    }

    @Test
    void comesBackFromAFile(@TempDir Path dir) {
        Path file = dir.resolve("weights.safetensors");
        Safetensors.write(file, net.parameters(), Map.of());
        Sequential read = net.with(Safetensors.read(file));
        assertThat(at(read, x, Probe.OUTPUT).toFloats())
                .isEqualTo(at(net, x, Probe.OUTPUT).toFloats());
    }

    @Test
    void maxPoolingTakesTheGreatest() {
        Sequential max = Sequential.initialised(2, 8, 0, Pool.max("pool", 2), new Flatten("flatten"));
        float[] v = x.toFloats();
        float greatest = Math.max(Math.max(v[0], v[1]), Math.max(v[4], v[5]));
        assertThat(at(max, x, Probe.OUTPUT).toFloats()[0]).isEqualTo(greatest);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        Sequential wrong = Sequential.initialised(2, 3, 0, new Flatten("flatten"), new Linear("head", 32, 4));
        assertThatThrownBy(() -> at(wrong, x, Probe.OUTPUT))
                .isInstanceOf(ModelException.class)
                .hasMessage("Sequential: the last part, 'head', gives [4, 4]; needed [B, 3], a logit for each class");
        assertThatThrownBy(() -> at(net, x.slice(1, 0, 1), Probe.OUTPUT))
                .isInstanceOf(ModelException.class)
                .hasMessage("Sequential: images of shape [4, 1, 4, 4], needed [B, 2, H, W]");
        assertThatThrownBy(() -> at(net, x, "convolution"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("layer 'convolution' is not one of this model: conv, norm");
        assertThatThrownBy(() -> Sequential.initialised(1, 1, 0, new Flatten("a"), new Flatten("a")))
                .isInstanceOf(ModelException.class)
                .hasMessage("Sequential: two parts with the path 'a'");
        assertThatThrownBy(() -> Sequential.initialised(1, 1, 0)).hasMessageContaining("at least one is needed");
        Map<String, Tensor> fewer = new LinkedHashMap<>(net.parameters());
        fewer.remove("head.bias");
        assertThatThrownBy(() -> net.with(fewer))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tensor 'head.bias' [3] is missing");
    }
}
