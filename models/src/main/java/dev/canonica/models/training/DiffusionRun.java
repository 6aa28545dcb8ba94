package dev.canonica.models.training;

import dev.canonica.learning.Cadence;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Settings;
import dev.canonica.tensor.operation.Finite;
import dev.canonica.tensor.operation.NonFiniteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The training of a diffusion network in a folder: the state to go on from, and, made from it, the model with the moving average of the parameters and the
 * course of the loss ({@code loss.csv}).
 *
 * @param model its trained parameters are changed in place
 * @param sampler schedule and prediction, written beside the model
 * @param initial which weights the model has, in words that tell them from others
 * @param data labelled images
 * @param settings how it is trained
 * @param out the folder
 * @param weights type of the model's file
 */
public record DiffusionRun(
        DenoisingModel model,
        SamplerConfig sampler,
        String initial,
        TrainingData data,
        TrainingSettings settings,
        Path out,
        DType weights) {
    /** The name of the state's file. */
    public static final String STATE = "training.safetensors";

    /** The name of the file with the course of the loss. */
    public static final String LOSSES = "loss.csv";

    private static final String IMAGES = "images";

    /**
     * The training, or what is left of it, ready to run.
     *
     * @throws ModelException if the folder holds a model and no training that it could be from, or the images do not suit the network
     */
    public TrainingRun prepare(Cadence cadence, TrainingRun.Listener listener) {
        Trainer<DiffusionBatch> trainer = DiffusionTraining.trainer(model, sampler, data.images(), settings);
        Path state = out.resolve(STATE);
        if (!Files.exists(state) && Files.exists(out.resolve(ModelDirectory.WEIGHTS))) {
            throw new ModelException(out + ": holds a model, and no " + STATE
                    + " to go on from, so that it would be lost; give another folder");
        }
        return new TrainingRun(trainer, state, settings.steps())
                .settings(DiffusionTraining.settings(model, sampler, data, settings, initial))
                .changeable(Settings.of(Map.of(
                        IMAGES, settings.images(), "device", Device.byDefault().toString())))
                .saving(cadence)
                .publishing(this::publish)
                .listener(listener);
    }

    private void publish(TrainingRun.Snapshot snapshot) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("trained_on", data.name());
        metadata.put("step", Long.toString(snapshot.step()));
        metadata.put(IMAGES, Long.toString(snapshot.step() * settings.batch()));
        metadata.put(ModelDirectory.CLASSES, String.join(",", data.classes()));
        metadata.put("seed", Long.toString(settings.seed()));
        Map<String, Tensor> all = new LinkedHashMap<>(model.parameters());
        all.putAll(snapshot.weights());
        Map<String, Tensor> stored = StateDict.converted(all, weights);
        if (weights != DType.F32) {
            stored.forEach((name, t) -> {
                if (!Finite.all(t.to(DType.F32))) {
                    throw new NonFiniteException(name + ": has a value beyond the range of "
                            + weights.name().toLowerCase(Locale.ROOT) + "; the weights must be saved as f32");
                }
            });
        }
        ModelDirectory.save(out, model, Optional.of(sampler), stored, metadata);
        AtomicFiles.write(out.resolve(LOSSES), snapshot.log().csv());
    }
}
