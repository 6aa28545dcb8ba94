package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.models.Condition;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;

/**
 * A linear network whose extraneous directions are known: to a background direction g (the left half of the image) its features are most sensitive, to the object's o (the right half, on which
 * alone the class acts) nearly as much, and to all else little. What was planted must be found and removed.
 */
class PlantedTruthTest {
    private static final int LEVEL = 10;
    private static final Condition CLASSES = Condition.classes(0, 1);
    private static final EvidenceMap MAP = new EvidenceMap(List.of(0.9, 0.7), 2, 1, 0, 0.4, 5);

    private final double[] g = new double[16];
    private final double[] o = new double[16];
    private final double[] rest = new double[16];

    private final CanonicalExtraction method;
    private final Tensor latent;
    private final LatentAnalysis analysis;

    PlantedTruthTest() {
        for (int i = 0; i < 16; i++) {
            boolean left = i % 4 < 2;
            g[i] = left ? (i / 4 % 2 == 0 ? 1 : -1) / Math.sqrt(8) : 0; // stripes
            o[i] = left ? 0 : 1 / Math.sqrt(8);
            rest[i] = left ? 1 / Math.sqrt(8) : 0; // a flat background
        }
        RealMatrix f = outer(g, 10)
                .add(outer(o, 8))
                .add(MatrixUtils.createRealIdentityMatrix(16).scalarMultiply(0.01));
        RealMatrix a = MatrixUtils.createRealIdentityMatrix(16).scalarMultiply(0.5);
        RealMatrix b = MatrixUtils.createRealMatrix(16, 16);
        for (int i = 0; i < 16; i++) {
            b.setEntry(i, i, i % 4 < 2 ? 0 : 0.2);
        }
        method = new CanonicalExtraction(
                new LinearNetwork(f, outer(o, 0.5), a, b),
                LinearNetwork.sampler(),
                LEVEL,
                DdimSampler.Inversion.GUIDED,
                "features",
                new RandomizedSvd(3, 2, 40, 1e-9, 0, 3));
        double[] both = new double[32];
        for (int i = 0; i < 16; i++) {
            both[i] = 4 * g[i] + 3 * o[i] + rest[i];
            both[16 + i] = -2 * g[i] + 5 * o[i] - rest[i];
        }
        latent = Tensor.of(both, 2, 1, 4, 4);
        analysis = new LatentAnalysis(method, latent, latent, CLASSES);
    }

    private static RealMatrix outer(double[] v, double s) {
        RealMatrix column = new Array2DRowRealMatrix(v);
        return column.multiply(column.transpose()).scalarMultiply(s);
    }

    private double[] clarep(Projection how, Replacement replacement, int step) {
        return analysis.project(how, replacement, step, step).clarep().row(0).toDoubles();
    }

    private double[] clarep(Projection how, int step) {
        return clarep(how, Replacement.NOTHING, step);
    }

    private void parts(double[] x, double background, double object, double flat, double by) {
        assertThat(Vectors.dot(x, g)).as("stripes").isCloseTo(background, within(by));
        assertThat(Vectors.dot(x, o)).as("object").isCloseTo(object, within(by));
        assertThat(Vectors.dot(x, rest)).as("flat background").isCloseTo(flat, within(by));
    }

    @Test
    void topKRemovesTheStrongest() {
        parts(clarep(new Projection.TopK(), 1), 0, 3, 1, 1e-8);
        parts(clarep(new Projection.TopK(), 2), 0, 0, 1, 1e-8); // the object, too
        parts(clarep(new Projection.TopK(), 0), 4, 3, 1, 1e-12);
    }

    /** Under class 2 the features are most sensitive to the object, of which the class acts on. */
    @Test
    void selectiveSparesWhatTheClassActsOn() {
        Condition c = Condition.classes(2, 2); // F + 3 G: 9.5 along o
        double[] more = latent.toDoubles();
        LinearNetwork network = (LinearNetwork) method.model();
        assertThat(network.classes()).isEqualTo(3);
        RealMatrix f = outer(g, 10).add(outer(o, 8));
        CanonicalExtraction other = new CanonicalExtraction(
                new LinearNetwork(f, outer(o, 2), f, f),
                LinearNetwork.sampler(),
                LEVEL,
                DdimSampler.Inversion.GUIDED,
                "features",
                new RandomizedSvd(2, 2, 40, 1e-9, 0, 3));
        LatentAnalysis at = new LatentAnalysis(other, latent, Tensor.of(more, 2, 1, 4, 4), c);
        Replacement none = Replacement.NOTHING;
        parts(at.project(new Projection.TopK(), none, 1, 1).clarep().row(0).toDoubles(), 4, 0, 1, 1e-8);
        for (Projection.Selective.Choice by : Projection.Selective.Choice.values()) {
            double[] x = at.project(new Projection.Selective(by), none, 1, 1)
                    .clarep()
                    .row(0)
                    .toDoubles();
            parts(x, 0, 3, 1, 1e-8);
        }
    }

    /** The map is there where the class acts, and the stripes vanish while the object stays. */
    @Test
    void localProjectionsKeepTheObject() {
        double[] w = MAP.weights(analysis.map(MAP)[0]);
        for (int i = 0; i < 16; i++) {
            assertThat(analysis.map(MAP)[0][i] > 0).isEqualTo(i % 4 >= 2);
            assertThat(w[i]).isBetween(0.0, 1.0);
            assertThat(w[i] > 0.5).isEqualTo(i % 4 < 2);
        }
        parts(clarep(new Projection.Local(MAP), 2), 0, 3, 1, 1e-8);
        double[] soft = clarep(new Projection.LocalSoft(MAP, 0.01), Projection.Soft.CHOSEN);
        // τ² / (τ² + σ²) of the stripes is left, with τ² = .01 σ².
        parts(soft, 4 * 0.01 / 1.01, 3, 1, 1e-3);
        double[] gentle = clarep(new Projection.LocalSoft(MAP, 1), Projection.Soft.CHOSEN);
        parts(gentle, 4 * 0.5, 3, 1, 1e-3);
    }

