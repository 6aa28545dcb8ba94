package dev.canonica.models.diffusion;

import dev.canonica.models.DenoisingModel;
import java.util.OptionalInt;

/**
 * Classifier-free guidance as a setting: {@link GuidedDenoiser} says what it computes.
 *
 * @param w its weight; 1 for none
 * @param channels the first so many channels are guided; {@link Integer#MAX_VALUE} for all
 * @param nullClass the class that stands for no condition; empty for the model's own
 */
public record Guidance(double w, int channels, OptionalInt nullClass) {
    /** Without guidance. */
    public static final Guidance NONE = new Guidance(1, Integer.MAX_VALUE, OptionalInt.empty());

    /** Whether there is any. */
    public boolean isOn() {
        return w != 1;
    }

    /** The model as a denoiser for classes, one per sample. */
    public Denoiser of(DenoisingModel model, long[] classes) {
        return nullClass.isPresent()
                ? new GuidedDenoiser(model, classes, w, channels, nullClass.getAsInt())
                : new GuidedDenoiser(model, classes, w, channels);
    }
}
