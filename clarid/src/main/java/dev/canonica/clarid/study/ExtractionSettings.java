package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalBatch;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.FeatureWay;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.MemoryNeed;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Replacement;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Settings;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.zip.CRC32;

/**
 * What an extraction does, beyond the method's own settings.
 *
 * @param pipeline what is done with a batch
 * @param batch images at a time
 * @param codec the way from images to the model's samples and back
 * @param conditions all that images are under
 * @param condition the number, among these, of an image's by its index
 * @param description more names and values that make the results what they are, such as model and data
 */
public record ExtractionSettings(
        CanonicalPipeline pipeline,
        int batch,
        LatentCodec codec,
        Conditions conditions,
        IntUnaryOperator condition,
        Map<String, String> description) {
    /** The key of the description, or the end of one, under which it says what weights a path held. */
    public static final String WEIGHTS = "weights";

    /** The setting that names the {@link FeatureWay} where it is not that of decoding. */
    public static final String FEATURE_WAY = "feature way";

    /** Everything that the results depend on but the images, as the report shows it and resuming compares it. */
    public Settings all() {
        CanonicalExtraction extraction = pipeline.method();
        KChoice choice = pipeline.choice();
        Sampler sampler = extraction.sampler();
        Settings all = Settings.NONE
                .with(description)
                .with("layer", extraction.layer())
                .with("steps", sampler.steps())
                .with("level of t_e", extraction.level());
        for (Map.Entry<String, Double> number :
                sampler.numbers(extraction.level()).entrySet()) {
            all = all.with(number.getKey() + " at t_e", number.getValue());
        }
        all = all.with("way to t_e", way(sampler, extraction.level()))
                .with("prediction", sampler.predicted())
                .with("inversion", extraction.inversion().name().toLowerCase(Locale.ROOT));
        all = projection(all, pipeline);
        Guidance guidance = pipeline.guidance();
        if (guidance.isOn()) {
            all = all.with("guidance", guidance.w())
                    .with(
                            "guided channels",
                            guidance.channels() == Integer.MAX_VALUE ? "all" : Integer.toString(guidance.channels()))
                    .with(
                            "null class",
                            guidance.nullClass().isPresent()
                                    ? Integer.toString(guidance.nullClass().getAsInt())
                                    : "the model's");
        }
        all = all.with("tolerance", extraction.svd().tolerance())
                .with("sweeps", extraction.svd().sweeps());
        if (pipeline.projection().counts()) {
            all = choice.equals(KChoice.ADAPTIVE) ? all.with("k", "adaptive") : all.with("k", choice.fixed());
            all = all.with("block", extraction.svd().rank() + extraction.svd().oversample());
        }
        all = all.with("seed", extraction.svd().seed())
                .with("batch", batch) // a file has so many images
                .with("type", extraction.model().dtype().name().toLowerCase(Locale.ROOT));
        Optional<CanonicalPipeline.FeaturePoint> features = pipeline.features();
        if (features.isEmpty()) {
            return all;
        }
        CanonicalPipeline.FeaturePoint point = features.get();
        all = all.with("feature layer", point.layer()).with("level of t_r", point.level());
        return point.way()
                        == FeatureWay.DECODING // which is not said: there was no other when earlier folders were begun
                ? all
                : all.with(FEATURE_WAY, point.way().title());
    }

    private static Settings projection(Settings before, CanonicalPipeline pipeline) {
        Projection projection = pipeline.projection();
        Settings all =
                projection.counts() ? before.with("n", pipeline.method().svd().rank()) : before;
        all = all.with("projection", projection.title());
        if (projection instanceof Projection.Soft soft) {
            all = all.with("strength", soft.strength());
        }
        if (projection instanceof Projection.Evidence evidence) {
            all = all.with("weight", evidence.weight());
        }
        if (projection.recipe().isPresent()) {
            all = all.with("map", projection.recipe().get().described());
        }
        return pipeline.replacement().equals(Replacement.NOTHING)
                ? all
                : all.with("replacement", pipeline.replacement().title());
    }

    /**
     * What is found of images: {@code latent}, {@code clarep}, {@code canonical}, spectrum, directions and certificate, features; {@code canonical_latent}, too, where the model works
     * on latents. An image's rows do not depend on the others.
     *
     * @param fitting the pipeline in a form that fits
     * @param images [B, C, H, W] in [−1, 1]
     * @param c what they are under
     */
    public Map<String, Tensor> results(CanonicalPipeline fitting, Tensor images, Condition c) {
        CanonicalBatch results = fitting.of(codec.encode(images), c);
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("latent", results.latent());
        all.put("clarep", results.clarep());
        all.put("canonical", codec.decode(results.canonical()));
        if (codec != LatentCodec.IMAGES) {
            all.put("canonical_latent", results.canonical());
        }
        all.putAll(results.decomposition(fitting.method().svd().tolerance()));
        all.putAll(results.features());
        return all;
    }

    /** What a batch is under. */
    Condition condition(ImageBatch batch) {
        return conditions.of(
                batch.indices().stream().mapToInt(condition::applyAsInt).toArray());
    }

    /** All levels that the way to t_e and back passes, in a line: two schedules may agree at t_e alone. */
    private static String way(Sampler sampler, int level) {
        CRC32 sum = new CRC32();
        for (int i = 0; i <= level; i++) {
            StringBuilder numbers = new StringBuilder();
            new TreeMap<>(sampler.numbers(i))
                    .forEach((name, number) -> numbers.append(name).append('=').append(number));
            sum.update(numbers.toString().getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    /**
     * The pipeline in a form whose batches fit into memory: with the intermediate values of the network kept or, where that is too much, computed again.
     *
     * @param count images, which may be fewer than a batch
     * @throws dev.canonica.models.ModelException if neither fits
     */
    CanonicalPipeline fitting(ImageSet set, int count) {
        return fitting(set.shape(), count);
    }

    /**
     * The pipeline in a form whose batches fit into memory.
     *
     * @param image [C, H, W]
     * @param count images, which may be fewer than a batch
     * @throws dev.canonica.models.ModelException if none fits
     */
    public CanonicalPipeline fitting(Shape image, int count) {
        Shape sample = codec.latentShape(image);
        return pipeline.with(MemoryNeed.fitting(
                pipeline.method(), sample, conditions.of(0), Math.min(batch, count), "--batch %s fits"));
    }
}
