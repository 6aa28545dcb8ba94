package dev.canonica.cli;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Probe;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A narrow residual network with random weights for ten classes, and images that it classifies rightly. */
final class TinyClassifier {
    private static final int SIDE = 8;

    private TinyClassifier() {}

    static Path write(Path folder, long seed) {
        return write(folder, seed, 10, 3);
    }

    static Path write(Path folder, long seed, int classes, int channels) {
        ResNetConfig ten =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1, 1), classes, 4, ResNetConfig.Stem.CIFAR);
        ResNet network = ResNet.initialised(
                new ResNetConfig(
                        ten.block(),
                        ten.layers(),
                        classes,
                        ten.width(),
                        ten.stem(),
                        ten.groups(),
                        ten.widthPerGroup(),
                        channels,
                        ten.dilated(),
                        ten.deepStem(),
                        ten.averageDown()),
                seed);
        ModelDirectory.save(folder, network, Optional.empty(), network.parameters(), Map.of());
        return folder;
    }

    /** Images of uniform values with the classes that a model takes them for; the last image's is another. */
    static void writeImages(Path file, Path model, int count, long seed) {
        float[] values = new float[count * 3 * SIDE * SIDE];
        new Philox(seed).uniforms(0, values);
        Tensor x = Tensor.of(values, count, 3, SIDE, SIDE);
        ResNet network = (ResNet) ModelDirectory.classifier(model, DType.F32).orElseThrow();
        float[] logits = network.features(Var.constant(x), Probe.OUTPUT).value().toFloats();
        long[] labels = new long[count];
        for (int i = 0; i < count; i++) {
            int best = 0;
            for (int j = 1; j < 10; j++) {
                best = logits[10 * i + j] > logits[10 * i + best] ? j : best;
            }
            labels[i] = i == count - 1 ? (best + 1) % 10 : best;
        }
        Npz.write(file, Map.of("images", x, "labels", Tensor.of(labels, count)));
    }
}
