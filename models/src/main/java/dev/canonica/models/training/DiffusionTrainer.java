package dev.canonica.models.training;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.Ema;
import dev.canonica.autodiff.optim.GradientClipping;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Trains a diffusion network by denoising (Ho et al. 2020, Eq. 14, for any {@link Prediction}):
 *
 * <pre>
 *   L = E ‖f(√ᾱ_t x₀ + √(1 − ᾱ_t) ε, t, y) − target(x₀, ε, t)‖² / dim x      t uniform, y dropped at times
 * </pre>
 *
 * <p>Everything random is a function of the seed and of the step alone, so that a run that is stopped and resumed gives the same bits as one
 * that is not.
 */
public final class DiffusionTrainer {
    /** Names of what a step draws at random: each has streams of its own. */
    private enum Draw {
        ORDER,
        TIMESTEP,
        NOISE,
        DROPOUT,
        FLIP
    }

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final DenoisingModel model;
    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final ImageSource data;
    private final TrainingSettings settings;
    private final Map<String, Tensor> trained = new LinkedHashMap<>(); // written in place by the optimiser
    private final List<String> names;
    private final AdamW optimiser;
    private final Ema ema;
    private long step;
    private long epoch = -1;
    private int[] order = {};

    /**
     * A trainer at step 0.
     *
     * @param model its parameters are changed in place; those named in {@code fixed} are not
     */
    public DiffusionTrainer(
            DenoisingModel model,
            List<String> fixed,
            NoiseSchedule schedule,
            Prediction prediction,
            ImageSource data,
            TrainingSettings settings) {
        this.model = model;
        this.schedule = schedule;
        this.prediction = prediction;
        this.data = data;
        this.settings = settings;
        if (data.size() < settings.batch()) {
            throw new ModelException("train: " + data.size() + " images are fewer than a batch of " + settings.batch());
        }
        if (settings.labelDropout() > 0 && model.nullClass().isEmpty()) {
            throw new ModelException("train: label-dropout " + settings.labelDropout()
                    + ": the model has no class that stands for no condition (class_dropout_prob 0); 0 is possible");
        }
        model.parameters().forEach((name, t) -> {
            if (!fixed.contains(name)) {
                trained.put(name, t);
            }
        });
        this.names = List.copyOf(trained.keySet());
        this.optimiser = new AdamW(trained, BETA1, BETA2, EPSILON, settings.weightDecay());
        this.ema = new Ema(trained, settings.emaDecay());
    }

    /** Steps done. */
    public long step() {
        return step;
    }

