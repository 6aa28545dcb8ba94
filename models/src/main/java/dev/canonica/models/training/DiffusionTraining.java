package dev.canonica.models.training;

import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.learning.Decay;
import dev.canonica.learning.Trainer;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelFamilies;
import dev.canonica.tensor.io.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The training of a diffusion network: AdamW, a warm-up and half a cosine, clipping, and a moving average. */
public final class DiffusionTraining {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private DiffusionTraining() {}

    /**
     * A trainer at step 0.
     *
     * @param model its trained parameters are changed in place
     * @param sampler schedule and prediction
     */
    public static Trainer<DiffusionBatch> trainer(
            DenoisingModel model, SamplerConfig sampler, ImageSource data, TrainingSettings s) {
        Prediction prediction = Prediction.of(sampler.prediction());
        return Trainer.of(
                        new DiffusionObjective(model),
                        new DiffusionBatches(model, sampler.noiseSchedule(), prediction, data, s))
                .rate(s.learningRate())
                .clip(s.clip())
                .average(s.emaDecay())
                .with(w -> new AdamW(w, BETA1, BETA2, EPSILON, s.weightDecay()));
    }

    /**
     * What the results of a training depend on.
     *
     * @param initial which weights it begins from, in words
     */
    static Settings settings(
            DenoisingModel model, SamplerConfig sampler, TrainingData data, TrainingSettings s, String initial) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("seed", s.seed());
        values.put("batch", s.batch());
        values.put("rate", s.rate());
        if (s.decay().equals(Decay.COSINE)) {
            values.put("final-rate", s.finalRate());
        } else {
            values.put("decay", s.decay().toString());
        }
        values.put("warmup", s.warmup());
        values.put("weight-decay", s.weightDecay());
        values.put("clip", s.clip());
        values.put("ema-decay", s.emaDecay());
        values.put("label-dropout", s.labelDropout());
        values.put("flip", s.flip());
        values.put("schedule", sampler.schedule());
        values.put("beta-start", sampler.betaStart());
        values.put("beta-end", sampler.betaEnd());
        values.put("train-steps", sampler.trainSteps());
        values.put("prediction", sampler.prediction());
        values.put("initial weights", initial);
        ModelFamilies.configuration(model).forEach((name, value) -> values.put("model's " + name, setting(value)));
        values.put("type", model.dtype().toString());
        values.put("images and labels", data.digest());
        return Settings.of(values);
    }

    /** A value of a configuration; lists are compared as they are written. */
    private static Object setting(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
    }
}
