package dev.canonica.models.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A residual network as a student needs it; its values and derivatives are compared with torchvision's in the golden cases. */
class ResNetTest {
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models/resnet_train");

    private final ResNet net = (ResNet)
            ModelDirectory.classifier(GOLDEN.resolve("model"), DType.F64).orElseThrow();
    private final Tensor x = Npz.read(GOLDEN.resolve("inputs.npz")).get("x").to(DType.F64);

    private Tensor train(Tensor images, String layer, BatchNorm norm) {
        return net.forward(Weights.constant(net.parameters()), Var.constant(images), layer, norm)
                .value();
    }

    @Test
    void runningStatisticsMoveATenthTowardsTheBatchs() {
        BatchNorm.Training norm = BatchNorm.training();
        Tensor y = train(x, "conv1", norm);
        train(x, "bn1", norm);
        Map<String, Tensor> after = norm.updated(net.buffers());
        int plane = y.dim(2) * y.dim(3);
        double[] v = y.toDoubles();
        for (int c = 0; c < y.dim(1); c++) {
            double mean = 0;
            double squares = 0;
            int n = y.dim(0) * plane;
            for (int pass = 0; pass < 2; pass++) {
                for (int b = 0; b < y.dim(0); b++) {
                    for (int i = 0; i < plane; i++) {
                        double e = v[(b * y.dim(1) + c) * plane + i];
                        mean += pass == 0 ? e / n : 0;
                        squares += pass == 0 ? 0 : (e - mean) * (e - mean);
                    }
                }
            }
            double oldMean = net.buffers().get("bn1.running_mean").toDoubles()[c];
            double oldVariance = net.buffers().get("bn1.running_var").toDoubles()[c];
            assertThat(after.get("bn1.running_mean").toDoubles()[c])
                    .isCloseTo(0.9 * oldMean + 0.1 * mean, within(1e-12));
            assertThat(after.get("bn1.running_var").toDoubles()[c])
                    .isCloseTo(0.9 * oldVariance + 0.1 * squares / (n - 1), within(1e-12));
        }
        assertThat(after).containsOnlyKeys(net.buffers().keySet());
        assertThat(after.get("layer1.0.bn1.running_mean"))
                .isSameAs(net.buffers().get("layer1.0.bn1.running_mean"));
    }

    @Test
    void aBatchOfOneValueForEachChannelIsRefused() {
        Tensor one = x.rows(0, 1).slice(2, 0, 1).slice(3, 0, 1);
        assertThatThrownBy(() -> train(one, "output", BatchNorm.training()))
                .isInstanceOf(ModelException.class)
                .hasMessage("bn1: shape [1, 4, 1, 1]: batch statistics need at least two values for each channel");
    }

    @Test
    void everyListedLayerCanBeAskedFor() {
        for (String layer : net.layers()) {
            assertThat(net.features(Var.constant(x), layer).shape().dim(0))
                    .as(layer)
                    .isEqualTo(x.dim(0));
        }
        assertThatThrownBy(() -> net.features(Var.constant(x), "layer5"))
                .hasMessageStartingWith("layer 'layer5' is not");
    }

    @Test
    void publishedSizes() {
        assertThat(parameters(ResNetConfig.Block.BASIC, List.of(2, 2, 2, 2), 64))
                .isEqualTo(11_689_512);
        assertThat(parameters(ResNetConfig.Block.BASIC, List.of(3, 4, 6, 3), 64))
                .isEqualTo(21_797_672);
        assertThat(parameters(ResNetConfig.Block.BOTTLENECK, List.of(3, 4, 6, 3), 64))
                .isEqualTo(25_557_032);
        assertThat(parameters(ResNetConfig.Block.BOTTLENECK, List.of(3, 4, 6, 3), 128))
                .isEqualTo(68_883_240);
    }

