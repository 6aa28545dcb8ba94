package examples;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Trainer;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ClassificationObjective;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledBatches;
import dev.canonica.models.training.LabelledImages;
import dev.canonica.models.training.Predictions;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.Locale;

/** A residual network from a file of torchvision, such as {@code resnet18-f37072fd.pth}, taught classes of one's own: first a new last layer alone, then all of it, gently. */
public final class FineTuning {
    private FineTuning() {}

    /**
     * Trains, tests on the same images, and writes a folder that {@code canonica run} and {@link ModelDirectory} read.
     *
     * @param args the {@code .pth} file; a folder with a folder of images for each class; the side in pixels that they are cropped and resized to; steps of either
     *     part; the folder of the result
     */
    public static void main(String[] args) {
        ResNet pretrained = ModelDirectory.classifier(Path.of(args[0]), DType.F32, ResNet.class);
        try (ImageSet set = DataSets.open(args[1] + "?side=" + args[2])) {
            ImageNormalization normalization = ImageNormalization.imageNet(); // of the images that it was trained on
            ImageSource images = ImageSource.of(set.size(), set.shape(), set::label, set::copyNormalized)
                    .normalised(normalization);
            ResNet net = pretrained.withClasses(set.classes().size(), 1);
            int steps = Integer.parseInt(args[3]);
            report("before", net, images);
            train(new ClassificationObjective(net, name -> name.startsWith("fc.")), images, 0.05, steps);
            report("last layer", net, images);
            train(new ClassificationObjective(net), images, 0.005, steps);
            report("all layers", net, images);
            new ImageClassifier(net, normalization, set.classes()).save(Path.of(args[4]));
        }
    }

    private static void train(ClassificationObjective objective, ImageSource images, double rate, int steps) {
        int batch = Math.min(32, images.size());
        Trainer<LabelledImages> trainer = Trainer.of(
                        objective, new LabelledBatches(images, batch, 1, Augmentation.mirror()))
                .rate(LearningRate.warmupCosine(rate, steps / 10, steps, 0))
                .clip(1)
                .with(weights -> new Sgd(weights, 0.9, true, 1e-4));
        while (trainer.step() < steps) {
            trainer.next();
        }
    }

    private static void report(String when, ResNet net, ImageSource images) {
        Predictions p = Predictions.of(net, images);
        System.out.printf(Locale.ROOT, "%s: accuracy %.3f, loss %.3f%n", when, p.accuracy(), p.loss());
    }
}
