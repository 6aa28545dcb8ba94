package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decodes latents at t_e once more, in another way than the extraction did that they are from.
 *
 * @param model class-conditional, of images
 * @param level of t_e
 * @param featureLayer whose features are taken
 * @param featureLevel of t_r, at most that of t_e
 */
public record LatentDecoder(DenoisingModel model, Sampler sampler, int level, String featureLayer, int featureLevel) {
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
        int steps = integer(stored, "steps");
        Sampler sampler = ModelSamplers.of(folder, model, steps);
        LatentDecoder decoder = new LatentDecoder(
                model,
                sampler,
                integer(stored, "level of t_e"),
                stored.text("feature layer"),
                integer(stored, "level of t_r"));
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

    private static int integer(StoredExtraction stored, String name) {
        try {
            return Integer.parseInt(stored.text(name));
        } catch (NumberFormatException e) {
            throw new ModelException(
                    "%s: setting '%s' is '%s', no number".formatted(stored.folder(), name, stored.text(name)), e);
        }
    }

    /** An extraction by the same way, to compare its settings. */
    private ExtractionSettings settings() {
        CanonicalExtraction method = new CanonicalExtraction(
                model, sampler, level, DdimSampler.Inversion.GUIDED, featureLayer, new RandomizedSvd(1, 0, 1, 1, 0, 0));
        return new ExtractionSettings(
                new CanonicalPipeline(method, new Projection.TopK(), KChoice.ADAPTIVE, Guidance.NONE, Optional.empty()),
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
     * @param features of the layer at t_r on the way [B, …]
     */
    record Decoded(Tensor images, Tensor features) {}

    /**
     * Decodes latents.
     *
     * @param latent at t_e [B, C, H, W]
     * @param y classes [B]
     * @param w guidance; 1 for none
     */
    Decoded of(Tensor latent, long[] y, double w) {
        Condition c = Conditions.classesOf(model)
                .of(Arrays.stream(y).mapToInt(Math::toIntExact).toArray());
        if (w != 1 && !model.canDrop(c)) {
            throw new ModelException("guided: the model knows nothing that stands for no condition");
        }
        Denoiser denoiser = new Guidance(w, Integer.MAX_VALUE, OptionalInt.empty()).of(model, c);
        Tensor passing = sampler.descend(denoiser, latent, level, featureLevel);
        Tensor t = DenoisingModel.timeOfAll(sampler.time(featureLevel), c.size());
        Tensor features =
                model.features(Var.constant(passing), t, c, featureLayer).value();
        return new Decoded(sampler.sample(denoiser, passing, featureLevel), features);
    }
}