    /** A position of the dial is the projection of its strength. */
    @Test
    void theDialIsOfStrengths() {
        Projection.Soft how = new Projection.LocalSoft(MAP, 1);
        assertThat(clarep(how, 6)).isEqualTo(clarep(new Projection.LocalSoft(MAP, 1.0 / 9), 4));
        assertThat(clarep(how, 0)).isEqualTo(latent.row(0).toDoubles());
        assertThat(how.label(4)).isEqualTo("r = 1");
        assertThat(how.label(3)).isEqualTo("r = 3");
        assertThat(how.label(6)).isEqualTo("r = 0.11");
        assertThat(new Projection.TopK().label(2)).isEqualTo("k = 2");
    }

    /** Without a map: to change what the class acts on is dear. */
    @Test
    void evidenceKeepsTheObject() {
        LatentAnalysis.Projected p = analysis.project(new Projection.Evidence(0.01, 1000), Replacement.NOTHING, 4, 4);
        double[] x = p.clarep().row(0).toDoubles();
        parts(x, 4 * 0.01 / 1.01, 3, 1, 0.25);
        assertThat(Vectors.dot(x, o)).isGreaterThan(2.7);
        double[] free = clarep(new Projection.Evidence(0.01, 0), 4);
        assertThat(Vectors.dot(free, o)).isLessThan(0.1);
        assertThat(p.residual()[0]).isLessThan(1e-8);
        assertThat(p.products()[0]).isGreaterThan(50);
    }

    @Test
    void putsSomethingInItsPlace() {
        Projection how = new Projection.TopK();
        double[] norm = clarep(how, new Replacement(Replacement.Fill.ZERO, true), 1);
        assertThat(Vectors.norm(norm)).isCloseTo(Vectors.norm(latent.row(0).toDoubles()), within(1e-12));
        parts(norm, 0, 3 * Math.sqrt(26.0 / 10), Math.sqrt(26.0 / 10), 1e-8);

        Replacement noise = new Replacement(Replacement.Fill.NOISE, false);
        double[] noisy = clarep(how, noise, 1);
        double drawn = Vectors.dot(noisy, g);
        assertThat(drawn).isNotCloseTo(0, within(1e-3));
        assertThat(Math.abs(drawn)).isLessThan(4);
        parts(noisy, drawn, 3, 1, 1e-8);
        LatentAnalysis alone = new LatentAnalysis(method, latent.rows(0, 1), latent.rows(0, 1), CLASSES.rows(0, 1));
        assertThat(alone.project(how, noise, 1).clarep().toDoubles()).isEqualTo(noisy);

        double[] mean = clarep(how, new Replacement(Replacement.Fill.MEAN, false), 1);
        parts(mean, Vectors.dot(mean, g), 3, 1, 1e-8);
        assertThat(Vectors.dot(mean, g)).isNotCloseTo(0, within(1e-4));
        assertThat(Replacement.fill("mean")).isEqualTo(Replacement.Fill.MEAN);
        assertThatThrownBy(() -> Replacement.fill("nothing"))
                .hasMessage("replace: 'nothing' is not one of zero, mean, noise");
    }

    /** All of it through the pipeline, each image as if it were alone, and read again as it was stored. */
    @Test
    void imagesDoNotDependOnTheirBatch() {
        for (Projection how :
                List.of(new Projection.Local(MAP), new Projection.LocalSoft(MAP, 3), new Projection.Evidence())) {
            CanonicalPipeline pipeline = new CanonicalPipeline(
                    method,
                    how,
                    new Replacement(Replacement.Fill.NOISE, true),
                    new KChoice(1),
                    Guidance.NONE,
                    Optional.empty());
            Tensor x0 = latent.times(0.2);
            CanonicalBatch both = pipeline.of(x0, CLASSES);
            CanonicalBatch second = pipeline.of(x0.rows(1, 2), CLASSES.rows(1, 2));
            assertThat(second.clarep().toDoubles())
                    .isEqualTo(both.clarep().rows(1, 2).toDoubles());
            assertThat(second.canonical().toDoubles())
                    .isEqualTo(both.canonical().rows(1, 2).toDoubles());
            second.extras()
                    .forEach((name, t) -> assertThat(t.toDoubles())
                            .as(name)
                            .isEqualTo(both.extras().get(name).rows(1, 2).toDoubles()));
            assertThat(both.extras().containsKey("evidence_map"))
                    .isEqualTo(how.recipe().isPresent());
            assertThat(both.extras().containsKey("equation")).isEqualTo(!how.counts());

            Tensor again = pipeline.analysis(both, () -> x0, CLASSES)
                    .project(how, pipeline.replacement(), both.k())
                    .clarep();
            assertThat(again.toDoubles()).isEqualTo(both.clarep().toDoubles());
        }
    }

    @Test
    void refusesAMapThatCannotBe() {
        EvidenceMap many = new EvidenceMap(List.of(0.9), 1, 3, 0, 0.5, 0);
        assertThatThrownBy(() -> analysis.map(many))
                .isInstanceOf(ModelException.class)
                .hasMessage("map: 3 other classes, the model has 2; 0 compares with no condition");
        assertThat(many.fitting(method.model()).classes()).isEqualTo(2);
        assertThat(analysis.map(new EvidenceMap(List.of(0.9), 1, 0, 0, 0.5, 0))[0][3])
                .isPositive();
    }
}
