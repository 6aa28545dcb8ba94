package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.HeldImages;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.List;

/** What experiments on small images of ten classes have in common: layer and t_e of the demonstration (docs/model.md), the models and the images. */
final class SmallImages {
    /** The layer whose Jacobian is decomposed, and whose features are taken. */
    static final String LAYER = "blocks.2";

    /** t_e. */
    static final double TE = 0.48;

    /** t_r. */
    static final double TR = 0.1;

    /** Of the singular value decomposition. */
    static final double TOLERANCE = 1e-2;

    /** Greatest learning rate of classifiers. */
    static final double RATE = 0.1;

    /** Images after every epoch that the course of a training is measured on, which nothing is chosen by. */
    static final int COURSE = 200;

    private static final int CLASSES = 10;

    private SmallImages() {}

    /** Classifiers that are trained: a residual network of three stages with a block each. */
    static ResNetConfig classifier(int width) {
        return ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), CLASSES, width, ResNetConfig.Stem.CIFAR);
    }

    /**
     * The diffusion model in a folder.
     *
     * @throws ModelException if it has another number of classes
     */
    static DenoisingModel model(Path folder) {
        DenoisingModel model = ModelDirectory.load(folder, DType.F32);
        if (model.classes() != CLASSES) {
            throw new ModelException(
                    "%s: a model of %d classes; the images have %d".formatted(folder, model.classes(), CLASSES));
        }
        return model;
    }

    /** The decomposition of n directions. */
    static RandomizedSvd svd(int n) {
        return new RandomizedSvd(n, 2, 20, TOLERANCE, 0, 0);
    }

    static TrainingData read(ImageSet set) {
        return TrainingData.read(new HeldImages(set), set.name(), set.classes(), done -> {});
    }
}
