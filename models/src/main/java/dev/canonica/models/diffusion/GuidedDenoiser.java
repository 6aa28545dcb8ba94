package dev.canonica.models.diffusion;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.FirstNonFinite;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A network under a condition as a {@link Denoiser}, with classifier-free guidance (Ho &amp; Salimans 2022): out(∅) + w (out(c) − out(∅)). With
 * w = 1 the half under no condition is not computed.
 */
public final class GuidedDenoiser implements Denoiser {
    private final DenoisingModel model;
    private final Condition condition;
    private final double[] guidance; // one per sample
    private final Inputs inputs;

    /**
     * A denoiser.
     *
     * @param condition of the samples; where there is guidance, with what stands for none
     * @param guidance w
     * @param guidedChannels the first so many channels are guided, the others come from the conditional half (DiT's own code: 3)
     * @throws dev.canonica.models.ModelException if w is not 1 and nothing stands for no condition
     */
    public GuidedDenoiser(DenoisingModel model, Condition condition, double guidance, int guidedChannels) {
        this(model, condition, repeated(guidance, condition.size()), guidedChannels);
    }

    /** As above, with a w for each sample. */
    public GuidedDenoiser(DenoisingModel model, Condition condition, double[] guidance, int guidedChannels) {
        this.model = model;
        this.condition = condition;
        this.guidance = guidance.clone();
        boolean guided = guidedChannels > 0 && Arrays.stream(guidance).anyMatch(w -> w != 1);
        model.check(condition);
        Map<String, Tensor> given = model.given(condition);
        List<Tensor> tensors = new ArrayList<>(given.values());
        if (guided) {
            model.check(condition.dropped());
            Map<String, Tensor> none = model.given(condition.dropped());
            tensors.clear();
            given.forEach((name, t) -> tensors.add(Tensor.concatenate(0, t, Objects.requireNonNull(none.get(name)))));
            tensors.add(Tensor.of(guidance, guidance.length, 1, 1, 1));
        }
        this.inputs = new Inputs(
                new Guided(model, List.copyOf(given.keySet()), guided ? guidedChannels : 0), List.copyOf(tensors));
    }

    /** A denoiser without guidance. */
    public GuidedDenoiser(DenoisingModel model, Condition condition) {
        this(model, condition, 1, 0);
    }

    @Override
    public Tensor predict(Tensor x, double time) {
        return inputs.work().predict(x, time, inputs.tensors());
    }

    @Override
    public String whyNotFinite(Tensor x, double time) {
        if (!Arrays.stream(guidance).allMatch(Double::isFinite)) {
            return "; guidance is " + Arrays.toString(guidance);
        }
        Tensor t = DenoisingModel.timeOfAll(time, x.dim(0));
        return FirstNonFinite.in(
                model.layers(),
                layer -> model.features(Var.constant(x), t, condition, layer).value());
    }

    /** What the network is given for the condition (and, with guidance, for no condition in a second half), and w where there is guidance. */
    @Override
    public Optional<Inputs> inputs() {
        return Optional.of(inputs);
    }

    /**
     * What is computed.
     *
     * @param names of what the network is given
     * @param guidedChannels 0 where the half under no condition is not computed
     */
    private record Guided(DenoisingModel model, List<String> names, int guidedChannels) implements Work {
        @Override
        public Tensor predict(Tensor x, double time, List<Tensor> tensors) {
            int b = x.dim(0);
            int channels = x.dim(1);
            if (guidedChannels == 0) {
                return firstChannels(run(x, time, tensors), channels);
            }
            Tensor out = firstChannels(run(Tensor.concatenate(0, x, x), time, tensors), channels);
            Tensor conditional = out.rows(0, b);
            Tensor unconditional = out.rows(b, 2 * b);
            int guided = Math.min(guidedChannels, channels);
            Tensor u = firstChannels(unconditional, guided);
            Tensor w = tensors.getLast().to(x.dtype());
            Tensor mixed = firstChannels(conditional, guided).minus(u).times(w).plus(u);
            return guided == channels ? mixed : Tensor.concatenate(1, mixed, conditional.slice(1, guided, channels));
        }

        private Tensor run(Tensor x, double time, List<Tensor> tensors) {
            Map<String, Tensor> given = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                given.put(names.get(i), tensors.get(i));
            }
            model.checkSample(x.shape());
            return model.predict(x, DenoisingModel.timeOfAll(time, x.dim(0)), given);
        }
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
