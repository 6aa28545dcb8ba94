package dev.canonica.models.diffusion;

import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/**
 * A class-conditional network as a {@link Denoiser}, with classifier-free guidance (Ho &amp; Salimans 2022): out(∅) + w (out(c) − out(∅)). With
 * w = 1 the null class is not computed.
 */
public final class GuidedDenoiser implements Denoiser {
    private final DenoisingModel model;
    private final long[] classes;
    private final double guidance;
    private final int guidedChannels;
    private final int nullClass;

    /**
     * A denoiser.
     *
     * @param classes one per sample
     * @param guidance w
     * @param guidedChannels the first so many channels are guided, the others come from the conditional half (DiT's own code: 3)
     * @param nullClass the class that stands for no condition
     */
    public GuidedDenoiser(DenoisingModel model, long[] classes, double guidance, int guidedChannels, int nullClass) {
        this.model = model;
        this.classes = classes.clone();
        this.guidance = guidance;
        this.guidedChannels = guidedChannels;
        this.nullClass = nullClass;
    }

    /** A denoiser without guidance. */
    public GuidedDenoiser(DenoisingModel model, long[] classes) {
        this(model, classes, 1, 0, model.nullClass());
    }

    @Override
    public Tensor predict(Tensor x, int timestep) {
        int b = x.dim(0);
        int channels = x.dim(1);
        if (guidance == 1 || guidedChannels == 0) {
            return firstChannels(run(x, timestep, classes), channels);
        }
        long[] both = Arrays.copyOf(classes, 2 * b);
        Arrays.fill(both, b, 2 * b, nullClass);
        Tensor out = firstChannels(run(Tensor.concatenate(0, x, x), timestep, both), channels);
        Tensor conditional = out.rows(0, b);
        Tensor unconditional = out.rows(b, 2 * b);
        int guided = Math.min(guidedChannels, channels);
        Tensor u = firstChannels(unconditional, guided);
        Tensor mixed = u.times(1 - guidance).accumulate(guidance, firstChannels(conditional, guided));
        return guided == channels ? mixed : Tensor.concatenate(1, mixed, conditional.slice(1, guided, channels));
    }

    private Tensor run(Tensor x, int timestep, long[] y) {
        double[] t = new double[x.dim(0)];
        Arrays.fill(t, timestep);
        return model.features(Var.constant(x), t, y, Probe.OUTPUT).value();
    }

    /** Networks that also predict the variance have it in the channels that follow. */
    private static Tensor firstChannels(Tensor x, int channels) {
        return x.dim(1) == channels ? x : x.slice(1, 0, channels);
    }
}