    /** Does one step and returns its loss and the norm of its gradient. */
    public Progress next() {
        try (Scope scope = Scope.open()) {
            Batch batch = batch();
            List<Tensor> inputs = List.copyOf(trained.values());
            Autodiff.Gradients g = Autodiff.grad(w -> loss(Weights.active(names, w), batch), inputs);
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                gradients.put(names.get(i), g.gradients().get(i));
            }
            GradientClipping clipping = GradientClipping.byGlobalNorm(gradients, settings.clip());
            double norm = clipping.norm();
            double loss = g.value().item();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                throw new ModelException(
                        "train: the loss is " + loss + " in step " + step + ": lower the learning rate");
            }
            optimiser.step(gradients, settings.rate(step), clipping.factor());
            ema.update(trained);
            return new Progress(++step, loss, norm);
        }
    }

    /**
     * A step's result.
     *
     * @param step steps done
     * @param loss mean squared error of the batch
     * @param gradientNorm before clipping
     */
    public record Progress(long step, double loss, double gradientNorm) {}

    private record Batch(Tensor noisy, double[] timesteps, long[] labels, Tensor target) {}

    private Var loss(Weights trainable, Batch b) {
        Weights w = trainable.or(model.parameters());
        Var out = model.forward(w, Var.constant(b.noisy), b.timesteps, b.labels, Probe.OUTPUT);
        return Reductions.meanAll(Activations.square(out.minus(Var.constant(b.target))));
    }

    private Batch batch() {
        int n = settings.batch();
        int[] dims = model.sampleShape().dims();
        int size = Math.toIntExact(model.sampleShape().size());
        float[] images = new float[n * size];
        long[] labels = new long[n];
        double[] timesteps = new double[n];
        double[] noise = new double[n * size];
        random(Draw.NOISE).normals(0, noise);
        Philox time = random(Draw.TIMESTEP);
        Philox dropout = random(Draw.DROPOUT);
        Philox flip = random(Draw.FLIP);
        float[] noisy = new float[n * size];
        float[] target = new float[n * size];
        for (int i = 0; i < n; i++) {
            int index = nextIndex(step * n + i);
            data.copy(index, images, i * size);
            if (settings.flip() && flip.uniform(i) < 0.5f) {
                mirror(images, i * size, size, dims[2]);
            }
            labels[i] = dropout.uniform(i) < settings.labelDropout()
                    ? model.nullClass(data.label(index))
                    : data.label(index);
            int t = time.bounded(i, schedule.steps());
            timesteps[i] = t;
            double a = Math.sqrt(schedule.alphaBar(t));
            double b = Math.sqrt(1 - schedule.alphaBar(t));
            double[] c = prediction.target(schedule.alphaBar(t));
            for (int j = i * size; j < (i + 1) * size; j++) {
                noisy[j] = (float) (a * images[j] + b * noise[j]);
                target[j] = (float) (c[0] * images[j] + c[1] * noise[j]);
            }
        }
        int[] shape = {n, dims[0], dims[1], dims[2]};
        return new Batch(Tensor.of(noisy, shape), timesteps, labels, Tensor.of(target, shape));
    }

    /** Image number {@code k} of the run: every epoch goes through all images once, in an order of its own. */
    private int nextIndex(long k) {
        long e = k / data.size();
        if (e != epoch) {
            epoch = e;
            order = new Philox(settings.seed(), e).child(Draw.ORDER.ordinal()).permutation(data.size());
        }
        return order[(int) (k % data.size())];
    }

    private Philox random(Draw what) {
        return new Philox(settings.seed(), step).child(what.ordinal());
    }

    private static void mirror(float[] image, int offset, int size, int width) {
        for (int row = offset; row < offset + size; row += width) {
            for (int i = 0; i < width / 2; i++) {
                float left = image[row + i];
                image[row + i] = image[row + width - 1 - i];
                image[row + width - 1 - i] = left;
            }
        }
    }

    /** The averaged parameters, with those that are not trained: what a model is saved with. */
    public Map<String, Tensor> averaged() {
        Map<String, Tensor> all = new LinkedHashMap<>(model.parameters());
        all.putAll(ema.shadow());
        return all;
    }

    /** Writes everything that resuming needs. */
    public void save(Path file) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        trained.forEach((name, t) -> all.put("parameter/" + name, t));
        ema.state().forEach((name, t) -> all.put("ema/" + name, t));
        optimiser.state().forEach((name, t) -> all.put("optimiser/" + name, t));
        all.put("step", Tensor.of(new long[] {step}, 1));
        Safetensors.write(file, all, Map.of());
    }

    /** Goes on from what {@link #save} wrote. */
    public void restore(Path file) {
        Map<String, Tensor> all = Safetensors.read(file);
        Tensor saved = all.get("step");
        if (saved == null || saved.dtype() != DType.I64) {
            throw new ModelException(file + ": not the state of a training run");
        }
        Map<String, Tensor> parameters = part(all, "parameter/");
        trained.forEach((name, t) -> {
            Tensor p = parameters.get(name);
            if (p == null || !p.shape().equals(t.shape())) {
                throw new ModelException(
                        file + ": the state is that of another model: tensor '" + name + "' is missing or differs");
            }
            t.assign(p);
        });
        ema.restore(part(all, "ema/"));
        optimiser.restore(part(all, "optimiser/"));
        step = saved.toLongs()[0];
    }

    private static Map<String, Tensor> part(Map<String, Tensor> all, String prefix) {
        Map<String, Tensor> part = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>(all.keySet());
        for (String key : keys) {
            if (key.startsWith(prefix)) {
                part.put(key.substring(prefix.length()), Objects.requireNonNull(all.get(key)));
            }
        }
        return part;
    }
}