    /** Table 6 of He et al. 2016 has 0.27 M for 20 layers, whose shortcuts have no weights; those of torchvision's names have 2 560 and the scales of their norms. */
    @Test
    void theSmallNetworkOfThreeStages() {
        ResNetConfig c = ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(3, 3, 3), 10, 16, ResNetConfig.Stem.CIFAR);
        assertThat(ResNet.shapes(c).entrySet().stream()
                        .filter(e ->
                                !e.getKey().contains("running") && !e.getKey().contains("downsample"))
                        .mapToLong(e -> e.getValue().size())
                        .sum())
                .isEqualTo(269_722);
        ResNet small = ResNet.initialised(c, 1);
        assertThat(small.layers()).contains("layer3").doesNotContain("layer4");
        assertThat(small.features(Var.constant(Tensor.zeros(DType.F32, Shape.of(2, 3, 32, 32))), "output")
                        .shape()
                        .dims())
                .containsExactly(2, 10);
        assertThat(small.features(Var.constant(Tensor.zeros(DType.F32, Shape.of(2, 3, 32, 32))), "layer3")
                        .shape()
                        .dims())
                .containsExactly(2, 64, 8, 8);
        assertThat(c.features()).isEqualTo(64);
    }

    @Test
    void namedNetworks() {
        for (String name : NamedResNets.names()) {
            assertThat(ResNet.shapes(NamedResNets.of(name, 10, 32))).as(name).containsKey("fc.weight");
        }
        assertThat(NamedResNets.of("resnet18", 10, 64).stem()).isEqualTo(ResNetConfig.Stem.CIFAR);
        assertThat(NamedResNets.of("resnet18", 10, 65).stem()).isEqualTo(ResNetConfig.Stem.IMAGENET);
        assertThatThrownBy(() -> NamedResNets.of("resnet19", 10, 32))
                .hasMessageStartingWith("'resnet19' is no residual network's name; there are resnet18, ");
    }

    /** One pass gives what a pass for each layer does. */
    @Test
    void severalLayersInOnePass() {
        List<String> wanted = List.of("output", "layer3", "avgpool");
        Map<String, Var> all = net.forward(
                Weights.constant(net.parameters()), Var.constant(x), wanted, BatchNorm.evaluation(net.buffers()));
        assertThat(all.keySet()).containsExactlyElementsOf(wanted);
        all.forEach((layer, v) -> assertThat(v.value().toDoubles())
                .as(layer)
                .isEqualTo(net.features(Var.constant(x), layer).value().toDoubles()));
    }

    /** Numbers of parameters as torchvision documents them. */
    private static long parameters(ResNetConfig.Block block, List<Integer> layers, int widthPerGroup) {
        ResNetConfig c = new ResNetConfig(block, layers, 1000, 64, ResNetConfig.Stem.IMAGENET, 1, widthPerGroup);
        return ResNet.shapes(c).entrySet().stream()
                .filter(e -> !e.getKey().contains("running"))
                .mapToLong(e -> e.getValue().size())
                .sum();
    }

    /** Its root would be NaN, in evaluation alone: a training would find out at its end. */
    @Test
    void aVarianceBelow0IsRefused() {
        Map<String, Tensor> stateDict = new LinkedHashMap<>(net.parameters());
        stateDict.putAll(net.buffers());
        stateDict.computeIfPresent("layer1.0.bn2.running_var", (name, t) -> t.plus(-2));
        assertThatThrownBy(() -> new ResNet(net.config(), stateDict))
                .isInstanceOf(ModelException.class)
                .hasMessageMatching("ResNet: tensor 'layer1.0.bn2.running_var' has -[0-9.]+; variances are 0 or more");
    }

    @Test
    void configurationsThatDoNotFitAreRefused() {
        assertThatThrownBy(
                        () -> ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 2), 10, 64, ResNetConfig.Stem.CIFAR))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("ResNet: layers [1, 2]: three or four numbers");
    }

    /** Where nothing is differentiated, values end with the part that needs them: a pass holds a few of the greatest planes at a time, and leaves its result alone, inside of a scope or not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inferenceHoldsAFewPlanesAtATime(boolean frozen) {
        ResNetConfig config =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(4, 1, 1), 10, 16, ResNetConfig.Stem.CIFAR);
        ResNet plain = ResNet.initialised(config, 1);
        Classifier network = frozen ? plain.frozen() : plain;
        Var images = Var.constant(Tensor.normal(DType.F32, Shape.of(4, 3, 32, 32), new Philox(1)));
        long planes = 4 * 16 * 32 * 32 * 4; // after each convolution of the first stage
        for (int i = 0; i < 2; i++) {
            network.features(images, Probe.OUTPUT); // what is packed stays
        }
        Device device = Device.cpu();
        long before = device.liveBytes();
        device.resetPeak();
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            results.add(network.features(images, Probe.OUTPUT).value());
        }
        assertThat(device.peakBytes() - before).as("held").isLessThan(10 * planes);
        assertThat(device.liveBytes() - before).as("left").isLessThan(planes);
        assertThat(results).hasSize(4);
    }
}
