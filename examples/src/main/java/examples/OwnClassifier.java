package examples;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.training.ClassificationObjective;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledBatches;
import dev.canonica.models.training.LabelledImages;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trains a residual network on images of one's own, in a folder that torchvision's names, {@code canonica run} and the next run read. */
public final class OwnClassifier {
    private OwnClassifier() {}

    /** Trains, or goes on where it was stopped; the folder is there. */
    public static void train(ImageSource images, int classes, long steps, Path out) {
        ResNet net = ResNet.initialised(
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1, 1), classes, 8, ResNetConfig.Stem.CIFAR), 1);
        ImageClassifier classifier = // of images in [−1, 1]
                new ImageClassifier(net, ImageNormalization.halves(net.channels()), List.of());
        Augmentation change = Augmentation.padAndCrop(1, 0).then(Augmentation.mirror());
        Trainer<LabelledImages> trainer = Trainer.of(
                        new ClassificationObjective(net), new LabelledBatches(images, 8, 1, change))
                .rate(LearningRate.warmupCosine(0.05, 5, steps, 0))
                .with(weights -> new Sgd(weights, 0.9, true, 5e-4));
        new TrainingRun(trainer, out.resolve("training.safetensors"), steps)
                .settings(Settings.of(Map.of("seed", 1, "rate", 0.05, "steps", steps)))
                .publishing(s -> classifier.save(out, s.weights(), Map.of()))
                .run();
    }
}
