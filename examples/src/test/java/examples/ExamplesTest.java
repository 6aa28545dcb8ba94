package examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.nn.Sequential;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.Predictions;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each example and reads what it prints. */
class ExamplesTest {
    @Test
    void ownPrimitive() {
        String out = Printed.by(() -> OwnPrimitive.main(new String[0]));
        assertThat(out).contains("softplus: value and derivatives hold");
        double[] gradient = Arrays.stream(
                        out.substring(out.indexOf('[') + 1, out.indexOf(']')).split(", "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        double[] x = {-1, 0, 2};
        for (int i = 0; i < x.length; i++) {
            assertThat(gradient[i]).isCloseTo(2 * x[i] / (1 + Math.exp(-x[i] * x[i])), within(1e-14));
        }
        assertThat(out).contains("second derivative of the sum: [0.1966119332414");
    }

    /** Against the derivative by hand: at θ = (π/2, −π/2) the links point up and to the right. */
    @Test
    void ownDerivative() {
        String out = Printed.by(() -> OwnDerivative.main(new String[0]));
        assertThat(out.lines())
                .containsExactly(
                        "hand [2]: [0.5, 1.0]",
                        "velocity where joint 1 turns [1, 2]: [-1.0, 0.5]",
                        "torques of a weight at the hand [1, 2]: [-0.5, -0.5]",
                        "J [2, 2]: [-1.0, 0.0, 0.5, 0.5]",
                        "gradient of the height [2]: [0.5, 0.5]",
                        "Hessian of the height [2, 2]: [-1.0, 0.0, 0.0, 0.0]");
    }

    @Test
    void ownObjective() {
        List<Double> losses = Printed.by(() -> OwnObjective.main(new String[0]))
                .lines()
                .map(line -> Double.parseDouble(line.substring("loss ".length())))
                .toList();
        assertThat(losses).hasSize(2);
        assertThat(losses.getLast()).isLessThan(0.02 * losses.getFirst());
    }

    @Test
    void ownClassifier(@TempDir Path out) {
        ImageSource images = halves();
        OwnClassifier.train(images, 2, 30, out);
        OwnClassifier.train(images, 2, 30, out); // it is complete
        Classifier net = ModelDirectory.classifier(out, DType.F32).orElseThrow();
        float[] x = new float[2 * 3 * 64];
        images.copy(6, x, 0);
        images.copy(7, x, 3 * 64);
        float[] logits = net.features(Var.constant(Tensor.of(x, 2, 3, 8, 8)), "output")
                .value()
                .toFloats();
        assertThat(logits[0]).isGreaterThan(logits[1]);
        assertThat(logits[3]).isGreaterThan(logits[2]);
    }

    /** Forty images of two classes: the upper half is bright, or the lower one. */
    private static ImageSource halves() {
        return new ImageSource() {
            @Override
            public int size() {
                return 40;
            }

            @Override
            public Shape shape() {
                return Shape.of(3, 8, 8);
            }

            @Override
            public int label(int i) {
                return i % 2;
            }

            @Override
            public void copy(int i, float[] to, int offset) {
                for (int p = 0; p < 3 * 64; p++) {
                    to[offset + p] = (i % 2 == 0) == (p % 64 < 32) ? 0.5f : -0.5f + 0.01f * i;
                }
            }
        };
    }

    /** A layer from outside has names and shapes, is looked at by a probe, is differentiated, and learns. */
    @Test
    void ownLayer() {
        Sequential net = OwnLayer.train(halves(), 2, 40);
        assertThat(net.parameters())
                .containsKeys("in.weight", "highways.1.change.weight", "highways.0.gate.bias", "head.bias")
                .hasSize(2 + 2 * 4 + 2);
        assertThat(net.layers())
                .containsSubsequence(
                        "in", "highways.0.change", "highways.0.act", "highways.0.gate", "highways.0", "head", "output");
        Tensor x = Tensor.normal(DType.F32, Shape.of(2, 3, 8, 8), new Philox(1));
        assertThat(net.features(Var.constant(x), "highways.1").value().shape()).isEqualTo(Shape.of(2, 32));
        assertThat(Predictions.of(net, halves()).correct()).isEqualTo(40);
    }

    /** A network of one's own is saved and read as those of the project are, and told from others by its class's name. */
    @Test
    void ownNetwork(@TempDir Path dir) {
        Map<String, Tensor> trained = OwnLayer.train(halves(), 2, 6).parameters();
        OwnNetwork net = OwnNetwork.of(Shape.of(3, 8, 8), 2);
        ModelDirectory.save(dir, net, Optional.empty(), trained, Map.of());
        OwnNetwork read = ModelDirectory.classifier(dir, DType.F32, OwnNetwork.class);
        Var x = Var.constant(Tensor.normal(DType.F32, Shape.of(2, 3, 8, 8), new Philox(1)));
        assertThat(read.features(x, "output").value().toFloats())
                .isEqualTo(new OwnNetwork(net.image(), net.net().with(trained))
                        .features(x, "output")
                        .value()
                        .toFloats())
                .isNotEqualTo(net.features(x, "output").value().toFloats());
        assertThatThrownBy(() -> ModelDirectory.classifier(dir, DType.F32, ResNet.class))
                .hasMessage(dir + ": its network is of OwnNetwork; one of ResNet is needed");
        assertThatThrownBy(() -> ModelDirectory.load(dir, DType.F32))
                .hasMessageContaining("_class_name 'HighwayNetwork' is not supported; supported: DiT, ");
    }
}
