package dev.canonica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Small residual networks of two classes, and what they learn from. */
final class TinyStudents {
    static final String CONFIG = """
            {"_class_name": "ResNet", "block": "BasicBlock", "layers": [1, 1, 1], "num_classes": 2, "width": 4, "stem": "cifar"}
            """;

    private TinyStudents() {}

    /** A network with random weights. */
    static Path write(Path folder, long seed) {
        ResNetConfig config =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), 2, 4, ResNetConfig.Stem.CIFAR);
        ModelDirectory.saveClassifier(
                folder,
                ResNet.initialised(config, seed),
                Map.of(),
                ResNet.initialised(config, seed).parameters(),
                Map.of());
        return folder;
    }

    /** What {@code canonica extract} makes of images, by a model of two classes and at least two blocks. */
    static Path extract(Path model, Path images, Path out) {
        Outcome outcome = Outcome.run(
                "extract",
                "--model",
                model,
                "--data",
                images,
                "--out",
                out,
                "--layer",
                "blocks.1",
                "--te",
                0.5,
                "--rank",
                1,
                "--steps",
                4,
                "--batch",
                5,
                "--report",
                0,
                "--tr",
                0.25);
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.code()).isZero();
        return out;
    }
}
