package dev.canonica.cadistill.student;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.FeatureWay;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Latents of a stored extraction, decoded again: their features are taken by the extraction's own way. */
class LatentDecoderTest {
    private static final int STEPS = 10;
    private static final int TE = 5;
    private static final int TR = 2;
    private static final long SEED = 7;
    private static final String LAYER = "blocks.0";

    @TempDir
    private Path temp;

    private StoredExtraction stored(FeatureWay way, ImageSet set) {
        DitConfig c = new DitConfig(4, 2, 1, 8, 2, 2, 2, 0.1, 2, false);
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        Dit.initialised(c, 1)
                .parameters()
                .forEach((name, t) -> parameters.put(
                        name, Tensor.normal(DType.F32, t.shape(), new Philox(3).child(name.hashCode()))));
        Path model = temp.resolve("model");
        ModelDirectory.save(model, new Dit(c, parameters), Optional.of(SamplerConfig.COSINE_V), parameters, Map.of());
        DenoisingModel dit = ModelDirectory.load(model, DType.F32);
        Sampler sampler = ModelSamplers.of(model, dit, STEPS);
        CanonicalPipeline pipeline = new CanonicalPipeline(
                new CanonicalExtraction(
                        dit,
                        sampler,
                        TE,
                        DdimSampler.Inversion.DIFFUSERS,
                        "blocks.1",
                        new RandomizedSvd(2, 2, 20, 1e-3, 0, SEED)),
                new Projection.TopK(),
                new KChoice(1),
                Guidance.NONE,
                Optional.of(new CanonicalPipeline.FeaturePoint(LAYER, TR, way)));
        ExtractionSettings settings = new ExtractionSettings(
                pipeline,
                2,
                LatentCodec.IMAGES,
                Conditions.classesOf(dit),
                set::label,
                Map.of("model", model.toString(), ExtractionSettings.WEIGHTS, ModelDigest.of(model)));
        Path out = temp.resolve("extraction");
        new Extraction(settings, set, set.size(), out).run(done -> {});
        return StoredExtraction.open(out);
    }

    /** A CLARep is decoded as any latent: what comes of it has to be what was stored. */
    @ParameterizedTest
    @EnumSource
    void takesFeaturesByTheExtractionsWay(FeatureWay way) {
        Halves set = new Halves(4, 1, 1);
        StoredExtraction stored = stored(way, set);
        LatentDecoder decoder = LatentDecoder.of(stored);
        assertThat(decoder.features().way()).isEqualTo(way);
        Map<String, Tensor> batch = Npz.read(Extraction.file(stored.folder(), 1)); // images 2 and 3
        Tensor images = new ImageBatch(set, 2, 4).tensor(DType.F32);
        LatentDecoder.Decoded decoded = decoder.of(batch.get("clarep"), () -> images, new long[] {0, 1}, 1);
        assertThat(decoded.images().toFloats()).isEqualTo(batch.get("canonical").toFloats());
        assertThat(decoded.features().toFloats())
                .isEqualTo(batch.get("features/canonical").toFloats());

        // Guided, the sample is another, and is brought to t_r as before.
        LatentDecoder.Decoded guided = decoder.of(batch.get("clarep"), () -> images, new long[] {0, 1}, 3);
        assertThat(guided.images().minus(decoded.images()).norm()).isGreaterThan(1e-3);
        if (way != FeatureWay.DECODING) {
            Condition c = Condition.classes(0, 1);
            CanonicalExtraction method = new CanonicalExtraction(
                    decoder.model(),
                    decoder.sampler(),
                    TE,
                    DdimSampler.Inversion.DIFFUSERS,
                    "blocks.1",
                    new RandomizedSvd(2, 2, 20, 1e-3, 0, SEED));
            Tensor x = way.latents(method, TR, guided.images(), () -> images, c);
            Tensor t = DenoisingModel.timeOfAll(decoder.sampler().time(TR), 2);
            assertThat(guided.features().toFloats())
                    .isEqualTo(decoder.model()
                            .features(Var.constant(x), t, c, LAYER)
                            .value()
                            .toFloats());
        }
    }

    /** Whole sets of pairs: by the images of the training set, in whatever order the extraction has them. */
    @Test
    void noiseIsOfTheImagesOfTheTrainingSet() {
        Halves set = new Halves(4, 1, 1);
        StoredExtraction stored = stored(FeatureWay.NOISED, set);
        LatentDecoder decoder = LatentDecoder.of(stored);
        CanonicalSet.Choice choice =
                new CanonicalSet.Choice(1, 1, new Companions.Shrunk(0.8), FeatureForm.MEAN, 2, false);
        CanonicalSet pairs = CanonicalSet.read(stored, set, choice, () -> decoder);
        float[][] raw = new float[4][];
        for (int batch = 0; batch < 2; batch++) {
            Map<String, Tensor> arrays = Npz.read(Extraction.file(stored.folder(), batch));
            Tensor images = new ImageBatch(set, 2 * batch, 2 * batch + 2).tensor(DType.F32);
            Tensor features = decoder.of(arrays.get("latent").times(0.8), () -> images, new long[] {0, 1}, 1)
                    .features();
            for (int b = 0; b < 2; b++) {
                raw[2 * batch + b] = FeatureForm.MEAN.of(
                        features.row(b).toFloats(), features.shape().without(0));
            }
        }
        assertThat(pairs.features()).isDeepEqualTo(FeatureForm.MEAN.finished(raw, 2));
    }

    @Test
    void refusesAWayThatThereIsNot() throws IOException {
        StoredExtraction stored = stored(FeatureWay.NOISED, new Halves(2, 1, 1));
        Path file = stored.folder().resolve("settings.json");
        Files.writeString(file, Files.readString(file).replace("\"noised\"", "\"sideways\""));
        StoredExtraction other = StoredExtraction.open(stored.folder());
        assertThatThrownBy(() -> LatentDecoder.of(other))
                .isInstanceOf(ModelException.class)
                .hasMessage(stored.folder() + ": feature way: 'sideways' is not one of decoding, noised, inverted");
    }
}
