package dev.canonica.models.family;

import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Probe;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A classifier with what its folder says beside the network: how its images are normalised, and what its classes are called.
 *
 * <pre>
 *   ImageClassifier net = ImageClassifier.read(folder, DType.F32);
 *   Tensor p = net.probabilities(image.toTensor());      // [1, C, H, W] in [−1, 1] → [1, classes]
 * </pre>
 *
 * @param network from images that are normalised as {@code images} says to logits
 * @param images how its images are normalised
 * @param classes their names; empty if they have none
 */
public record ImageClassifier(Classifier network, ImageNormalization images, List<String> classes) {
    /** Copies the names. */
    public ImageClassifier {
        classes = List.copyOf(classes);
    }

    /**
     * Reads one; where its configuration gives no mean and standard deviation, its images are those in [0, 1].
     *
     * @throws dev.canonica.models.ModelException if it is no classifier, or its configuration is wrong
     */
    public static ImageClassifier read(Path model, DType type) {
        Classifier network = ModelDirectory.classifier(model, type, Classifier.class);
        int channels = network.channels();
        return new ImageClassifier(
                network,
                ImageNormalization.read(model, channels).orElseGet(() -> ImageNormalization.none(channels)),
                ModelDirectory.classNames(model));
    }

    /**
     * Logits [B, classes].
     *
     * @param x images [B, C, H, W] in [−1, 1]
     */
    public Var logits(Var x) {
        int channels = network.channels();
        if (images.equals(ImageNormalization.halves(channels))) {
            return network.features(x, Probe.OUTPUT);
        }
        Var scale = constant(images.scaleOfHalves(channels), x.value());
        Var shift = constant(images.shiftOfHalves(channels), x.value());
        return network.features(Normalisation.scaleShift(x, scale, shift), Probe.OUTPUT);
    }

    private static Var constant(double[] values, Tensor like) {
        return Var.constant(Tensor.of(values, values.length).to(like.dtype()).to(like.device()));
    }

    /**
     * Probabilities [B, classes].
     *
     * @param x images [B, C, H, W] in [−1, 1]
     */
    public Tensor probabilities(Tensor x) {
        return logits(Var.constant(x)).softmax().value();
    }

    /** This by the network {@linkplain Classifier#frozen frozen}: for many images. */
    public ImageClassifier frozen() {
        return new ImageClassifier(network.frozen(), images, classes);
    }

    /** Writes it as {@link #read} reads it: configuration and weights, each moved into place when complete. */
    public void save(Path folder) {
        save(folder, network.parameters(), Map.of());
    }

    /**
     * As {@link #save(Path)}, with other weights, such as those of a moment of training.
     *
     * @param stateDict as {@link ModelDirectory#save} takes it
     */
    public void save(Path folder, Map<String, Tensor> stateDict, Map<String, String> metadata) {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("mean", images.mean());
        about.put("std", images.std());
        if (!classes.isEmpty()) {
            about.put(ModelDirectory.CLASSES, classes);
        }
        ModelDirectory.saveClassifier(folder, network, about, stateDict, metadata);
    }
}
