package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;

/** What a network predicts; each is a linear combination of x₀ and ε at a given ᾱ, and so are its inverses. */
public enum Prediction {
    /** The noise ε (Ho et al., 2020). */
    EPSILON,
    /** v = √ᾱ ε − √(1 − ᾱ) x₀ (Salimans &amp; Ho 2022). */
    V_PREDICTION,
    /** x₀ itself. */
    SAMPLE;

    /** By the names of the command line. */
    public static Prediction of(String name) {
        return switch (name) {
            case "epsilon" -> EPSILON;
            case "v_prediction" -> V_PREDICTION;
            case "sample" -> SAMPLE;
            default ->
                throw new ModelException("prediction '" + name + "' is not one of epsilon, v_prediction, sample");
        };
    }

    /**
     * x̂₀ = p x + q out and ε̂ = r x + s out, for a network's output at ᾱ. What the output says nothing of, there being no noise in x (ε̂ of x̂₀ at
     * ᾱ = 1) or nothing but noise (x̂₀ of ε̂ at ᾱ = 0), is 0: see {@link #undetermined}.
     */
    private double[] coefficients(double alphaBar) {
        double a = Math.sqrt(alphaBar);
        double b = Math.sqrt(1 - alphaBar);
        if (this == EPSILON && a == 0) {
            return new double[] {0, 0, 0, 1};
        }
        if (this == SAMPLE && b == 0) {
            return new double[] {0, 1, 0, 0};
        }
        return switch (this) {
            case EPSILON -> new double[] {1 / a, -b / a, 0, 1};
            case V_PREDICTION -> new double[] {a, -b, b, a};
            case SAMPLE -> new double[] {0, 1, 1 / b, -a / b};
        };
    }

    /**
     * Why a step cannot be taken: where ε̂ = (x − √ᾱ x̂₀) / √(1 − ᾱ) is needed of an x without noise, or x̂₀ = (x − √(1 − ᾱ) ε̂) / √ᾱ of an x
     * without signal. Neither has a limit there, unless the network is exact. Empty where the step can be taken: also from there to the very same ᾱ.
     *
     * @param from ᾱ of x
     * @param to ᾱ of the result
     */
    String undetermined(double from, double to) {
        if (this == SAMPLE && from == 1 && to < 1) {
            return "an image without noise says nothing of the noise to add; --inversion guided, or a schedule that does not"
                    + " end at ᾱ = 1 (--set-alpha-to-one false), has a step that is determined";
        }
        if (this == EPSILON && from == 0 && to > 0) {
            return "noise without signal says nothing of the image; a schedule of zero terminal SNR needs v_prediction or"
                    + " sample, or a spacing that leaves its last timestep out";
        }
        return "";
    }

    /**
     * A DDIM step with η = 0 (Song et al., 2021, equation 12), in either direction: x_s = √ᾱ_s x̂₀ + √(1 − ᾱ_s) ε̂.
     *
     * @param x at ᾱ {@code from}
     * @param output the network's prediction
     */
    public Tensor step(Tensor x, Tensor output, double from, double to) {
        double[] c = coefficients(from);
        double a = Math.sqrt(to);
        double b = Math.sqrt(1 - to);
        return x.times(a * c[0] + b * c[2]).accumulate(a * c[1] + b * c[3], output);
    }

    /**
     * As {@link #step(Tensor, Tensor, double, double)} with x̂₀ held within [−clip, clip] and ε̂ as it is: {@code clip_sample} of diffusers'
     * {@code DDIMScheduler}.
     */
    Tensor step(Tensor x, Tensor output, double from, double to, double clip) {
        if (clip == Double.POSITIVE_INFINITY) {
            return step(x, output, from, to);
        }
        double[] c = coefficients(from);
        Tensor clean = clean(x, output, from)
                .zip(Binary.MIN, Tensor.scalar(x.dtype(), clip))
                .zip(Binary.MAX, Tensor.scalar(x.dtype(), -clip));
        double b = Math.sqrt(1 - to);
        return clean.times(Math.sqrt(to)).accumulate(b * c[2], x).accumulate(b * c[3], output);
    }

    /** x̂₀ of a network's output at ᾱ. */
    public Tensor clean(Tensor x, Tensor output, double alphaBar) {
        double[] c = coefficients(alphaBar);
        return x.times(c[0]).accumulate(c[1], output);
    }

    /** What the network should have predicted, for training. */
    public double[] target(double alphaBar) {
        double a = Math.sqrt(alphaBar);
        double b = Math.sqrt(1 - alphaBar);
        return switch (this) {
            case EPSILON -> new double[] {0, 1};
            case V_PREDICTION -> new double[] {-b, a};
            case SAMPLE -> new double[] {1, 0};
        };
    }
}
