package dev.canonica.clarid.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.TinyDit;
import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ControlTest {
    private static final Condition CLASSES = Condition.classes(0, 1);

    private final CanonicalExtraction extraction = new CanonicalExtraction(
            TinyDit.make(),
            SamplerConfig.COSINE_V.sampler(10),
            4,
            DdimSampler.Inversion.GUIDED,
            "blocks.1",
            RandomizedSvd.ofRank(2));
    private final CanonicalPipeline pipeline =
            new CanonicalPipeline(extraction, new Projection.TopK(), new KChoice(1), Guidance.NONE, Optional.empty());
    private final Tensor latent = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(8));
    private final float[] mask = {1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0.5f, 0, 0};
    private final double[][] weights = new double[2][16];
    private final Control.Latents latents =
            new Control.Latents(pipeline, latent, CLASSES, 0, 1, () -> weights, List.of(mask, mask));

    ControlTest() {
        Arrays.fill(weights[0], 0.5);
        Arrays.fill(weights[1], 1);
    }

    /** The first parameter of every grid changes nothing; each sample has a parameter of its own. */
    @ParameterizedTest
    @EnumSource(Control.class)
    void beginsWithNoChange(Control control) {
        double none = control.grid()[0];
        double much = control.grid()[control.grid().length - 1];
        Tensor reconstruction = pipeline.decode(latent, CLASSES);
        Tensor same = control.decode(latents, none, none);
        assertThat(same.minus(reconstruction).norm()).isLessThan(1e-12 * reconstruction.norm());
        Tensor mixed = control.decode(latents, none, much);
        assertThat(mixed.row(0).minus(reconstruction.row(0)).norm()).isLessThan(1e-12 * reconstruction.norm());
        assertThat(mixed.row(1).minus(reconstruction.row(1)).norm()).isGreaterThan(0.05);
    }

    @Test
    void shrinksTheLatent() {
        Tensor half = Control.SHRUNK.decode(latents, 0.5, 0.5);
        assertThat(half.minus(pipeline.decode(latent.times(0.5), CLASSES)).norm())
                .isLessThan(1e-12);
    }

    /** x ⊙ (1 − (1 − γ) W): at γ = 0 half of the first latent, and nothing of the second. */
    @Test
    void shrinksWhereTheWeightsAre() {
        Tensor faded = Control.LOCAL_SHRINK.decode(latents, 0, 0.6);
        Tensor expected = Tensor.concatenate(
                0, latent.rows(0, 1).times(0.5), latent.rows(1, 2).times(0.6));
        assertThat(faded.minus(pipeline.decode(expected, CLASSES)).norm()).isLessThan(1e-12);
    }

    /** As local shrink, with the length that each latent had; what is shrunk alike everywhere comes back whole. */
    @Test
    void restoresTheNorm() {
        weights[0][3] = 0;
        Tensor x = latent.rows(0, 1);
        double[] faded = x.toDoubles();
        for (int i = 0; i < faded.length; i++) {
            faded[i] *= 1 - 0.75 * weights[0][i];
        }
        Tensor shrunk = Tensor.of(faded, 1, 1, 4, 4);
        Tensor expected = Tensor.concatenate(0, shrunk.times(x.norm() / shrunk.norm()), latent.rows(1, 2));
        Tensor restored = Control.LOCAL_SHRINK_NORM.decode(latents, 0.25, 0.6);
        assertThat(restored.minus(pipeline.decode(expected, CLASSES)).norm()).isLessThan(1e-12);
        assertThat(Control.LOCAL_SHRINK_NORM.suits(latents)).isTrue();
    }

    /** Outside the true mask alone, and only where there is one. */
    @Test
    void theOracleKeepsTheObject() {
        double[] x = latent.toDoubles();
        for (int i = 0; i < x.length; i++) {
            x[i] *= mask[i % 16];
        }
        Tensor expected = pipeline.decode(Tensor.of(x, 2, 1, 4, 4), CLASSES);
        assertThat(Control.ORACLE.decode(latents, 0, 0).minus(expected).norm()).isLessThan(1e-12);
        assertThat(Control.ORACLE.suits(latents)).isTrue();
        Control.Latents unknown =
                new Control.Latents(pipeline, latent, CLASSES, 0, 1, () -> weights, Arrays.asList(mask, null));
        assertThat(Control.ORACLE.suits(unknown)).isFalse();
        assertThat(Control.LOCAL_SHRINK.suits(unknown)).isTrue();
        assertThat(Control.shown(Replacement.NOTHING))
                .startsWith(Control.LOCAL_SHRINK)
                .doesNotContain(Control.LOCAL_SHRINK_NORM);
        assertThat(Control.shown(new Replacement(Replacement.Fill.ZERO, true)))
                .startsWith(Control.LOCAL_SHRINK, Control.LOCAL_SHRINK_NORM);
    }

    @ParameterizedTest
    @EnumSource(Control.class)
    void findsTheParameterOfAChange(Control control) {
        double[] grid = control.grid();
        double[] change = new double[grid.length];
        Arrays.setAll(change, i -> 0.1 * i);
        assertThat(control.parameterFor(0.1, change)).isCloseTo(grid[1], within(1e-12));
        assertThat(control.parameterFor(0.15, change)).isCloseTo((grid[1] + grid[2]) / 2, within(1e-12));
        assertThat(control.parameterFor(0.1 * grid.length, change)).isNaN();
    }
}
