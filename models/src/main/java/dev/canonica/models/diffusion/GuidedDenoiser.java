package dev.canonica.models.diffusion;

import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.FirstNonFinite;
import dev.canonica.models.Probe;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A class-conditional network as a {@link Denoiser}, with classifier-free guidance (Ho &amp; Salimans 2022): out(∅) + w (out(c) − out(∅)). With
 * w = 1 the null class is not computed.
 */
public final class GuidedDenoiser implements Denoiser {
    private final DenoisingModel model;
    private final long[] classes;
    private final double[] guidance; // one per sample
    private final int guidedChannels;
    private final long[]
            both; // the classes, and for each the one that stands for no condition; without guidance, itself

    /**
     * A denoiser.
     *
     * @param classes one per sample
     * @param guidance w
     * @param guidedChannels the first so many channels are guided, the others come from the conditional half (DiT's own code: 3)
     * @param nullClass the class that stands for no condition
     */
    public GuidedDenoiser(DenoisingModel model, long[] classes, double guidance, int guidedChannels, int nullClass) {
        this(
                model,
                classes,
                repeated(guidance, classes.length),
                guidedChannels,
                Arrays.stream(classes).map(y -> nullClass).toArray());
    }

    /** As above, with the model's own class for no condition. */
    public GuidedDenoiser(DenoisingModel model, long[] classes, double guidance, int guidedChannels) {
        this(model, classes, repeated(guidance, classes.length), guidedChannels);
    }

    /**
     * As above, with a w for each sample.
     *
     * @throws dev.canonica.models.ModelException if a w is not 1 and the model has no class that stands for no condition
     */
    public GuidedDenoiser(DenoisingModel model, long[] classes, double[] guidance, int guidedChannels) {
        this(
                model,
                classes,
                guidance,
                guidedChannels,
                isGuided(guidance, guidedChannels) ? model.nullClasses(classes) : classes);
    }

    private GuidedDenoiser(
            DenoisingModel model, long[] classes, double[] guidance, int guidedChannels, long[] unconditional) {
        this.model = model;
        this.classes = classes.clone();
        this.guidance = guidance.clone();
        this.guidedChannels = guidedChannels;
        this.both = Arrays.copyOf(classes, 2 * classes.length);
        System.arraycopy(unconditional, 0, both, classes.length, classes.length);
    }

    /** A denoiser without guidance. */
    public GuidedDenoiser(DenoisingModel model, long[] classes) {
        this(model, classes, 1, 0);
    }

    @Override
    public Tensor predict(Tensor x, double time) {
        int b = x.dim(0);
        int channels = x.dim(1);
        if (!isGuided()) {
            return firstChannels(run(x, time, classes), channels);
        }
        Tensor out = firstChannels(run(Tensor.concatenate(0, x, x), time, both), channels);
        Tensor conditional = out.rows(0, b);
        Tensor unconditional = out.rows(b, 2 * b);
        int guided = Math.min(guidedChannels, channels);
        Tensor u = firstChannels(unconditional, guided);
        Tensor w = Tensor.of(guidance, b, 1, 1, 1).to(x.dtype());
        Tensor mixed = firstChannels(conditional, guided).minus(u).times(w).plus(u);
        return guided == channels ? mixed : Tensor.concatenate(1, mixed, conditional.slice(1, guided, channels));
    }

    @Override
    public String whyNotFinite(Tensor x, double time) {
        if (!Arrays.stream(guidance).allMatch(Double::isFinite)) {
            return "; guidance is " + Arrays.toString(guidance);
        }
        double[] t = new double[x.dim(0)];
        Arrays.fill(t, time);
        return FirstNonFinite.in(
                model.layers(),
                layer -> model.features(Var.constant(x), t, classes, layer).value());
    }

    private boolean isGuided() {
        return isGuided(guidance, guidedChannels);
    }

    private static boolean isGuided(double[] guidance, int guidedChannels) {
        return guidedChannels > 0 && Arrays.stream(guidance).anyMatch(w -> w != 1);
    }

    /** The classes, and the guidance where there is any. */
    @Override
    public Optional<Condition> condition() {
        model.checkClasses(isGuided() ? both : classes);
        return Optional.of(
                isGuided()
                        ? new Condition(new Work(model, guidedChannels), List.of(both, guidance))
                        : new Condition(new Work(model, 0), List.of(classes)));
    }

    /** What is computed: the model, and how many channels are guided, 0 where the null class is not computed. */
    private record Work(DenoisingModel model, int guidedChannels) {}

    private Tensor run(Tensor x, double time, long[] y) {
        double[] t = new double[x.dim(0)];
        Arrays.fill(t, time);
        return model.features(Var.constant(x), t, y, Probe.OUTPUT).value();
    }

    private static double[] repeated(double w, int n) {
        double[] all = new double[n];
        Arrays.fill(all, w);
        return all;
    }

    /** Networks that also predict the variance have it in the channels that follow. */
    private static Tensor firstChannels(Tensor x, int channels) {
        return x.dim(1) == channels ? x : x.slice(1, 0, channels);
    }
}
