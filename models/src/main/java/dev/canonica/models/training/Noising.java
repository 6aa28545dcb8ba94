package dev.canonica.models.training;

import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Prediction;

/** Images [n values each] with noise, and what a network should make of them: x_t = √ᾱ_t x₀ + √(1 − ᾱ_t) ε, target of x₀ and ε as the {@link Prediction} says. */
record Noising(NoiseSchedule schedule, Prediction prediction) {
    /**
     * Writes an image's noisy values and target.
     *
     * @param t timestep
     * @param images x₀
     * @param noise ε
     * @param from where the image begins in all four arrays
     * @param size its values
     */
    void apply(int t, float[] images, double[] noise, int from, int size, float[] noisy, float[] target) {
        double a = Math.sqrt(schedule.alphaBar(t));
        double b = Math.sqrt(1 - schedule.alphaBar(t));
        double[] c = prediction.target(schedule.alphaBar(t));
        for (int j = from; j < from + size; j++) {
            noisy[j] = (float) (a * images[j] + b * noise[j]);
            target[j] = (float) (c[0] * images[j] + c[1] * noise[j]);
        }
    }
}
