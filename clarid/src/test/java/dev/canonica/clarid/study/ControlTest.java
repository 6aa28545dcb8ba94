package dev.canonica.clarid.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
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

    /** The first parameter of every grid changes nothing; each sample has a parameter of its own. */
    @ParameterizedTest
    @EnumSource(Control.class)
    void beginsWithNoChange(Control control) {
        double none = control.grid()[0];
        double much = control.grid()[control.grid().length - 1];
        Tensor reconstruction = pipeline.decode(latent, CLASSES);
        Tensor same = control.decode(pipeline, latent, CLASSES, new double[] {none, none}, 0, 1);
        assertThat(same.minus(reconstruction).norm()).isLessThan(1e-12 * reconstruction.norm());
        Tensor mixed = control.decode(pipeline, latent, CLASSES, new double[] {none, much}, 0, 1);
        assertThat(mixed.row(0).minus(reconstruction.row(0)).norm()).isLessThan(1e-12 * reconstruction.norm());
        assertThat(mixed.row(1).minus(reconstruction.row(1)).norm()).isGreaterThan(0.05);
    }

    @Test
    void shrinksTheLatent() {
        Tensor half = Control.SHRUNK.decode(pipeline, latent, CLASSES, new double[] {0.5, 0.5}, 0, 1);
        assertThat(half.minus(pipeline.decode(latent.times(0.5), CLASSES)).norm())
                .isLessThan(1e-12);
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
