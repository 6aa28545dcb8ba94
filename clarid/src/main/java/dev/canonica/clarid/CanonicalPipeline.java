package dev.canonica.clarid;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.metrics.Elbow;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * CLARID (arXiv 2506.09955) from images and conditions to one value that has all results:
 *
 * <pre>
 *   x_te = F_inv(x₀, c)          J ≈ U Σ Vᵀ at x_te          x̃_te = x_te without k of the directions V          x̃₀ = F_dec(x̃_te, c)
 *   features of x_tr, and of x̃ where it passes t_r on its way to x̃₀, or of x̃₀ brought there by another way
 * </pre>
 *
 * <p>Inversion and Jacobian are under the condition alone; guidance is in decoding. An image's results do not depend on the others of its batch.
 *
 * @param method model, sampler, level, layer and decomposition
 * @param projection which directions are removed, and where
 * @param replacement what comes in their place
 * @param choice how many; of no effect on a {@linkplain Projection.Soft soft projection}
 * @param guidance in decoding
 * @param features where features are taken; empty for none
 */
public record CanonicalPipeline(
        CanonicalExtraction method,
        Projection projection,
        Replacement replacement,
        KChoice choice,
        Guidance guidance,
        Optional<FeaturePoint> features) {
    /** A pipeline that puts nothing in the place of what it removes. */
    public CanonicalPipeline(
            CanonicalExtraction method,
            Projection projection,
            KChoice choice,
            Guidance guidance,
            Optional<FeaturePoint> features) {
        this(method, projection, Replacement.NOTHING, choice, guidance, features);
    }

    /**
     * Where features are taken. Those of the images themselves are of their inversion, whatever the way of their canonical samples.
     *
     * @param layer whose
     * @param level of t_r, at most that of t_e
     * @param way by which canonical samples have a latent there
     */
    public record FeaturePoint(String layer, int level, FeatureWay way) {
        /** A point on the way of decoding. */
        public FeaturePoint(String layer, int level) {
            this(layer, level, FeatureWay.DECODING);
        }

        /** Features of a layer at t_r, or at t_e where that is earlier, on the way of decoding. */
        public static FeaturePoint of(String layer, Sampler sampler, double tr, double te) {
            return new FeaturePoint(layer, Math.min(sampler.at(tr), sampler.at(te)));
        }

        /** The same by another way. */
        public FeaturePoint by(FeatureWay other) {
            return new FeaturePoint(layer, level, other);
        }

        private boolean isPassedAt(int passed) {
            return way == FeatureWay.DECODING && level == passed;
        }
    }

    /**
     * Checks the layer of the features.
     *
     * @throws dev.canonica.models.ModelException if the model has no such layer
     */
    public CanonicalPipeline {
        features.ifPresent(
                point -> new Probe(point.layer()).checked(method.model().layers()));
    }

    /** t_e, as a fraction of the steps, where neither a model nor anybody else says one. */
    public static final double TE = 0.8;

    /** Directions computed, which k is chosen of, where nobody says how many: the paper's n. */
    public static final int RANK = 10;

    /**
     * The method on a model by the setting that comes with it ({@link OwnSetting}), for images [B, C, H, W] in the model's samples, without guidance and without features kept.
     *
     * <pre>
     *   CanonicalPipeline clarid = CanonicalPipeline.read(Path.of("demo/model"), DType.F32, 50);
     *   Tensor canonical = clarid.of(image.toTensor(), Condition.classes(3)).canonical();
     * </pre>
     *
     * @param folder of a class-conditional diffusion model; a setting without t_e has {@link #TE}, one without projection the paper's
     * @param steps of the sampler
     * @throws dev.canonica.models.ModelException if there is no such model, or no setting that names a layer
     */
    public static CanonicalPipeline read(Path folder, DType dtype, int steps) {
        OwnSetting own = OwnSetting.of(folder);
        String layer = own.layer()
                .orElseThrow(() -> new ModelException(folder.resolve(OwnSetting.FILE)
                        + ": names no layer whose features are differentiated, such as \"layer\": \"blocks.2\""));
        DenoisingModel model = ModelDirectory.load(folder, dtype);
        Sampler sampler = ModelSamplers.of(folder, model, steps);
        Projection projection = own.projection().orElseGet(Projection.TopK::new).fitting(model);
        CanonicalExtraction method = new CanonicalExtraction(
                model,
                sampler,
                sampler.at(own.te().orElse(TE)),
                DdimSampler.Inversion.GUIDED,
                layer,
                RandomizedSvd.ofRank(RANK));
        return new CanonicalPipeline(
                method, projection, own.replacement(), KChoice.ADAPTIVE, Guidance.NONE, Optional.empty());
    }

    /** The same with another form of the method, such as {@link MemoryNeed#fitting} gives. */
    public CanonicalPipeline with(CanonicalExtraction other) {
        return new CanonicalPipeline(other, projection, replacement, choice, guidance, features);
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
        return of(new LatentAnalysis(method, x0, latent, c), c, taken);
    }

    /**
     * As {@link #of}, of latents x_te that are there already; without features of the originals.
     *
     * @param x0 the images that they are of
     */
    public CanonicalBatch ofLatents(Tensor x0, Tensor latent, Condition c) {
        return ofLatents(new LatentAnalysis(method, x0, latent, c), c);
    }

    /**
     * As above, of what is known of latents already: pipelines of one method share decompositions and maps.
     *
     * @param analysis by this pipeline's method, under the conditions c
     */
    public CanonicalBatch ofLatents(LatentAnalysis analysis, Condition c) {
        return of(analysis, c, new LinkedHashMap<>());
    }

    private CanonicalBatch of(LatentAnalysis analysis, Condition c, Map<String, Tensor> taken) {
        List<RandomizedSvd.Triples> triples = analysis.directions(projection);
        int[] k = triples.stream()
                .mapToInt(
                        t -> projection.counts() ? choice.of(Elbow.of(t.sigma()).k()) : Projection.Soft.CHOSEN)
                .toArray();
        int[][] order = analysis.order(projection);
        LatentAnalysis.Projected projected = analysis.project(projection, replacement, k);
        Tensor canonical = decode(projected.clarep(), c, k, taken);
        features.filter(point -> point.way() != FeatureWay.DECODING).ifPresent(point -> {
            Tensor there = point.way().latents(method, point.level(), canonical, analysis::images, c);
            take(point, "canonical", there, c, taken);
        });
        return new CanonicalBatch(
                analysis.latent(),
                triples,
                order,
                k,
                projected.clarep(),
                canonical,
                taken,
                extras(analysis, projected));
    }

    /** What a projection has beside directions: {@code evidence_map} [B, H, W], {@code equation} and {@code equation_products} [B]. */
    private Map<String, Tensor> extras(LatentAnalysis analysis, LatentAnalysis.Projected projected) {
        Map<String, Tensor> extras = new LinkedHashMap<>();
        projection.recipe().ifPresent(recipe -> {
            Shape s = analysis.latent().shape();
            double[] all = Arrays.stream(analysis.map(recipe))
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            extras.put(
                    CanonicalBatch.MAP,
                    Tensor.of(all, s.dim(0), s.dim(2), s.dim(3))
                            .to(analysis.latent().dtype()));
        });
        if (projected.residual().length > 0) {
            extras.put(CanonicalBatch.EQUATION, Tensor.of(projected.residual(), projected.residual().length));
            long[] products = Arrays.stream(projected.products()).asLongStream().toArray();
            extras.put(CanonicalBatch.EQUATION + "_products", Tensor.of(products, products.length));
        }
        return extras;
    }

    /**
     * What is known of a batch that is there, for its latents at other positions of the projection's dial than it was made with.
     *
     * @param images x₀ of the batch; asked for where noise is put in the place of what is removed
     */
    public LatentAnalysis analysis(CanonicalBatch batch, Supplier<Tensor> images, Condition c) {
        LatentAnalysis analysis = new LatentAnalysis(method, images, batch.latent(), c);
        if (projection.counts()) {
            analysis.with(projection, batch.triples(), batch.order());
        }
        projection.recipe().ifPresent(recipe -> {
            Tensor map = batch.extras().get(CanonicalBatch.MAP);
            if (map != null) {
                analysis.with(recipe, map);
            }
        });
        return analysis;
    }

    /**
     * F_dec of latents at t_e: the model's samples, without any projection on the way.
     *
     * @param latent [B, C, H, W]
     */
    public Tensor decode(Tensor latent, Condition c) {
        return decode(latent, c, (_, _) -> {});
    }

    /** As above; {@code visitor} sees the latents at each level from t_e to 0, before the step down, and must not keep them. */
    public Tensor decode(Tensor latent, Condition c, BiConsumer<Integer, Tensor> visitor) {
        return method.sampler().sample(denoiser(c), latent, method.level(), visitor);
    }

    /**
     * F_dec of CLAReps with what the projection does on the way down.
     *
     * @param clarep latents at t_e, projected there [B, C, H, W]
     * @param k directions removed from each sample, at every level alike [B]
     */
    public Tensor decode(Tensor clarep, Condition c, int[] k) {
        return decode(clarep, c, k, (_, _) -> {});
    }

    private Tensor decode(Tensor clarep, Condition c, int[] k, Map<String, Tensor> taken) {
        return decode(
                clarep,
                c,
                k,
                (level, passing) -> features.filter(point -> point.isPassedAt(level))
                        .ifPresent(point -> take(point, "canonical", passing, c, taken)));
    }

    /**
     * As above; {@code visitor} sees the latents at each level from t_e to 0, with what was removed there removed, before the step down, and must not keep them.
     */
    public Tensor decode(Tensor clarep, Condition c, int[] k, BiConsumer<Integer, Tensor> visitor) {
        Denoiser denoiser = denoiser(c);
        int at = method.level();
        Tensor x = clarep;
        for (int level : levelsAgain()) {
            while (at > level) {
                visitor.accept(at, x);
                x = method.sampler().descend(denoiser, x, at, at - 1);
                at--;
            }
            Tensor here = x;
            x = new LatentAnalysis(method.atLevel(level), here, here, c)
                    .project(projection, replacement, k)
                    .clarep();
        }
        return method.sampler().sample(denoiser, x, at, visitor);
    }

    private List<Integer> levelsAgain() {
        return projection instanceof Projection.Multistep
                ? Projection.Multistep.levelsAgain(method.level())
                : List.of();
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
}
