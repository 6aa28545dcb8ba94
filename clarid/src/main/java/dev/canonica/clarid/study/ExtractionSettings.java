package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.MemoryNeed;
import dev.canonica.data.ImageSet;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * What an extraction does, beyond the method's own settings.
 *
 * @param extraction the method
 * @param choice how many directions are removed
 * @param batch images at a time
 * @param featureLayer whose canonical features are kept
 * @param featureLevel the level of t_r, at which they are taken
 * @param codec the way from images to the model's samples and back
 * @param condition the class, for the model, of an image by its index
 * @param description more names and values that make the results what they are, such as model and data
 */
public record ExtractionSettings(
        CanonicalExtraction extraction,
        KChoice choice,
        int batch,
        String featureLayer,
        int featureLevel,
        LatentCodec codec,
        IntUnaryOperator condition,
        Map<String, String> description) {
    /** The key of the description, or the end of one, under which it says what weights a path held. */
    public static final String WEIGHTS = "weights";

    /** Names and values of everything that the results depend on, as the report shows them and resuming compares them. */
    public Map<String, String> all() {
        Map<String, String> m = new LinkedHashMap<>(description);
        Sampler sampler = extraction.sampler();
        int level = extraction.level();
        m.put("layer", extraction.layer());
        m.put("steps", Integer.toString(sampler.steps()));
        m.put("t_e", "level " + level + ", " + sampler.describe(level));
        m.put("prediction", sampler.predicted());
        m.put("inversion", extraction.inversion().name().toLowerCase(Locale.ROOT));
        m.put("n", Integer.toString(extraction.svd().rank()));
        m.put("k", choice.equals(KChoice.ADAPTIVE) ? "adaptive" : Integer.toString(choice.fixed()));
        m.put(
                "SVD",
                "block Krylov, tolerance %s, at most %d sweeps, block of %d, seed %d"
                        .formatted(
                                extraction.svd().tolerance(),
                                extraction.svd().sweeps(),
                                extraction.svd().rank() + extraction.svd().oversample(),
                                extraction.svd().seed()));
        m.put("batch", Integer.toString(batch)); // its images are iterated until all have converged
        m.put(
                "features",
                "%s at level %d, %s".formatted(featureLayer, featureLevel, sampler.timeInWords(featureLevel)));
        m.put("type", extraction.model().dtype().name().toLowerCase(Locale.ROOT));
        return m;
    }

    /**
     * The method in a form whose batches fit into memory: with the intermediate values of the network kept or, where that is too much, computed again.
     *
     * @param count images, which may be fewer than a batch
     * @throws dev.canonica.models.ModelException if neither fits
     */
    CanonicalExtraction fitting(ImageSet set, int count) {
        Shape sample = codec.latentShape(Shape.of(set.channels(), set.height(), set.width()));
        return MemoryNeed.fitting(extraction, sample, Math.min(batch, count), "--batch %d fits");
    }
}
