package dev.canonica.benchmarks.work;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;

/** The model of the demonstration with images of its own inverted; run in the repository, or with {@code -Dcanonica.home}. */
public final class ShippedModel {
    private static final int STEPS = 50;
    private static final Path FOLDER = Path.of(System.getProperty("canonica.home", "."), "demo");

    private final DenoisingModel model;
    private final DdimSampler sampler;
    private final Tensor images;
    private final Condition condition;

    public ShippedModel(int index) {
        this(index, 1);
    }

    /** With so many images, from this one on. */
    ShippedModel(int first, int count) {
        model = ModelDirectory.load(FOLDER.resolve("model"), DType.F32);
        sampler = ModelDirectory.sampler(FOLDER.resolve("model"))
                .orElse(SamplerConfig.COSINE_V)
                .sampler(STEPS);
        try (ImageSet set = DataSets.open(FOLDER.resolve("images").toString())) {
            int size = Math.toIntExact(model.sampleShape().size());
            float[] pixels = new float[count * size];
            long[] classes = new long[count];
            for (int i = 0; i < count; i++) {
                set.copyNormalized(first + i, pixels, i * size);
                classes[i] = set.label(first + i);
            }
            images = Tensor.of(pixels, model.sampleShape().prepend(count).dims());
            condition = Condition.classes(classes);
        }
    }

    public DenoisingModel model() {
        return model;
    }

    public Condition condition() {
        return condition;
    }

    /** An extraction of this layer at t_e. */
    public CanonicalExtraction extraction(String layer, double te, RandomizedSvd svd) {
        return new CanonicalExtraction(model, sampler, sampler.at(te), DdimSampler.Inversion.GUIDED, layer, svd);
    }

    /** All that CLARID does with the images, by the settings of the model's folder: from their pixels to those of their canonical samples. */
    Runnable canonical() {
        CanonicalPipeline pipeline = CanonicalPipeline.read(FOLDER.resolve("model"), DType.F32, STEPS);
        return () -> {
            try (Scope scope = Scope.open()) {
                var _ = pipeline.of(images, condition);
            }
        };
    }

    /** The latents of the images at the extraction's level [B, C, H, W]. */
    public Tensor latent(CanonicalExtraction extraction) {
        return extraction.invert(images, condition);
    }
}
