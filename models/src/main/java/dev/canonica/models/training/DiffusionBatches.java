package dev.canonica.models.training;

import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Batches;
import dev.canonica.learning.Epochs;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;

/**
 * Batches to train a diffusion network on: images in the order of {@link Epochs}, timesteps drawn evenly, normal noise, labels dropped at times. What a step
 * draws at random is a function of the seed, of the step and of what it is drawn for.
 */
public final class DiffusionBatches implements Batches<DiffusionBatch> {
    /** Names of what is drawn at random: each has streams of its own. */
    private enum Draw {
        ORDER, // that of Epochs
        TIMESTEP,
        NOISE,
        DROPOUT,
        AUGMENTATION
    }

    private final DenoisingModel model;
    private final NoiseSchedule schedule;
    private final Noising noising;
    private final ImageSource data;
    private final TrainingSettings settings;
    private final Augmentation augmentation;
    private final Epochs epochs;

    /**
     * Batches for a network.
     *
     * @throws ModelException if there are fewer images than a batch has, if they are of another shape than the network's samples, or if labels are to be
     *     dropped and the network has no class that stands for none
     */
    public DiffusionBatches(
            DenoisingModel model,
            NoiseSchedule schedule,
            Prediction prediction,
            ImageSource data,
            TrainingSettings settings) {
        this.model = model;
        this.schedule = schedule;
        this.noising = new Noising(schedule, prediction);
        this.data = data;
        this.settings = settings;
        this.augmentation = settings.flip() ? Augmentation.mirror() : Augmentation.NONE;
        if (model.isFlow()) {
            throw new ModelException(
                    "train: the model is a flow, which predicts a velocity; diffusion models are trained");
        }
        if (data.size() < settings.batch()) {
            throw new ModelException("train: " + data.size() + " images are fewer than a batch of " + settings.batch());
        }
        if (!model.accepts(data.shape())) {
            throw new ModelException(
                    "train: images of shape " + data.shape() + ", the model needs " + model.acceptedShapes());
        }
        if (settings.labelDropout() > 0 && !model.canDrop(Condition.classes(0))) {
            throw new ModelException("train: label-dropout " + settings.labelDropout()
                    + ": the model has no class that stands for no condition (class_dropout_prob 0); 0 is possible");
        }
        this.epochs = new Epochs(settings.seed(), data.size());
    }

    @Override
    public DiffusionBatch at(long step) {
        int n = settings.batch();
        Shape shape = data.shape();
        int size = Math.toIntExact(shape.size());
        float[] images = new float[n * size];
        long[] labels = new long[n];
        Set<Integer> dropped = new HashSet<>();
        double[] timesteps = new double[n];
        double[] noise = new double[n * size];
        random(step, Draw.NOISE).normals(0, noise);
        Philox time = random(step, Draw.TIMESTEP);
        Philox dropout = random(step, Draw.DROPOUT);
        Philox change = random(step, Draw.AUGMENTATION);
        float[] noisy = new float[n * size];
        float[] target = new float[n * size];
        for (int i = 0; i < n; i++) {
            int index = epochs.example(step * n + i);
            data.copy(index, images, i * size);
            augmentation.apply(
                    new Augmentation.Pixels(images, i * size, shape.dim(0), shape.dim(1), shape.dim(2)), change, i);
            labels[i] = data.label(index);
            if (dropout.uniform(i) < settings.labelDropout()) {
                dropped.add(i);
            }
            int t = time.bounded(i, schedule.steps());
            timesteps[i] = t;
            noising.apply(t, images, noise, i * size, size, noisy, target);
        }
        int[] dims = shape.prepend(n).dims();
        return new DiffusionBatch(
                Tensor.of(noisy, dims),
                DenoisingModel.times(timesteps),
                condition(model, labels).dropping(dropped),
                Tensor.of(target, dims));
    }

    /** What a network is under where images have these classes; one that takes none is under no condition. */
    static Condition condition(DenoisingModel model, long[] labels) {
        return model.conditioning().contains(Condition.CLASSES)
                ? Condition.classes(labels)
                : Condition.none(labels.length);
    }

    private Philox random(long step, Draw what) {
        return new Philox(settings.seed(), step).child(what.ordinal());
    }
}
