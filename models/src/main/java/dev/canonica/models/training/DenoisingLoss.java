package dev.canonica.models.training;

import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * The loss of a diffusion network on fixed images, which a training is measured by: the mean of what {@link DiffusionObjective} makes small, over each image once, as it is
 * and under its class, with a timestep and a noise of its own that are the same at every measurement. The timesteps of n images are one in each of n equal parts of the
 * schedule, so that the measure does not depend on luck.
 */
final class DenoisingLoss {
    private static final int ORDER = 0;
    private static final int WITHIN = 1;
    private static final int NOISE = 2;

    /** The child of the stream of a seed that belongs to this. */
    private static final int STREAM = 12;

    /** Images at a time; results do not depend on it. */
    private static final int BATCH = 64;

    private final DenoisingModel model;
    private final Noising noising;
    private final ImageSource images;
    private final Philox random;
    private final int[] timesteps;

    DenoisingLoss(DenoisingModel model, NoiseSchedule schedule, Prediction prediction, ImageSource images, long seed) {
        this.model = model;
        this.noising = new Noising(schedule, prediction);
        this.images = images;
        this.random = new Philox(seed).child(STREAM);
        int n = images.size();
        int[] part = random.child(ORDER).permutation(n);
        this.timesteps = new int[n];
        for (int i = 0; i < n; i++) {
            double at = (part[i] + random.child(WITHIN).uniform(i)) / n;
            timesteps[i] = Math.min((int) (at * schedule.steps()), schedule.steps() - 1);
        }
    }

    /**
     * The mean squared error of an element.
     *
     * @param weights of those that are trained
     */
    double of(Map<String, Tensor> weights) {
        Weights w = Weights.constant(weights).or(model.parameters());
        double sum = 0;
        for (int from = 0; from < images.size(); from += BATCH) {
            int n = Math.min(BATCH, images.size() - from);
            for (double each : ofImages(w, from, n)) {
                sum += each;
            }
        }
        return sum / images.size();
    }

    private double[] ofImages(Weights w, int first, int n) {
        Shape shape = images.shape();
        int size = Math.toIntExact(shape.size());
        float[] x = new float[n * size];
        double[] noise = new double[n * size];
        float[] noisy = new float[n * size];
        float[] target = new float[n * size];
        long[] labels = new long[n];
        double[] t = new double[n];
        for (int i = 0; i < n; i++) {
            images.copy(first + i, x, i * size);
            random.child(NOISE).child(first + i).normals(0, noise, i * size, size);
            t[i] = timesteps[first + i];
            noising.apply(timesteps[first + i], x, noise, i * size, size, noisy, target);
            labels[i] = images.label(first + i);
        }
        double[] each = new double[n];
        try (Scope _ = Scope.open()) {
            Tensor in = Tensor.of(noisy, shape.prepend(n).dims()).to(model.dtype());
            Tensor out = model.forward(
                            w,
                            Var.constant(in),
                            DenoisingModel.times(t),
                            DiffusionBatches.condition(model, labels),
                            Probe.OUTPUT)
                    .value();
            float[] values = out.to(DType.F32).toFloats();
            for (int i = 0; i < n; i++) {
                for (int j = i * size; j < (i + 1) * size; j++) {
                    double error = (double) values[j] - target[j];
                    each[i] += error * error / size;
                }
            }
        }
        return each;
    }
}
