package dev.canonica.clarid;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import dev.canonica.tensor.operation.NonFiniteException;
import java.util.List;

/**
 * CLARID (arXiv 2506.09955) on a conditional model, for a batch of images:
 *
 * <pre>
 *   x_te = F_inv(x₀, c)          J = ∂f_layer/∂x at (x_te, τ_m, c)          J ≈ U Σ Vᵀ
 *   x̃_te = (I − V_k V_kᵀ) x_te          x̃₀ = F_dec(x̃_te, c)
 * </pre>
 *
 * @param model the diffusion model
 * @param sampler levels and prediction
 * @param level m, the level of the latent: {@link Sampler#at} of t_e
 * @param inversion where an inversion step asks the network
 * @param layer whose features are differentiated; {@link #CLEAN} or {@link #DIFFERENCE} for what the model expects instead
 * @param svd how the decomposition is computed
 * @param rematerialise whether the network's blocks are computed again for each product with the Jacobian, and only their inputs are kept
 */
public record CanonicalExtraction(
        DenoisingModel model,
        Sampler sampler,
        int level,
        DdimSampler.Inversion inversion,
        String layer,
        RandomizedSvd svd,
        boolean rematerialise) {
    /** In place of a layer: x̂₀, the image that the model expects of the latent under the condition. */
    public static final String CLEAN = "x0";

    /** In place of a layer: x̂₀ under the condition less x̂₀ under none. */
    public static final String DIFFERENCE = "difference";

    /**
     * Checks the layer.
     *
     * @throws dev.canonica.models.ModelException if the model has no such layer
     */
    public CanonicalExtraction {
        if (!layer.equals(CLEAN) && !layer.equals(DIFFERENCE)) {
            new Probe(layer).checked(model.layers());
        }
    }

    /** An extraction that keeps a network's intermediate values for its Jacobian. */
    public CanonicalExtraction(
            DenoisingModel model,
            Sampler sampler,
            int level,
            DdimSampler.Inversion inversion,
            String layer,
            RandomizedSvd svd) {
        this(model, sampler, level, inversion, layer, svd, false);
    }

    /** The same at another level. */
    public CanonicalExtraction atLevel(int other) {
        return new CanonicalExtraction(model, sampler, other, inversion, layer, svd, rematerialise);
    }

    /** The same with less memory and more time. */
    public CanonicalExtraction rematerialising() {
        return new CanonicalExtraction(model, sampler, level, inversion, layer, svd, true);
    }

    /** F_inv: the latents of images x₀ [B, C, H, W] under conditions c [B]. */
    public Tensor invert(Tensor x0, Condition c) {
        return sampler.invert(denoiser(c), x0, level, inversion);
    }

    /** The model as a denoiser under a condition, without guidance. */
    public Denoiser denoiser(Condition c) {
        return new GuidedDenoiser(model, c);
    }

    /** The extraneous directions at latents: singular triples of the Jacobian of the layer's features. */
    public RandomizedSvd.Result directions(Tensor latent, Condition c) {
        try (Scope scope = Scope.open()) {
            return svd.solve(jacobian(latent, c));
        }
    }

    /** J at latents, of features that are finite. */
    LinearOperator jacobian(Tensor latent, Condition c) {
        Linearization l = linearize(latent, c);
        if (!Finite.all(l.value())) {
            throw new NonFiniteException("features: layer '%s' at %s %s%s"
                    .formatted(
                            layer,
                            sampler.timeInWords(level),
                            Finite.describe(l.value()),
                            denoiser(c).whyNotFinite(latent, sampler.time(level))));
        }
        return LinearOperator.jacobian(l, latent.shape());
    }

    /** The features' value and derivative at latents. */
    public Linearization linearize(Tensor latent, Condition c) {
        Tensor t = DenoisingModel.timeOfAll(sampler.time(level), c.size());
        Weights w = Weights.constant(model.parameters());
        Weights used = rematerialise ? w.rematerialising() : w;
        return Autodiff.linearize(x -> differentiated(used, x, t, c), latent);
    }

    private Var differentiated(Weights w, Var x, Tensor t, Condition c) {
        return switch (layer) {
            case CLEAN -> clean(w, x, t, c);
            case DIFFERENCE -> clean(w, x, t, c).minus(clean(w, x, t, c.dropped()));
            default -> model.forward(w, x, t, c, layer);
        };
    }

    /** x̂₀, which is linear in the latent and in what the network predicts. */
    private Var clean(Weights w, Var x, Tensor t, Condition c) {
        Var output = model.forward(w, x, t, c, Probe.OUTPUT);
        Var first = output.dim(1) == x.dim(1) ? output : output.slice(1, 0, x.dim(1)); // without a predicted variance
        return x.times(coefficient(1, 0)).plus(first.times(coefficient(0, 1)));
    }

    private double coefficient(double x, double output) {
        try (Scope _ = Scope.open()) {
            return sampler.clean(Tensor.of(new double[] {x}, 1), Tensor.of(new double[] {output}, 1), level)
                    .toDoubles()[0];
        }
    }

    /** The same of another layer. */
    CanonicalExtraction ofLayer(String other) {
        return new CanonicalExtraction(model, sampler, level, inversion, other, svd, rematerialise);
    }

    /**
     * CLAReps: latents without the first k[b] directions of each sample.
     *
     * @return [B, C, H, W]
     */
    public static Tensor project(Tensor latent, List<RandomizedSvd.Triples> triples, int[] k) {
        Tensor[] parts = new Tensor[k.length];
        for (int b = 0; b < k.length; b++) {
            parts[b] = Projection.remove(latent.rows(b, b + 1), triples.get(b).v(), k[b]);
        }
        return Tensor.concatenate(0, parts);
    }
}
