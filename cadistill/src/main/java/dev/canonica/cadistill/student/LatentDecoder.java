package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.FeatureWay;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Decodes latents at t_e once more, in another way than the extraction did that they are from.
 *
 * @param model class-conditional, of images
 * @param level of t_e
 * @param inversion where an inversion step asks the network
 * @param seed of noise
 * @param features where they are taken, and by which way
 */
public record LatentDecoder(
        DenoisingModel model,
        Sampler sampler,
        int level,
        DdimSampler.Inversion inversion,
        long seed,
        CanonicalPipeline.FeaturePoint features) {
    /**
     * The decoder of a stored extraction, by the model that it names, which must still be the one that it was made with.
     *
     * @throws ModelException if model or sampler are others, or the model is none of images by classes
     */
    public static LatentDecoder of(StoredExtraction stored) {
        Path folder = Path.of(stored.text("model"));
        if (!stored.text("texts").isEmpty()
                || !stored.text("class ids").isEmpty()
                || !stored.text("autoencoder").isEmpty()) {
            throw refused(
                    stored, "its model is conditioned on texts, works on latents or has classes of other numbers");
        }
        if (!Files.exists(folder)) {
            throw refused(stored, "its model is no longer at " + folder);
        }
        if (!ModelDigest.of(folder).equals(stored.text(ExtractionSettings.WEIGHTS))) {
            throw refused(stored, "the weights in " + folder + " are others than it was made with");
        }
        DType type = Arrays.stream(DType.values())
                .filter(t -> t.isFloating() && t.toString().equalsIgnoreCase(stored.text("type")))
                .findFirst()
                .orElseThrow(() ->
                        refused(stored, "setting 'type' is '%s', no type of a model".formatted(stored.text("type"))));
        DenoisingModel model = ModelDirectory.load(folder, type);
        int steps = number(stored, "steps", Integer::parseInt);
        Sampler sampler = ModelSamplers.of(folder, model, steps);
        LatentDecoder decoder = new LatentDecoder(
                model,
                sampler,
                number(stored, "level of t_e", Integer::parseInt),
                inversion(stored),
                number(stored, "seed", Long::parseLong),
                new CanonicalPipeline.FeaturePoint(
                        stored.text("feature layer"), number(stored, "level of t_r", Integer::parseInt), way(stored)));
        Map<String, String> now = decoder.settings().all().shown();
        for (String name : new String[] {"way to t_e", "prediction"}) {
            if (!stored.text(name).equals(now.get(name))) {
                throw refused(stored, "it was made with options of the sampler, which are not kept");
            }
        }
        return decoder;
    }

    private static ModelException refused(StoredExtraction stored, String why) {
        return new ModelException("%s: its latents cannot be decoded again: %s".formatted(stored.folder(), why));
    }

    /** Of an extraction that does not say it, that of decoding. */
    private static FeatureWay way(StoredExtraction stored) {
        String name = stored.text(ExtractionSettings.FEATURE_WAY);
        try {
            return name.isEmpty() ? FeatureWay.DECODING : FeatureWay.of(name);
        } catch (IllegalArgumentException e) {
            throw new ModelException(stored.folder() + ": " + e.getMessage(), e);
        }
    }

    private static DdimSampler.Inversion inversion(StoredExtraction stored) {
        String name = stored.text("inversion");
        try {
            return DdimSampler.Inversion.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new ModelException("%s: setting 'inversion' is '%s'".formatted(stored.folder(), name), e);
        }
    }

    private static <T extends Number> T number(StoredExtraction stored, String name, Function<String, T> parse) {
        try {
            return parse.apply(stored.text(name));
        } catch (NumberFormatException e) {
            throw new ModelException(
                    "%s: setting '%s' is '%s', no number".formatted(stored.folder(), name, stored.text(name)), e);
        }
    }

    /** By the same way; nothing is decomposed. */
    private CanonicalExtraction method() {
        return new CanonicalExtraction(
                model, sampler, level, inversion, features.layer(), new RandomizedSvd(1, 0, 1, 1, 0, seed));
    }

    /** An extraction by the same way, to compare its settings. */
    private ExtractionSettings settings() {
        return new ExtractionSettings(
                new CanonicalPipeline(
                        method(), new Projection.TopK(), KChoice.ADAPTIVE, Guidance.NONE, Optional.empty()),
                1,
                LatentCodec.IMAGES,
                Conditions.classesOf(model),
                i -> 0,
                Map.of());
    }

    /**
     * What decoding gives.
     *
     * @param images [B, C, H, W]
     * @param features of the layer at t_r, by the way of the extraction's own [B, …]
     */
    record Decoded(Tensor images, Tensor features) {}

    /**
     * Decodes latents.
     *
     * @param latent at t_e [B, C, H, W]
     * @param originals the images that they are of, [B, C, H, W] in [−1, 1]; asked for where features are of noised samples
     * @param y classes [B]
     * @param w guidance; 1 for none
     */
    Decoded of(Tensor latent, Supplier<Tensor> originals, long[] y, double w) {
        Condition c = Conditions.classesOf(model)
                .of(Arrays.stream(y).mapToInt(Math::toIntExact).toArray());
        if (w != 1 && !model.canDrop(c)) {
            throw new ModelException("guided: the model knows nothing that stands for no condition");
        }
        Denoiser denoiser = new Guidance(w, Integer.MAX_VALUE, OptionalInt.empty()).of(model, c);
        int tr = features.level();
        if (features.way() == FeatureWay.DECODING) {
            Tensor passing = sampler.descend(denoiser, latent, level, tr);
            Tensor there = features(passing, c);
            return new Decoded(sampler.sample(denoiser, passing, tr), there);
        }
        Tensor samples = sampler.sample(denoiser, latent, level);
        return new Decoded(samples, features(features.way().latents(method(), tr, samples, originals, c), c));
    }

    private Tensor features(Tensor x, Condition c) {
        Tensor t = DenoisingModel.timeOfAll(sampler.time(features.level()), c.size());
        return model.features(Var.constant(x), t, c, features.layer()).value();
    }
}
