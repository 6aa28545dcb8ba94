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

/** The model of the demonstration with one of its images inverted; run in the repository, or with {@code -Dcanonica.home}. */
public final class ShippedModel {
    private static final int STEPS = 50;
    private static final Path FOLDER = Path.of(System.getProperty("canonica.home", "."), "demo");

    private final DenoisingModel model;
    private final DdimSampler sampler;
    private final Tensor image;
    private final Condition condition;

    public ShippedModel(int index) {
        model = ModelDirectory.load(FOLDER.resolve("model"), DType.F32);
        sampler = ModelDirectory.sampler(FOLDER.resolve("model"))
                .orElse(SamplerConfig.COSINE_V)
                .sampler(STEPS);
        try (ImageSet set = DataSets.open(FOLDER.resolve("images").toString())) {
            float[] pixels = new float[Math.toIntExact(model.sampleShape().size())];
            set.copyNormalized(index, pixels, 0);
            image = Tensor.of(pixels, model.sampleShape().prepend(1).dims());
            condition = Condition.classes(set.label(index));
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

    /** All that CLARID does with the image, by the settings of the model's folder: from its pixels to those of its canonical sample. */
    Runnable canonical() {
        CanonicalPipeline pipeline = CanonicalPipeline.read(FOLDER.resolve("model"), DType.F32, STEPS);
        return () -> {
            try (Scope scope = Scope.open()) {
                var _ = pipeline.of(image, condition);
            }
        };
    }

    /** The latent of the image at the extraction's level [1, C, H, W]. */
    public Tensor latent(CanonicalExtraction extraction) {
        return extraction.invert(image, condition);
    }
}
