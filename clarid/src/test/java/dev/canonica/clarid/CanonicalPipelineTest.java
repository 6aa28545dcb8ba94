package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CanonicalPipelineTest {
    private static final int LEVEL = 8;
    private static final int RANK = 4;
    private static final Condition CLASSES = Condition.classes(0, 1);
    private static final int[] K = {2, 1};

    private final Dit model = TinyDit.make();
    private final DdimSampler sampler = SamplerConfig.COSINE_V.sampler(20);
    private final CanonicalExtraction extraction = new CanonicalExtraction(
            model,
            sampler,
            LEVEL,
            DdimSampler.Inversion.GUIDED,
            "blocks.1",
            new RandomizedSvd(RANK, 2, 40, 1e-9, 0, 3));
    private final Tensor latent = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(8));
    private final List<RandomizedSvd.Triples> triples =
            extraction.directions(latent, CLASSES).samples();
    private final Denoiser denoiser = extraction.denoiser(CLASSES);

    /** Against finite differences of both Jacobians along each direction. */
    @Test
    void evidenceIsTheDifferenceOfTwoJacobians() {
        double[][] evidence = ClassEvidence.of(extraction, latent, CLASSES, triples);
        double h = 1e-5;
        Condition none = Condition.none(2);
        for (int b = 0; b < 2; b++) {
            for (int i = 0; i < RANK; i++) {
                Tensor up = moved(b, i, h);
                Tensor down = moved(b, i, -h);
                Tensor difference = features(up, CLASSES)
                        .minus(features(down, CLASSES))
                        .minus(features(up, none).minus(features(down, none)));
                double expected =
                        difference.row(b).norm() / (2 * h) / triples.get(b).sigma()[i];
                assertThat(evidence[b][i]).isCloseTo(expected, within(1e-6 * (1 + expected)));
            }
        }
    }

    private CanonicalPipeline pipeline(Projection projection) {
        return new CanonicalPipeline(extraction, projection, new KChoice(2), Guidance.NONE, Optional.empty());
    }

    @Test
    void selectiveRemovesTheLeastEvidentFirst() {
        double[][] evidence = ClassEvidence.of(extraction, latent, CLASSES, triples);
        CanonicalBatch results = pipeline(new Projection.Selective()).ofLatents(latent, latent, CLASSES);
        for (int b = 0; b < 2; b++) {
            double last = 0;
            assertThat(results.order()[b]).containsExactlyInAnyOrder(0, 1, 2, 3);
            for (int i : results.order()[b]) {
                assertThat(evidence[b][i]).isGreaterThanOrEqualTo(last);
                last = evidence[b][i];
            }
            double[][] v = results.triples().get(b).v();
            int[] order = results.order()[b];
            Tensor expected = Projection.remove(latent.rows(b, b + 1), new double[][] {v[order[0]], v[order[1]]}, 2);
            assertThat(results.clarep().rows(b, b + 1).minus(expected).norm()).isZero();
        }
        CanonicalBatch strongest = pipeline(new Projection.TopK()).ofLatents(latent, latent, CLASSES);
        assertThat(strongest.order()).isDeepEqualTo(new int[][] {{0, 1, 2, 3}, {0, 1, 2, 3}});
    }

    /** Step by step, as the definition says: levels 8, 6 and 4. */
    @Test
    void multistepProjectsOnTheWayDown() {
        assertThat(Projection.Multistep.levelsAgain(LEVEL)).containsExactly(6, 4);
        assertThat(Projection.Multistep.levelsAgain(1)).isEmpty(); // 0.75 and 0.5 both round to 1
        assertThat(Projection.Multistep.levelsAgain(2)).containsExactly(1);
        Tensor clarep = CanonicalExtraction.project(latent, triples, K);
        Tensor x = clarep;
        for (int level = LEVEL; level >= 0; level--) {
            if (level == 6 || level == 4) {
                x = CanonicalExtraction.project(
                        x, extraction.atLevel(level).directions(x, CLASSES).samples(), K);
            }
            x = sampler.descend(denoiser, x, level, level - 1);
        }
        Tensor multistep = pipeline(new Projection.Multistep()).decode(clarep, CLASSES, K);
        assertThat(multistep.minus(x).norm()).isZero();
        Tensor once = pipeline(new Projection.TopK()).decode(clarep, CLASSES, K);
        assertThat(once.minus(sampler.sample(denoiser, clarep, LEVEL)).norm()).isZero();
        assertThat(once.minus(multistep).norm()).isGreaterThan(1e-3);
    }

    /** Features at t_r are those of the inverted image and of what passes there, also between two levels of a projection. */
    @Test
    void takesFeaturesOnTheWay() {
        Tensor x0 = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(9));
        for (Projection projection : List.of(new Projection.TopK(), new Projection.Multistep())) {
            for (int tr : new int[] {2, 5, 7, 8}) {
                CanonicalPipeline p = new CanonicalPipeline(
                        extraction,
                        projection,
                        new KChoice(2),
                        Guidance.NONE,
                        Optional.of(new CanonicalPipeline.FeaturePoint("blocks.0", tr)));
                CanonicalBatch results = p.of(x0, CLASSES);
                Tensor at = sampler.invert(denoiser, x0, tr, DdimSampler.Inversion.GUIDED);
                Tensor t = DenoisingModel.timeOfAll(sampler.time(tr), 2);
                Tensor expected =
                        model.features(Var.constant(at), t, CLASSES, "blocks.0").value();
                assertThat(results.features()
                                .get("features/original")
                                .minus(expected)
                                .norm())
                        .isZero();
                assertThat(results.latent()
                                .minus(extraction.invert(x0, CLASSES))
                                .norm())
                        .isZero();
                assertThat(results.features())
                        .containsOnlyKeys(
                                "features/original",
                                "features/canonical",
                                "unconditional/original",
                                "unconditional/canonical");
                Tensor canonical = p.decode(results.clarep(), CLASSES, results.k());
                assertThat(results.canonical().minus(canonical).norm()).isZero();
            }
        }
    }

    /** Guidance is in decoding alone, with the class that was chosen for none. */
    @Test
    void guidanceIsInDecoding() {
        Guidance guidance = new Guidance(3, Integer.MAX_VALUE, OptionalInt.of(1));
        CanonicalPipeline guided =
                new CanonicalPipeline(extraction, new Projection.TopK(), new KChoice(2), guidance, Optional.empty());
        CanonicalBatch with = guided.ofLatents(latent, latent, CLASSES);
        CanonicalBatch without = pipeline(new Projection.TopK()).ofLatents(latent, latent, CLASSES);
        assertThat(with.clarep().minus(without.clarep()).norm()).isZero();
        Tensor expected = sampler.sample(
                new GuidedDenoiser(model, CLASSES.otherwise(1), 3, Integer.MAX_VALUE), with.clarep(), LEVEL);
        assertThat(with.canonical().minus(expected).norm()).isZero();
        assertThat(with.canonical().minus(without.canonical()).norm()).isGreaterThan(1e-3);
    }

    /** What is stored and read again is what was computed. */
    @Test
    void isReadAsItWasStored() {
        CanonicalBatch results = pipeline(new Projection.Selective()).ofLatents(latent, latent, CLASSES);
        Map<String, Tensor> arrays = new LinkedHashMap<>(results.decomposition(1e-9));
        arrays.put("latent", results.latent());
        arrays.put("clarep", results.clarep());
        arrays.put("canonical", results.canonical());
        CanonicalBatch read = CanonicalBatch.stored(arrays, 1);
        assertThat(read.size()).isEqualTo(1);
        RandomizedSvd.Triples was = results.triples().getFirst();
        RandomizedSvd.Triples is = read.triples().getFirst();
        assertThat(is.v()).isDeepEqualTo(was.v());
        assertThat(is.sigma()).isEqualTo(was.sigma());
        assertThat(is.residual()).isEqualTo(was.residual());
        assertThat(is.products()).isEqualTo(was.products());
        assertThat(is.bound()).isNaN();
        assertThat(read.order()[0]).isEqualTo(results.order()[0]);
        assertThat(pipeline(new Projection.Selective())
                        .analysis(read, () -> latent, Condition.classes(0))
                        .project(new Projection.Selective(), Replacement.NOTHING, 2)
                        .clarep()
                        .minus(results.clarep().rows(0, 1))
                        .norm())
                .isZero();
    }

    @Test
    void names() {
        for (String name : Projection.NAMES) {
            assertThat(Projection.of(name).title()).isEqualTo(name);
        }
        assertThatThrownBy(() -> Projection.of("all"))
                .hasMessage("projection: 'all' is not one of topk, multistep, selective, local, local-soft, evidence");
        assertThatThrownBy(() -> sampler.descend(denoiser, latent, 3, 4))
                .hasMessage("ddim: from level 3 no way down leads to level 4");
        assertThatThrownBy(() -> sampler.invert(denoiser, latent, new int[] {3, 2}, DdimSampler.Inversion.GUIDED))
                .hasMessage("inversion: levels [3, 2] do not ascend");
    }

    /** Both inversions at several levels, against one way for each. */
    @Test
    void invertsToSeveralLevelsOnOneWay() {
        for (DdimSampler.Inversion how : DdimSampler.Inversion.values()) {
            List<Tensor> both = sampler.invert(denoiser, latent, new int[] {0, 3, 3, 8}, how);
            for (int i = 0; i < 4; i++) {
                int m = new int[] {0, 3, 3, 8}[i];
                assertThat(both.get(i)
                                .minus(sampler.invert(denoiser, latent, m, how))
                                .norm())
                        .isZero();
            }
        }
    }

    private Tensor moved(int b, int i, double h) {
        double[] x = latent.toDoubles();
        double[] v = triples.get(b).v()[i];
        for (int j = 0; j < v.length; j++) {
            x[b * v.length + j] += h * v[j];
        }
        return Tensor.of(x, latent.shape().dims());
    }

    private Tensor features(Tensor x, Condition y) {
        return extraction.linearize(x, y).value();
    }

    /** What a model's own file says of the method, and the paper's where it says nothing. */
    @Test
    void isReadWithTheModelsOwnSetting(@TempDir Path dir) throws IOException {
        ModelDirectory.save(dir, model, Optional.of(SamplerConfig.COSINE_V), model.parameters(), Map.of());
        assertThatThrownBy(() -> CanonicalPipeline.read(dir, DType.F64, 20))
                .isInstanceOf(ModelException.class)
                .hasMessage(dir.resolve("clarid.json")
                        + ": names no layer whose features are differentiated, such as \"layer\": \"blocks.2\"");
        Files.writeString(dir.resolve("clarid.json"), "{\"layer\": \"blocks.1\"}");
        CanonicalPipeline paper = CanonicalPipeline.read(dir, DType.F64, 20);
        assertThat(paper.method().level()).isEqualTo(sampler.at(0.8));
        assertThat(paper.projection()).isEqualTo(new Projection.TopK());
        assertThat(paper.choice()).isEqualTo(KChoice.ADAPTIVE);
        assertThat(paper.method().layer()).isEqualTo("blocks.1");
        Files.writeString(
                dir.resolve("clarid.json"),
                "{\"layer\": \"blocks.0\", \"te\": 0.4, \"projection\": \"evidence\", \"strength\": 2, \"norm\": \"restored\"}");
        CanonicalPipeline own = CanonicalPipeline.read(dir, DType.F64, 20);
        assertThat(own.method().level()).isEqualTo(sampler.at(0.4));
        assertThat(own.projection()).isEqualTo(new Projection.Evidence(2, Projection.Evidence.WEIGHT));
        assertThat(own.replacement().norm()).isTrue();

        // the same samples as of a pipeline that is put together by hand
        Tensor x0 = Tensor.normal(DType.F64, Shape.of(1, 1, 4, 4), new Philox(5));
        CanonicalExtraction method = new CanonicalExtraction(
                model, sampler, sampler.at(0.4), DdimSampler.Inversion.GUIDED, "blocks.0", RandomizedSvd.ofRank(10));
        CanonicalPipeline hand = new CanonicalPipeline(
                method, own.projection(), own.replacement(), KChoice.ADAPTIVE, Guidance.NONE, Optional.empty());
        assertThat(own.of(x0, Condition.classes(1)).canonical().toDoubles())
                .isEqualTo(hand.of(x0, Condition.classes(1)).canonical().toDoubles());
    }
}
