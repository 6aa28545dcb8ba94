package dev.canonica.models.resnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Residual networks as they are published: bare, with timm's configuration, of one channel, without their last layer. */
class PublishedResNetsTest {
    private static final List<Boolean> NEVER = List.of(false, false, false);

    @TempDir
    private Path dir;

    static Stream<ResNetConfig> configurations() {
        return Stream.of(
                ResNetConfig.of(Block.BASIC, List.of(2, 1, 3, 1), 7, 8, Stem.IMAGENET),
                ResNetConfig.of(Block.BASIC, List.of(1, 1, 1, 1), 1, 5, Stem.CIFAR),
                ResNetConfig.of(Block.BOTTLENECK, List.of(1, 2, 1, 1), 3, 3, Stem.IMAGENET),
                ResNetConfig.of(Block.BASIC, List.of(2, 1, 1), 3, 4, Stem.CIFAR),
                new ResNetConfig(Block.BOTTLENECK, List.of(1, 1, 1, 1), 6, 4, Stem.IMAGENET, 4, 16),
                new ResNetConfig(Block.BOTTLENECK, List.of(1, 1, 1, 1), 6, 4, Stem.CIFAR, 1, 128),
                new ResNetConfig(
                        Block.BASIC, List.of(1, 1, 1, 1), 0, 6, Stem.IMAGENET, 1, 64, 1, NEVER, List.of(), false),
                new ResNetConfig(
                        Block.BOTTLENECK,
                        List.of(1, 1, 2, 1),
                        4,
                        4,
                        Stem.DEEP,
                        1,
                        64,
                        3,
                        NEVER,
                        List.of(2, 3, 5),
                        true));
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void itsTensorsSayWhatItIs(ResNetConfig config) throws IOException {
        ResNet net = ResNet.initialised(config, 1);
        ModelDirectory.save(dir, net, Optional.empty(), net.parameters(), Map.of());
        ResNet read = (ResNet) ModelDirectory.network(dir, DType.F32);
        assertThat(read.config()).isEqualTo(config);

        Files.delete(dir.resolve(ModelDirectory.CONFIG));
        ResNet bare = (ResNet) ModelDirectory.network(dir.resolve(ModelDirectory.WEIGHTS), DType.F32);
        assertThat(bare.config()).isEqualTo(config);
        Tensor x = Tensor.zeros(DType.F32, Shape.of(2, config.inChannels(), 33, 37))
                .plus(1);
        assertThat(bare.features(Var.constant(x), "output").value().toFloats())
                .isEqualTo(net.features(Var.constant(x), "output").value().toFloats());
    }

    /** A file of torchvision, alone in its folder. */
    @Test
    void aBareFileOfTorchvision() throws IOException {
        Files.copy(Path.of("src/test/resources/checkpoints/resnet.pth"), dir.resolve("resnet18-f37072fd.pth"));
        ResNet net = (ResNet) ModelDirectory.classifier(dir, DType.F32).orElseThrow();
        assertThat(net.config()).isEqualTo(ResNetConfig.of(Block.BASIC, List.of(1, 1, 1, 1), 6, 4, Stem.CIFAR));
        assertThatThrownBy(() -> ModelDirectory.load(dir, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith(": a ResNet, but a class-conditional diffusion model is needed here");
    }

    private Path saved(ResNetConfig config, String json) throws IOException {
        ResNet net = ResNet.initialised(config, 3);
        Map<String, Tensor> all = new LinkedHashMap<>(net.parameters());
        all.putAll(net.buffers());
        Safetensors.write(dir.resolve(ModelDirectory.WEIGHTS), all, Map.of());
        Files.writeString(dir.resolve(ModelDirectory.CONFIG), json);
        return dir;
    }

    @Test
    void whatTheConfigurationLeavesOpenTheTensorsSay() throws IOException {
        ResNetConfig config = new ResNetConfig(
                Block.BASIC, List.of(1, 1, 1, 1), 0, 6, Stem.IMAGENET, 1, 64, 1, NEVER, List.of(), false);
        saved(config, "{\"_class_name\": \"ResNet\", \"layers\": [1, 1, 1, 1], \"width\": 6, \"num_classes\": 1000}");
        ResNet net = (ResNet) ModelDirectory.network(dir, DType.F32);
        assertThat(net.config()).isEqualTo(config);
        assertThat(net.layers()).contains("avgpool", "output").doesNotContain("fc");
        Tensor x = Tensor.zeros(DType.F32, Shape.of(2, 1, 32, 32));
        assertThat(net.features(Var.constant(x), "output").shape()).isEqualTo(Shape.of(2, 48));
        assertThatThrownBy(() -> ModelDirectory.classifier(dir, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessage(dir + ": a ResNet without its last layer, which gives features, no classes");
        Tensor three = Tensor.zeros(DType.F32, Shape.of(2, 3, 32, 32));
        assertThatThrownBy(() -> net.features(Var.constant(three), "output"))
                .hasMessage("ResNet: shape [2, 3, 32, 32], needed [B, 1, H, W]");
    }

    private static final String TIMM = """
            {"architecture": "%s", "num_classes": 5, "num_features": 32, "global_pool": "avg",
             "pretrained_cfg": {"tag": "ra2_in1k", "input_size": [3, 224, 224], "mean": [0.485, 0.456, 0.406]}}""";

    @Test
    void timmsConfigurationNamesAnArchitecture() throws IOException {
        ResNetConfig config = new ResNetConfig(
                Block.BASIC, List.of(2, 2, 2, 2), 5, 4, Stem.DEEP, 1, 64, 3, NEVER, List.of(3, 3, 6), true);
        saved(config, TIMM.formatted("resnet18d"));
        ResNet net = (ResNet) ModelDirectory.classifier(dir, DType.F32).orElseThrow();
        assertThat(net.config()).isEqualTo(config);
        assertThat(net.layers()).contains("conv1.0", "conv1.5", "conv1", "act1", "layer2.0.downsample", "global_pool");
        assertThat(net.parameters()).containsKeys("conv1.6.weight", "layer1.0.downsample.1.weight");
    }

    /** Configurations of timm's as they are on the Hub: of all years, with names of classes, in transformers' wrapper. */
    @ParameterizedTest
    @ValueSource(strings = {"""
                {"architecture": "resnet18", "num_classes": 5, "num_features": 32, "model_args": null,
                 "label_names": ["a, A", "b", "c", "d", "e"], "label_descriptions": {"a, A": "first"},
                 "pretrained_cfg": {"tag": "a1_in1k", "num_classes": 5, "classifier": "fc"}}""", """
                {"architecture": "resnet18.fb_ssl_yfcc100m_ft_in1k", "num_features": 32,
                 "model_args": {"global_pool": "avg", "num_classes": 5, "drop_rate": 0.1},
                 "labels": ["a, A", "b", "c", "d", "e"], "pretrained_cfg": {"num_classes": 5}}""", """
                {"architecture": "resnet18", "url": "", "file": "", "num_classes": 5, "input_size": [3, 224, 224],
                 "pool_size": [7, 7], "crop_pct": 0.875, "interpolation": "bilinear", "fixed_input_size": false,
                 "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "first_conv": "conv1",
                 "classifier": "fc", "hf_hub": "timm/resnet18", "labels": ["a, A", "b", "c", "d", "e"]}""", """
                {"architecture": "resnet18", "architectures": ["TimmWrapperForImageClassification"],
                 "do_pooling": true, "dtype": "float32", "global_pool": "avg", "initializer_range": 0.02,
                 "label_names": ["a, A", "b", "c", "d", "e"], "model_args": null, "model_type": "timm_wrapper",
                 "num_classes": 5, "num_features": 32, "transformers_version": "4.48.0",
                 "pretrained_cfg": {"num_classes": 5, "classifier": "fc"}}"""})
    void timmsConfigurationsOfAllYears(String json) throws IOException {
        ResNetConfig config = ResNetConfig.of(Block.BASIC, List.of(2, 2, 2, 2), 5, 4, Stem.IMAGENET);
        saved(config, json);
        ResNet net = (ResNet) ModelDirectory.classifier(dir, DType.F32).orElseThrow();
        assertThat(net.config()).isEqualTo(config);
        assertThat(ModelDirectory.classNames(dir)).containsExactly("a, A", "b", "c", "d", "e");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"global_pool\": \"max\"", "\"num_classes\": 6", "\"block\": \"bottleneck\""})
    void argumentsOfAnotherNetworkAreNamed(String argument) throws IOException {
        saved(
                ResNetConfig.of(Block.BASIC, List.of(2, 2, 2, 2), 5, 4, Stem.IMAGENET),
                "{\"architecture\": \"resnet18\", \"num_classes\": 5, \"model_args\": {" + argument + "}}");
        assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(argument.substring(1, argument.indexOf('"', 1)));
    }

    /** Under timm's names of all years, and those of its own that say another network than the tensors. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet18",
                "tv_resnet18",
                "gluon_resnet18_v1b",
                "ssl_resnet18",
                "swsl_resnet18",
                "resnet18.a1_in1k",
                "timm/resnet18.a1_in1k",
                "hf_hub:timm/resnet18.a1_in1k",
                "hf-hub:timm/resnet18"
            })
    void namesOfTheSameArithmetic(String name) throws IOException {
        ResNetConfig config = ResNetConfig.of(Block.BASIC, List.of(2, 2, 2, 2), 5, 4, Stem.IMAGENET);
        saved(config, TIMM.formatted(name));
        assertThat(((ResNet) ModelDirectory.network(dir, DType.F32)).config()).isEqualTo(config);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnet34",
                "resnet50",
                "tv_resnet50",
                "resnet26t",
                "resnet18d",
                "gluon_resnet50_v1d",
                "wide_resnet50_2",
                "resnext50_32x4d",
                "ig_resnext101_32x8d",
                "ssl_resnext101_32x16d",
                "gluon_resnext101_64x4d",
                "resnet10t"
            })
    void aNameOfAnotherNetworkIsRefused(String name) {
        ResNetConfig found = ResNetConfig.of(Block.BASIC, List.of(2, 2, 2, 2), 5, 64, Stem.IMAGENET);
        assertThatThrownBy(() -> PublishedName.of(name).orElseThrow().check("architecture", found))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("architecture '" + name + "' has B")
                .hasMessageEndingWith(", but the tensors are those of BasicBlock blocks [2, 2, 2, 2]");
    }

    /** A network made smaller under a published name has its form. */
    @Test
    void theFormOfASmallNetworkCounts() throws IOException {
        ResNetConfig small = ResNetConfig.of(Block.BASIC, List.of(2, 1, 1, 2), 5, 4, Stem.IMAGENET);
        saved(small, TIMM.formatted("resnet18.a1_in1k"));
        assertThat(((ResNet) ModelDirectory.network(dir, DType.F32)).config()).isEqualTo(small);
        for (String name : List.of("resnet50", "resnet26t", "resnet18d", "wide_resnet50_2", "resnext50_32x4d")) {
            Files.writeString(dir.resolve(ModelDirectory.CONFIG), TIMM.formatted(name));
            assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith(dir.resolve("config.json") + ": ResNet: architecture '" + name + "' has B")
                    .hasMessageEndingWith(", but the tensors are those of BasicBlock blocks [2, 1, 1, 2]");
        }
    }

    /** Groups and their width are part of a name. */
    @Test
    void groupsOfAName() throws IOException {
        ResNetConfig config = new ResNetConfig(Block.BOTTLENECK, List.of(3, 4, 6, 3), 5, 64, Stem.IMAGENET, 32, 4);
        saved(config, TIMM.formatted("resnext50_32x4d"));
        assertThat(((ResNet) ModelDirectory.network(dir, DType.F32)).config()).isEqualTo(config);
        saved(config, TIMM.formatted("resnet50"));
        assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                .hasMessageEndingWith("architecture 'resnet50' has Bottleneck blocks [3, 4, 6, 3], but the tensors are"
                        + " those of Bottleneck (32x4d) blocks [3, 4, 6, 3]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resnetv2_50", "seresnet50", "resnet50_gn", "vit_base_patch16_224", "resnetaa50", "resnetblur50",
                "ecaresnet26t", "resnetrs50", "skresnet18", "resnet50_clip", "gluon_seresnext50_32x4d", "resnet19"
            })
    void anotherArithmeticIsNotSupported(String architecture) throws IOException {
        saved(ResNetConfig.of(Block.BASIC, List.of(1, 1, 1, 1), 5, 4, Stem.IMAGENET), TIMM.formatted(architecture));
        assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("architecture '" + architecture + "' is not supported; supported: DiT, ");
    }

    @Test
    void dilationIsForBottlenecks() throws IOException {
        String json = "{\"_class_name\": \"ResNet\", \"block\": \"%s\", \"layers\": [1, 1, 1, 1], "
                + "\"replace_stride_with_dilation\": %s}";
        Files.writeString(dir.resolve("a.json"), json.formatted("BasicBlock", "[false, false, true]"));
        assertThatThrownBy(() -> ResNetConfig.read(JsonConfig.read(dir.resolve("a.json"))))
                .hasMessage("ResNet: replace_stride_with_dilation [false, false, true] is not supported for BasicBlock,"
                        + " which has no dilation; Bottleneck has");
        Files.writeString(dir.resolve("a.json"), json.formatted("Bottleneck", "[false, true]"));
        assertThatThrownBy(() -> ResNetConfig.read(JsonConfig.read(dir.resolve("a.json"))))
                .hasMessageContaining("three of true and false are needed");
        Files.writeString(dir.resolve("a.json"), json.formatted("Bottleneck", "null"));
        assertThat(ResNetConfig.read(JsonConfig.read(dir.resolve("a.json"))).dilated())
                .isEqualTo(NEVER);
    }
}
