package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;

/**
 * A classifier whose answers are learned from, asked with images as it takes them, which may be normalised otherwise than the student's.
 *
 * @param classifier the network
 * @param images how its images are normalised
 */
public record TeachingClassifier(Classifier classifier, ImageNormalization images) {
    /** Checks that it takes images of three channels, as the student does. */
    public TeachingClassifier {
        if (classifier.channels() != 3) {
            throw new ModelException("student: kd's classifier takes images of %d channels, the student's have 3"
                    .formatted(classifier.channels()));
        }
    }

    /**
     * Reads one; where its configuration gives no mean and standard deviation, its images are those in [0, 1].
     *
     * @throws ModelException if it is no classifier, or its configuration is wrong
     */
    public static TeachingClassifier read(Path folder) {
        Classifier classifier = ModelDirectory.classifier(folder, DType.F32, Classifier.class);
        int channels = classifier.channels();
        return new TeachingClassifier(
                classifier,
                ImageNormalization.read(folder, channels).orElseGet(() -> ImageNormalization.none(channels)));
    }

    /**
     * Logits [B, classes].
     *
     * @param x a student's images [B, 3, H, W] in [−1, 1]: (image − ½) / ½
     */
    Var logits(Tensor x) {
        Var in = Var.constant(x);
        if (!images.equals(ImageNormalization.halves(classifier.channels()))) {
            int channels = classifier.channels();
            double[] scale = images.scaleOfHalves(channels);
            double[] shift = images.shiftOfHalves(channels);
            in = Normalisation.scaleShift(in, constant(scale, x), constant(shift, x));
        }
        return classifier.features(in, Probe.OUTPUT);
    }

    private static Var constant(double[] values, Tensor like) {
        return Var.constant(Tensor.of(values, values.length).to(like.dtype()).to(like.device()));
    }
}
