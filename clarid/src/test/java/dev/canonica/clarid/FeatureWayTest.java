package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.FlowSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.Sit;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Features of canonical samples at t_r by each way, of a tiny network in double precision. */
class FeatureWayTest {
    private static final int TE = 8;
    private static final int TR = 3;
    private static final String LAYER = "blocks.0";
    private static final long SEED = 3;
    private static final Condition CLASSES = Condition.classes(0, 1);
    private static final Guidance GUIDED = new Guidance(3, Integer.MAX_VALUE, OptionalInt.empty());

    private final Dit model = TinyDit.make();
    private final DdimSampler ddim = SamplerConfig.COSINE_V.sampler(20);
    private final Tensor x0 = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(9));

    private CanonicalPipeline pipeline(FeatureWay way) {
        return pipeline(model, ddim, DdimSampler.Inversion.GUIDED, way);
    }

    private static CanonicalPipeline pipeline(
            DenoisingModel model, Sampler sampler, DdimSampler.Inversion inversion, FeatureWay way) {
        return new CanonicalPipeline(
                new CanonicalExtraction(
                        model, sampler, TE, inversion, "blocks.1", new RandomizedSvd(4, 2, 40, 1e-9, 0, SEED)),
                new Projection.TopK(),
                new KChoice(2),
                GUIDED,
                Optional.of(new CanonicalPipeline.FeaturePoint(LAYER, TR).by(way)));
    }

    private static double[] features(DenoisingModel model, Sampler sampler, Tensor x, Condition c) {
        Tensor t = DenoisingModel.timeOfAll(sampler.time(TR), c.size());
        return model.features(Var.constant(x), t, c, LAYER).value().toDoubles();
    }

    private static void assertFeatures(CanonicalBatch of, DenoisingModel model, Sampler sampler, Tensor x) {
        assertThat(of.features().get("features/canonical").toDoubles()).isEqualTo(features(model, sampler, x, CLASSES));
        assertThat(of.features().get("unconditional/canonical").toDoubles())
                .isEqualTo(features(model, sampler, x, CLASSES.dropped()));
    }

    /** All that is no canonical feature is the same by any way. */
    @Test
    void decodingIsTheDefaultAndAllElseIsTheSame() {
        assertThat(new CanonicalPipeline.FeaturePoint(LAYER, TR).way()).isEqualTo(FeatureWay.DECODING);
        assertThat(CanonicalPipeline.FeaturePoint.of(LAYER, ddim, 0.15, 0.4))
                .isEqualTo(new CanonicalPipeline.FeaturePoint(LAYER, TR));
        CanonicalBatch decoding = pipeline(FeatureWay.DECODING).of(x0, CLASSES);
        Tensor[] passed = new Tensor[1];
        pipeline(FeatureWay.DECODING).decode(decoding.clarep(), CLASSES, decoding.k(), (level, x) -> {
            if (level == TR) {
                passed[0] = x.times(1);
            }
        });
        assertFeatures(decoding, model, ddim, passed[0]);
        for (FeatureWay way : new FeatureWay[] {FeatureWay.NOISED, FeatureWay.INVERTED}) {
            CanonicalBatch other = pipeline(way).of(x0, CLASSES);
            assertThat(other.canonical().toDoubles())
                    .isEqualTo(decoding.canonical().toDoubles());
            assertThat(other.clarep().toDoubles()).isEqualTo(decoding.clarep().toDoubles());
            assertThat(other.features()).containsOnlyKeys(decoding.features().keySet());
            for (String name : decoding.features().keySet()) {
                double[] is = other.features().get(name).toDoubles();
                double[] was = decoding.features().get(name).toDoubles();
                if (name.endsWith("/original")) {
                    assertThat(is).as(name).isEqualTo(was);
                } else {
                    assertThat(is).as(name).isNotEqualTo(was);
                }
            }
        }
    }

    /** √ᾱ x̃₀ + √(1 − ᾱ) ε, each image's ε of its own stream. */
    @Test
    void noisedIsTheForwardProcess() {
        CanonicalBatch noised = pipeline(FeatureWay.NOISED).of(x0, CLASSES);
        double alphaBar = ddim.signal(TR);
        assertThat(alphaBar).isBetween(0.5, 0.99);
        Tensor x = byHand(noised.canonical(), Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar));
        assertThat(noised.features().get("features/canonical").toDoubles())
                .containsExactly(features(model, ddim, x, CLASSES), within(1e-12));
        assertThat(noised.features().get("unconditional/canonical").toDoubles())
                .containsExactly(features(model, ddim, x, CLASSES.dropped()), within(1e-12));
    }

    /** Of a flow, t x̃₀ + (1 − t) ε. */
    @Test
    void noisedByAFlowsOwnPath() {
        Sit sit = new Sit(model.config(), model.parameters());
        FlowSampler flow = new FlowSampler(20);
        CanonicalBatch noised = pipeline(sit, flow, DdimSampler.Inversion.GUIDED, FeatureWay.NOISED)
                .of(x0, CLASSES);
        Tensor x = byHand(noised.canonical(), 1 - TR / 20.0, TR / 20.0);
        assertThat(noised.features().get("features/canonical").toDoubles())
                .containsExactly(features(sit, flow, x, CLASSES), within(1e-12));
        CanonicalBatch inverted = pipeline(sit, flow, DdimSampler.Inversion.GUIDED, FeatureWay.INVERTED)
                .of(x0, CLASSES);
        CanonicalExtraction method = pipeline(sit, flow, DdimSampler.Inversion.GUIDED, FeatureWay.INVERTED)
                .method();
        assertFeatures(inverted, sit, flow, method.atLevel(TR).invert(inverted.canonical(), CLASSES));
    }

    /** a x̃₀ + b ε value by value. */
    private Tensor byHand(Tensor samples, double a, double b) {
        double[] x = samples.toDoubles();
        long[] streams = EvidenceMap.streams(x0);
        assertThat(streams[0]).isNotEqualTo(streams[1]);
        for (int image = 0; image < 2; image++) {
            Philox random = new Philox(SEED, streams[image]).child(-16);
            double[] noise =
                    Tensor.normal(DType.F64, Shape.of(1, 1, 4, 4), random).toDoubles();
            for (int i = 0; i < 16; i++) {
                x[16 * image + i] = a * x[16 * image + i] + b * noise[i];
            }
        }
        return Tensor.of(x, 2, 1, 4, 4);
    }

    /** Under the class alone, though decoding is guided. */
    @ParameterizedTest
    @EnumSource
    void invertedIsTheMethodsInversion(DdimSampler.Inversion inversion) {
        CanonicalPipeline p = pipeline(model, ddim, inversion, FeatureWay.INVERTED);
        CanonicalBatch inverted = p.of(x0, CLASSES);
        Tensor x = ddim.invert(p.method().denoiser(CLASSES), inverted.canonical(), TR, inversion);
        assertFeatures(inverted, model, ddim, x);
        CanonicalBatch again = p.ofLatents(x0, inverted.latent(), CLASSES); // without the way up
        assertFeatures(again, model, ddim, x);
    }

    /** Alone, in another order, and on several threads. */
    @ParameterizedTest
    @EnumSource
    void anImagesBitsAreItsOwn(FeatureWay way) {
        CanonicalPipeline p = pipeline(way);
        Map<String, Tensor> both =
                Session.current().withThreads(1).call(() -> p.of(x0, CLASSES)).features();
        Tensor exchanged = Tensor.concatenate(0, x0.rows(1, 2), x0.rows(0, 1));
        Map<String, Tensor> other = Session.current()
                .withThreads(3)
                .call(() -> p.of(exchanged, Condition.classes(1, 0)))
                .features();
        for (int b = 0; b < 2; b++) {
            Map<String, Tensor> alone =
                    p.of(x0.rows(b, b + 1), CLASSES.rows(b, b + 1)).features();
            for (Map.Entry<String, Tensor> e : both.entrySet()) {
                double[] expected = e.getValue().row(b).toDoubles();
                assertThat(alone.get(e.getKey()).row(0).toDoubles()).isEqualTo(expected);
                assertThat(other.get(e.getKey()).row(1 - b).toDoubles()).isEqualTo(expected);
            }
        }
    }

    /** Of a model of latents the sample's latent is taken as it is, and images pass the codec once each way. */
    @ParameterizedTest
    @ValueSource(strings = {"noised", "inverted"})
    void latentsAreNotDecodedInBetween(String name) {
        CanonicalPipeline p = pipeline(FeatureWay.of(name));
        AtomicInteger ways = new AtomicInteger();
        LatentCodec coarse = new LatentCodec() {
            @Override
            public Shape latentShape(Shape image) {
                return image;
            }

            @Override
            public Tensor encode(Tensor images) {
                ways.incrementAndGet();
                return images.times(0.5);
            }

            @Override
            public Tensor decode(Tensor latents) {
                ways.incrementAndGet();
                return latents.times(0); // nothing would be left
            }
        };
        Map<String, Tensor> results = new ExtractionSettings(p, 2, coarse, new Conditions.Classes(2), i -> i, Map.of())
                .results(p, x0, CLASSES);
        CanonicalBatch expected = p.of(x0.times(0.5), CLASSES);
        assertThat(ways).hasValue(2);
        assertThat(results.get("canonical_latent").toDoubles())
                .isEqualTo(expected.canonical().toDoubles());
        expected.features()
                .forEach(
                        (array, t) -> assertThat(results.get(array).toDoubles()).isEqualTo(t.toDoubles()));
    }

    @Test
    void settingsSayAnyWayButThatOfDecoding() {
        Map<String, String> ways = new LinkedHashMap<>();
        for (FeatureWay way : FeatureWay.values()) {
            assertThat(FeatureWay.of(way.title())).isEqualTo(way);
            ExtractionSettings of = new ExtractionSettings(
                    pipeline(way), 2, LatentCodec.IMAGES, new Conditions.Classes(2), i -> i, Map.of());
            ways.put(way.title(), of.all().shown().getOrDefault(ExtractionSettings.FEATURE_WAY, "not said"));
        }
        assertThat(ways).isEqualTo(Map.of("decoding", "not said", "noised", "noised", "inverted", "inverted"));
        assertThatThrownBy(() -> FeatureWay.of("sideways"))
                .hasMessage("feature way: 'sideways' is not one of decoding, noised, inverted");
        CanonicalExtraction method = pipeline(FeatureWay.DECODING).method();
        assertThatThrownBy(() -> FeatureWay.DECODING.latents(method, TR, x0, () -> x0, CLASSES))
                .isInstanceOf(IllegalStateException.class);
    }
}
