package dev.canonica.cadistill.student;

import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Optimizer;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Decay;
import dev.canonica.learning.Mixing;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * How a student is trained: a linear warm-up, then half a cosine down to 0, or milestones.
 *
 * @param epochs of the whole set
 * @param batch images in a step
 * @param pairs images with companions in a step, beside these
 * @param rate greatest learning rate
 * @param warmup epochs over which it rises, a part of one or several; all steps if there are fewer
 * @param optimizer {@code sgd} or {@code adamw}
 * @param momentum of SGD
 * @param nesterov whether SGD's momentum is Nesterov's
 * @param weightDecay of either, each in its own sense
 * @param clip greatest norm of the gradient; 0 for any
 * @param emaDecay of a moving average of the weights and of the running statistics of batch normalisation, which is then what is evaluated and kept; 0 for none
 * @param augment {@code none}, or some of crop and flip, separated by commas
 * @param mix {@code none}, {@code mixup} or {@code cutmix}
 * @param mixAlpha α of mixing
 * @param seed of everything random
 * @param smoothing ε of label smoothing in L_cls (Szegedy et al. 2016, Section 7); 0 for none
 * @param decay how the learning rate goes down after the warm-up
 * @param patience epochs without a more accurate one on validation after which the training ends; 0 for none
 */
public record StudentTraining(
        int epochs,
        int batch,
        int pairs,
        double rate,
        double warmup,
        String optimizer,
        double momentum,
        boolean nesterov,
        double weightDecay,
        double clip,
        double emaDecay,
        List<String> augment,
        String mix,
        double mixAlpha,
        long seed,
        double smoothing,
        Decay decay,
        int patience) {
    /** The names of optimisers. */
    public static final List<String> OPTIMIZERS = List.of("sgd", "adamw");

    /** The names of changes of an image. */
    public static final List<String> AUGMENTATIONS = List.of("none", "crop", "flip");

    /** The names of mixtures. */
    public static final List<String> MIXTURES = List.of("none", "mixup", "cutmix");

    /** How far an image is moved: an eighth of its side, as 4 pixels of 32 (He et al. 2016, Section 4.2). */
    private static final int MOVED = 8;

    /** SGD as it is usual for residual networks on small images (He et al., 2016, Section 4.2, with Nesterov's momentum), half as many pairs as images. */
    public static StudentTraining of(int epochs, int batch, double rate, long seed) {
        return new StudentTraining(
                epochs,
                batch,
                pairsBeside(batch),
                rate,
                0.5,
                "sgd",
                0.9,
                true,
                5e-4,
                0,
                0,
                List.of("crop", "flip"),
                "none",
                1,
                seed,
                0,
                Decay.COSINE,
                0);
    }

    /** The same with labels smoothed by ε. */
    public StudentTraining smoothed(double epsilon) {
        return with(epsilon, decay, patience);
    }

    /** The same with another decay of the learning rate. */
    public StudentTraining decaying(Decay other) {
        return with(smoothing, other, patience);
    }

    /** The same, ended after so many epochs without a more accurate one. */
    public StudentTraining patient(int epochsWithout) {
        return with(smoothing, decay, epochsWithout);
    }

    private StudentTraining with(double epsilon, Decay other, int epochsWithout) {
        return new StudentTraining(
                epochs,
                batch,
                pairs,
                rate,
                warmup,
                optimizer,
                momentum,
                nesterov,
                weightDecay,
                clip,
                emaDecay,
                augment,
                mix,
                mixAlpha,
                seed,
                epsilon,
                other,
                epochsWithout);
    }

    /** As many pairs as a step has where no number is given: half as many as images. */
    public static int pairsBeside(int batch) {
        return Math.max(1, batch / 2);
    }

    /** Checks that there is an epoch, a pair and two images in a batch, that rates and shares are in their ranges, and that names are known. */
    public StudentTraining {
        augment = List.copyOf(augment);
        if (epochs < 1 || batch < 2 || pairs < 1) {
            throw new ModelException("student: epochs %d, batch %d and pairs %d: at least 1, 2 and 1 are needed"
                    .formatted(epochs, batch, pairs));
        }
        if (!(rate > 0) || !(warmup >= 0) || !(clip >= 0) || !(emaDecay >= 0 && emaDecay < 1)) {
            throw new ModelException(
                    "student: a rate above 0, and a warm-up, a clip and a decay in [0, 1) of 0 or more are needed");
        }
        if (!(smoothing >= 0 && smoothing < 1) || patience < 0) {
            throw new ModelException("student: label smoothing %s and a patience of %d: one in [0, 1), and 0 or more"
                    .formatted(smoothing, patience));
        }
        named("optimizer", optimizer, OPTIMIZERS);
        named("mix", mix, MIXTURES);
        augment.forEach(a -> named("augment", a, AUGMENTATIONS));
        if (augment.contains("none") && augment.size() > 1) {
            throw new ModelException("augment: 'none' stands alone");
        }
    }

    private static void named(String what, String value, List<String> possible) {
        if (!possible.contains(value)) {
            throw new ModelException("%s: '%s' is not one of %s".formatted(what, value, String.join(", ", possible)));
        }
    }

    /** Steps of an epoch: as many whole batches as the set has. */
    long stepsPerEpoch(int images) {
        if (images < batch) {
            throw new ModelException("student: %d images are fewer than a batch of %d".formatted(images, batch));
        }
        return images / batch;
    }

    long steps(int images) {
        return epochs * stepsPerEpoch(images);
    }

    LearningRate learningRate(int images) {
        long steps = steps(images);
        long rising = Math.min(steps, Math.round(warmup * stepsPerEpoch(images)));
        return decay.rate(rate, rising, steps, 0);
    }

    Optimizer optimiser(Map<String, Tensor> weights) {
        return optimizer.equals("adamw")
                ? new AdamW(weights, 0.9, 0.999, 1e-8, weightDecay)
                : new Sgd(weights, momentum, nesterov, weightDecay);
    }

    Augmentation augmentation(int side) {
        Augmentation all = Augmentation.NONE;
        if (augment.contains("crop")) {
            all = Augmentation.padAndCrop(Math.max(1, side / MOVED), 0);
        }
        if (augment.contains("flip")) {
            all = all.equals(Augmentation.NONE) ? Augmentation.mirror() : all.then(Augmentation.mirror());
        }
        return all;
    }

    Mixing mixing() {
        return switch (mix) {
            case "mixup" -> Mixing.mixup(mixAlpha);
            case "cutmix" -> Mixing.cutmix(mixAlpha);
            default -> Mixing.NONE;
        };
    }
}
