package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProjectionModeTest {
    private static final int LEVEL = 8;
    private static final int RANK = 4;
    private static final long[] CLASSES = {0, 1};
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
        long[] none = model.nullClasses(new long[2]);
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

    @Test
    void selectiveRemovesTheLeastEvidentFirst() {
        double[][] evidence = ClassEvidence.of(extraction, latent, CLASSES, triples);
        List<RandomizedSvd.Triples> ordered = ProjectionMode.SELECTIVE.ordered(extraction, latent, CLASSES, triples);
        for (int b = 0; b < 2; b++) {
            RandomizedSvd.Triples was = triples.get(b);
            double last = 0;
            for (int i = 0; i < RANK; i++) {
                int from = Arrays.asList(was.v()).indexOf(ordered.get(b).v()[i]);
                assertThat(ordered.get(b).sigma()[i]).isEqualTo(was.sigma()[from]);
                assertThat(ordered.get(b).residual()[i]).isEqualTo(was.residual()[from]);
                assertThat(evidence[b][from]).isGreaterThanOrEqualTo(last);
                last = evidence[b][from];
            }
        }
        assertThat(ProjectionMode.TOPK.ordered(extraction, latent, CLASSES, triples))
                .isSameAs(triples);
    }

    /** Step by step, as the definition says: levels 8, 6 and 4. */
    @Test
    void multistepProjectsOnTheWayDown() {
        assertThat(ProjectionMode.levelsAgain(LEVEL)).containsExactly(6, 4);
        assertThat(ProjectionMode.levelsAgain(1)).isEmpty(); // 0.75 and 0.5 both round to 1
        assertThat(ProjectionMode.levelsAgain(2)).containsExactly(1);
        Tensor clarep = CanonicalExtraction.project(latent, triples, K);
        Tensor x = clarep;
        for (int level = LEVEL; level >= 0; level--) {
            if (level == 6 || level == 4) {
                x = CanonicalExtraction.project(
                        x, extraction.atLevel(level).directions(x, CLASSES).samples(), K);
            }
            x = sampler.descend(denoiser, x, level, level - 1);
        }
        Tensor multistep = ProjectionMode.MULTISTEP.decode(extraction, denoiser, clarep, CLASSES, K);
        assertThat(multistep.minus(x).norm()).isZero();
        Tensor once = ProjectionMode.TOPK.decode(extraction, denoiser, clarep, CLASSES, K);
        assertThat(once.minus(sampler.sample(denoiser, clarep, LEVEL)).norm()).isZero();
        assertThat(once.minus(multistep).norm()).isGreaterThan(1e-3);
    }

    @Test
    void names() {
        assertThat(ProjectionMode.of("multistep")).isEqualTo(ProjectionMode.MULTISTEP);
        assertThatThrownBy(() -> ProjectionMode.of("all"))
                .hasMessage("projection: 'all' is not one of topk, selective, multistep");
        assertThatThrownBy(() -> sampler.descend(denoiser, latent, 3, 4))
                .hasMessage("ddim: from level 3 no way down leads to level 4");
    }

    private Tensor moved(int b, int i, double h) {
        double[] x = latent.toDoubles();
        double[] v = triples.get(b).v()[i];
        for (int j = 0; j < v.length; j++) {
            x[b * v.length + j] += h * v[j];
        }
        return Tensor.of(x, latent.shape().dims());
    }

    private Tensor features(Tensor x, long[] y) {
        return extraction.linearize(x, y).value();
    }
}
