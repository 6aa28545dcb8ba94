package dev.canonica.models.diffusion;

import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import java.util.OptionalInt;

/**
 * Classifier-free guidance as a setting: {@link GuidedDenoiser} says what it computes.
 *
 * @param w its weight; 1 for none
 * @param channels the first so many channels are guided; {@link Integer#MAX_VALUE} for all
 * @param nullClass a class that stands for no condition; empty for what does so to the model
 */
public record Guidance(double w, int channels, OptionalInt nullClass) {
    /** Without guidance. */
    public static final Guidance NONE = new Guidance(1, Integer.MAX_VALUE, OptionalInt.empty());

    /** Whether there is any. */
    public boolean isOn() {
        return w != 1;
    }

    /** The model as a denoiser of samples under a condition. */
    public Denoiser of(DenoisingModel model, Condition condition) {
        return new GuidedDenoiser(
                model, nullClass.isPresent() ? condition.otherwise(nullClass.getAsInt()) : condition, w, channels);
    }
}
