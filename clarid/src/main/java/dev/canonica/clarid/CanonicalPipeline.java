package dev.canonica.clarid;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * CLARID (arXiv 2506.09955) from images and conditions to one value that has all results:
 *
 * <pre>
 *   x_te = F_inv(x₀, c)          J ≈ U Σ Vᵀ at x_te          x̃_te = x_te without k of the directions V          x̃₀ = F_dec(x̃_te, c)
 *   features of x_tr, and of x̃ where it passes t_r on its way to x̃₀
 * </pre>
 *
 * <p>Inversion and Jacobian are under the condition alone; guidance is in decoding. An image's results do not depend on the others of its batch.
 *
 * @param method model, sampler, level, layer and decomposition
 * @param projection which directions are removed, and where
 * @param choice how many
 * @param guidance in decoding
 * @param features where features are taken; empty for none
 */
public record CanonicalPipeline(
        CanonicalExtraction method,
        Projection projection,
        KChoice choice,
        Guidance guidance,
        Optional<FeaturePoint> features) {
    /**
     * Where features are taken.
     *
     * @param layer whose
     * @param level of t_r, at most that of t_e
     */
    public record FeaturePoint(String layer, int level) {}

    /** The same with another form of the method, such as {@link MemoryNeed#fitting} gives. */
    public CanonicalPipeline with(CanonicalExtraction other) {
        return new CanonicalPipeline(other, projection, choice, guidance, features);
    }

    /** All results of images x₀ [B, C, H, W] (in the model's samples) under conditions c [B]. */
    public CanonicalBatch of(Tensor x0, Condition c) {
        Map<String, Tensor> taken = new LinkedHashMap<>();
        Tensor latent;
        if (features.isPresent()) {
            int tr = features.get().level();
            List<Tensor> both =
                    method.sampler().invert(method.denoiser(c), x0, new int[] {tr, method.level()}, method.inversion());
            take(features.get(), "original", both.getFirst(), c, taken);
            latent = both.getLast();
        } else {
            latent = method.invert(x0, c);
        }
        return of(latent, c, taken);
    }

    /** As {@link #of}, of latents x_te that are there already; without features of the originals. */
    public CanonicalBatch ofLatents(Tensor latent, Condition c) {
        return of(latent, c, new LinkedHashMap<>());
    }

    private CanonicalBatch of(Tensor latent, Condition c, Map<String, Tensor> taken) {
        List<RandomizedSvd.Triples> triples = method.directions(latent, c).samples();
        int[] k = triples.stream()
                .mapToInt(t -> choice.of(Elbow.of(t.sigma()).k()))
                .toArray();
        int[][] order = order(latent, c, triples);
        Tensor clarep = project(latent, triples, order, k);
        Tensor canonical = decode(clarep, c, k, taken);
        return new CanonicalBatch(latent, triples, order, k, clarep, canonical, taken);
    }

    /** The order in which each image's directions are removed [B][n]. */
    int[][] order(Tensor latent, Condition c, List<RandomizedSvd.Triples> triples) {
        return switch (projection) {
            case Projection.TopK(), Projection.Multistep() ->
                triples.stream()
                        .map(t -> IntStream.range(0, t.sigma().length).toArray())
                        .toArray(int[][]::new);
            case Projection.Selective() ->
                Arrays.stream(ClassEvidence.of(method, latent, c, triples))
                        .map(ClassEvidence::leastFirst)
                        .toArray(int[][]::new);
        };
    }

    /**
     * F_dec of latents at t_e: the model's samples, without any projection on the way.
     *
     * @param latent [B, C, H, W]
     */
    public Tensor decode(Tensor latent, Condition c) {
        return method.sampler().sample(denoiser(c), latent, method.level());
    }

    /**
     * F_dec of CLAReps with what the projection does on the way down.
     *
     * @param clarep latents at t_e, projected there [B, C, H, W]
     * @param k directions removed from each sample, at every level alike [B]
     */
    public Tensor decode(Tensor clarep, Condition c, int[] k) {
        return way(clarep, c, k, Map.of(), false);
    }

    private Tensor decode(Tensor clarep, Condition c, int[] k, Map<String, Tensor> taken) {
        return way(clarep, c, k, taken, features.isPresent());
    }

    private Tensor way(Tensor clarep, Condition c, int[] k, Map<String, Tensor> taken, boolean take) {
        Denoiser denoiser = denoiser(c);
        int at = method.level();
        int tr = take ? features.orElseThrow().level() : -1;
        Tensor x = clarep;
        for (int level : levelsAgain()) {
            if (level < tr && tr <= at) {
                x = method.sampler().descend(denoiser, x, at, tr);
                at = tr;
                take(features.orElseThrow(), "canonical", x, c, taken);
                tr = -1;
            }
            x = method.sampler().descend(denoiser, x, at, level);
            at = level;
            List<RandomizedSvd.Triples> here =
                    method.atLevel(level).directions(x, c).samples();
            x = CanonicalExtraction.project(x, here, k);
        }
        if (tr < 0) {
            return method.sampler().sample(denoiser, x, at);
        }
        FeaturePoint point = features.orElseThrow();
        return method.sampler().sample(denoiser, x, at, (level, passing) -> {
            if (level == point.level()) {
                take(point, "canonical", passing, c, taken);
            }
        });
    }

    private List<Integer> levelsAgain() {
        return switch (projection) {
            case Projection.TopK(), Projection.Selective() -> List.of();
            case Projection.Multistep() -> Projection.Multistep.levelsAgain(method.level());
        };
    }

    private Denoiser denoiser(Condition c) {
        return guidance.of(method.model(), c);
    }

    /** Features under the condition, and under none where the model knows what stands for that: the former know the label, which clusters must not. */
    private void take(FeaturePoint point, String name, Tensor x, Condition c, Map<String, Tensor> taken) {
        DenoisingModel model = method.model();
        Tensor t = DenoisingModel.timeOfAll(method.sampler().time(point.level()), c.size());
        Var input = Var.constant(x);
        taken.put("features/" + name, model.features(input, t, c, point.layer()).value());
        if (model.canDrop(c)) {
            taken.put(
                    "unconditional/" + name,
                    model.features(input, t, c.dropped(), point.layer()).value());
        }
    }

    /** Latents without the first k[b] directions of each sample in its order. */
    static Tensor project(Tensor latent, List<RandomizedSvd.Triples> triples, int[][] order, int[] k) {
        Tensor[] parts = new Tensor[k.length];
        for (int b = 0; b < k.length; b++) {
            double[][] v = triples.get(b).v();
            double[][] ordered = Arrays.stream(order[b]).mapToObj(i -> v[i]).toArray(double[][]::new);
            parts[b] = Projection.remove(latent.rows(b, b + 1), ordered, k[b]);
        }
        return Tensor.concatenate(0, parts);
    }
}
