package dev.canonica.models.training;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.Course;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ClassNames;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import dev.canonica.tensor.operation.Finite;
import dev.canonica.tensor.operation.NonFiniteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The training of a diffusion network in a folder: the state to go on from, and, made from it, the model with the moving average of the parameters and the
 * course of the loss ({@code loss.csv}). Where it is measured, also {@code last/}, which is that model, {@code best/}, the one whose measured loss was least, {@code
 * metrics.csv} with a row a measurement, and {@code results.json}.
 *
 * @param model its trained parameters are changed in place
 * @param sampler schedule and prediction, written beside the model
 * @param initial which weights the model has, in words that tell them from others
 * @param data labelled images
 * @param settings how it is trained
 * @param out the folder
 * @param weights type of the model's file
 * @param validation what it is measured on
 */
public record DiffusionRun(
        DenoisingModel model,
        SamplerConfig sampler,
        String initial,
        TrainingData data,
        TrainingSettings settings,
        Path out,
        DType weights,
        Optional<Validation> validation) {
    /** The name of the state's file. */
    public static final String STATE = "training.safetensors";

    /** The name of the file with the course of the loss. */
    public static final String LOSSES = "loss.csv";

    /** The folder of the model whose measured loss was least. */
    public static final String BEST = "best";

    /** The folder of the newest model. */
    public static final String LAST = "last";

    /** Of the course: mean of the steps' losses since the row before. */
    public static final String TRAINED = "loss";

    /** Of the course: the loss that is measured. */
    public static final String MEASURED = "validation_loss";

    private static final String IMAGES = "images";
    private static final List<String> COLUMNS = List.of("step", IMAGES, "rate", TRAINED, MEASURED);

    /** A run that is not measured. */
    public DiffusionRun(
            DenoisingModel model,
            SamplerConfig sampler,
            String initial,
            TrainingData data,
            TrainingSettings settings,
            Path out,
            DType weights) {
        this(model, sampler, initial, data, settings, out, weights, Optional.empty());
    }

    /** Makes more of what was saved, as {@link TrainingRun#publishing} asks. */
    @FunctionalInterface
    public interface Publisher {
        /**
         * Makes it.
         *
         * @param settings what the results depend on
         */
        void publish(TrainingRun.Snapshot snapshot, Course course, Settings settings);
    }

    /**
     * The training, or what is left of it, ready to run.
     *
     * @throws ModelException if the folder holds a model and no training that it could be from, or the images do not suit the network
     */
    public TrainingRun prepare(Cadence cadence, TrainingRun.Listener listener) {
        return prepare(cadence, listener, (snapshot, course, settings) -> {});
    }

    /**
     * As {@link #prepare(Cadence, TrainingRun.Listener)}.
     *
     * @param more makes more of each state, where it is measured
     */
    public TrainingRun prepare(Cadence cadence, TrainingRun.Listener listener, Publisher more) {
        Trainer<DiffusionBatch> trainer = DiffusionTraining.trainer(model, sampler, data.images(), settings);
        Path state = out.resolve(STATE);
        if (!Files.exists(state) && Files.exists(out.resolve(ModelDirectory.WEIGHTS))) {
            throw new ModelException(out + ": holds a model, and no " + STATE
                    + " to go on from, so that it would be lost; give another folder");
        }
        Settings fixed = DiffusionTraining.settings(model, sampler, data, settings, initial)
                .with(validation.map(Validation::settings).orElse(Settings.NONE));
        TrainingRun run = new TrainingRun(trainer, state, settings.steps())
                .settings(fixed)
                .changeable(Settings.of(Map.of(
                        IMAGES, settings.images(), "device", Device.byDefault().toString())))
                .saving(cadence)
                .listener(listener);
        if (validation.isEmpty()) {
            return run.publishing(this::publish);
        }
        Course course = course(validation.get());
        return run.evaluating(validation.get().every(), course).publishing(s -> {
            publish(s);
            publish(s, course);
            more.publish(s, course, fixed);
        });
    }

    private Course course(Validation on) {
        LearningRate rate = settings.learningRate();
        DenoisingLoss loss = new DenoisingLoss(
                model, sampler.noiseSchedule(), Prediction.of(sampler.prediction()), on.images(), settings.seed());
        return Course.least(COLUMNS, MEASURED, (step, trained, weights) ->
                        new double[] {step, step * settings.batch(), rate.at(step - 1), trained, loss.of(weights)})
                .patience(on.patience());
    }

    private void publish(TrainingRun.Snapshot snapshot) {
        save(out, snapshot.step(), snapshot.weights());
        AtomicFiles.write(out.resolve(LOSSES), snapshot.log().csv());
    }

    private void publish(TrainingRun.Snapshot snapshot, Course course) {
        save(out.resolve(LAST), snapshot.step(), snapshot.weights());
        int best = course.bestIndex();
        if (best >= 0) {
            save(out.resolve(BEST), (long) course.rows().get(best)[0], course.best());
        }
        AtomicFiles.write(out.resolve("metrics.csv"), course.csv());
        AtomicFiles.write(out.resolve("results.json"), JsonText.write(results(snapshot, course)));
    }

    private Map<String, Object> results(TrainingRun.Snapshot snapshot, Course course) {
        Validation on = validation.orElseThrow();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("steps", snapshot.step());
        all.put("steps_in_all", settings.steps());
        all.put("ended", snapshot.ended());
        all.put("validation", on.title());
        all.put("validation_images", on.images().size());
        all.put("held_out", on.heldOut());
        int best = course.bestIndex();
        if (best >= 0) {
            all.put(BEST, row(course, course.rows().get(best)));
            all.put(LAST, row(course, course.rows().getLast()));
        }
        return all;
    }

    /** A row by its columns; what is not finite, as the loss of weights beyond the range of their type, is left out. */
    private static Map<String, Object> row(Course course, double[] row) {
        Map<String, Object> one = new LinkedHashMap<>();
        for (int i = 0; i < row.length; i++) {
            if (Double.isFinite(row[i])) {
                one.put(course.columns().get(i), i < 2 ? (Object) (long) row[i] : (Object) row[i]);
            }
        }
        return one;
    }

    private void save(Path folder, long step, Map<String, Tensor> trained) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("trained_on", data.name());
        metadata.put("step", Long.toString(step));
        metadata.put(IMAGES, Long.toString(step * settings.batch()));
        metadata.put(ModelDirectory.CLASSES, ClassNames.text(data.classes()));
        metadata.put("seed", Long.toString(settings.seed()));
        Map<String, Tensor> all = new LinkedHashMap<>(model.parameters());
        all.putAll(trained);
        Map<String, Tensor> stored = StateDict.converted(all, weights);
        if (weights != DType.F32) {
            stored.forEach((name, t) -> {
                if (!Finite.all(t.to(DType.F32))) {
                    throw new NonFiniteException(name + ": has a value beyond the range of "
                            + weights.name().toLowerCase(Locale.ROOT) + "; the weights must be saved as f32");
                }
            });
        }
        ModelDirectory.save(folder, model, Optional.of(sampler), stored, metadata);
    }
}
