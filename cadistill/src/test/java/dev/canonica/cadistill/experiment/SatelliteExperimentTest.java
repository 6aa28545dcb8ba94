package dev.canonica.cadistill.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.data.DataException;
import dev.canonica.data.named.Satellite;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.io.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiment on patches that are none: the centre has the class, the neighbours are noise. */
class SatelliteExperimentTest {
    private static final SatelliteScale SMALLEST = new SatelliteScale("tiny", 2, 256, 8, 12, 3, 2);

    @TempDir
    private Path temp;

    private static Satellite patches() {
        int n = Satellite.LEARNED + 20;
        float[][] patches = new float[n][Satellite.NUMBERS];
        int[] labels = new int[n];
        Philox random = new Philox(1);
        for (int i = 0; i < n; i++) {
            labels[i] = i % 3;
            for (int j = 0; j < Satellite.NUMBERS; j++) {
                boolean centre = j % 9 == 4;
                patches[i][j] = (float) (centre ? 40 + 60 * labels[i] : 200 * random.uniform(i * 36L + j));
            }
        }
        return new Satellite(patches, labels, List.of("a", "b", "c"));
    }

    private void run(SatelliteScale scale, Path out) {
        new SatelliteExperiment(scale, patches(), out, "again", what -> {}).run();
    }

    @Test
    void answersAndGoesOn() throws IOException {
        Path out = temp.resolve("out");
        run(SMALLEST, out);
        Map<String, Object> results = JsonText.read(out.resolve("results.json"));
        List<SatelliteArm> arms = SatelliteArm.all(SMALLEST.rank());
        assertThat((List<?>) Objects.requireNonNull(results.get("outcomes"))).hasSize(arms.size());
        assertThat((List<?>) Objects.requireNonNull(results.get("directions"))).hasSize(2);
        Map<?, ?> accuracy = (Map<?, ?>) Objects.requireNonNull(results.get("accuracy"));
        Map<?, ?> centre = (Map<?, ?>) Objects.requireNonNull(accuracy.get("original, centre_right"));
        assertThat(centre.get("estimate")).isEqualTo(1.0);
        assertThat(centre.get("n")).isEqualTo(12L);
        String page = Files.readString(out.resolve("report.html"));
        assertThat(page)
                .contains("Where do directions lie?", "The scale is tiny", "local soft, r = 3", "networks ")
                .doesNotContain("NaN", "{{");
        assertThat(Files.readString(out.resolve("results.csv")))
                .contains("top-k 1,context_variance,", "_to_shrunk_at_equal_change,");

        byte[] before = Files.readAllBytes(out.resolve("results.json"));
        byte[] html = Files.readAllBytes(out.resolve("report.html"));
        byte[] tried = Files.readAllBytes(out.resolve("tried/000001.npz"));
        Files.delete(out.resolve("results.json"));
        Files.delete(out.resolve("tried/000001.npz"));
        run(SMALLEST, out);
        assertThat(out.resolve("tried/000001.npz")).hasBinaryContent(tried);
        assertThat(out.resolve("results.json")).hasBinaryContent(before);
        assertThat(out.resolve("report.html")).hasBinaryContent(html);

        SatelliteScale other = new SatelliteScale("tiny", 2, 256, 8, 13, 3, 2);
        assertThatThrownBy(() -> run(other, out))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("held-out patches");
    }

    /** A patch whose neighbours became their mean, and whose centre moved by a standard deviation in each band. */
    @Test
    void measuresContextAndCentreApart() {
        double[] original = new double[Satellite.NUMBERS];
        Arrays.setAll(original, j -> j % 9 == 4 ? 5 : j % 2 == 0 ? 1 : -1);
        double[] flat = new double[Satellite.NUMBERS];
        Arrays.setAll(flat, j -> j % 9 == 4 ? 6 : 0);
        double[] removed = new double[Satellite.NUMBERS];
        Arrays.fill(removed, 2);
        double[] before = SatelliteMeasure.row(original, original, original, new double[Satellite.NUMBERS]);
        double[] after = SatelliteMeasure.row(flat, original, original, removed);
        assertThat(SatelliteMeasure.CONTEXT.applyAsDouble(before)).isCloseTo(1, within(1e-12));
        assertThat(SatelliteMeasure.CONTEXT.applyAsDouble(after)).isZero();
        assertThat(SatelliteMeasure.CENTRE_ERROR.applyAsDouble(after)).isCloseTo(1, within(1e-12));
        assertThat(SatelliteMeasure.CHANGE.applyAsDouble(after)).isCloseTo(1, within(1e-12));
        assertThat(SatelliteMeasure.CENTRE_CHANGE.applyAsDouble(after)).isCloseTo(1.0 / 9, within(1e-12));
        assertThat(SatelliteMeasure.CENTRE_REMOVED.applyAsDouble(after) / SatelliteMeasure.REMOVED.applyAsDouble(after))
                .isCloseTo(1.0 / 9, within(1e-12));
        double[] v = new double[Satellite.NUMBERS];
        v[4] = 3;
        v[0] = 4;
        assertThat(SatelliteMeasure.share(v)).isCloseTo(9.0 / 25, within(1e-12));
    }

    /** Neighbours are the nearest by distance, which those by the angle from the origin are not. */
    @Test
    void judgesByDistance() {
        SatellitePatches patches = new SatellitePatches(patches());
        double[][] rows = new double[3][];
        for (int label = 0; label < 3; label++) {
            double[] row = patches.held(label, label + 1).toDoubles();
            rows[label] = row;
            assertThat(patches.byCentre(new double[][] {row})).containsExactly(patches.label(label));
        }
        double[] near = rows[0].clone(); // of the middle class, on the side of that of rows[1]
        for (int band = 0; band < Satellite.BANDS; band++) {
            near[band * 9 + 4] = 0.55 * rows[0][band * 9 + 4] + 0.45 * rows[1][band * 9 + 4];
        }
        assertThat(patches.byCentre(new double[][] {near})).containsExactly(patches.label(0));
    }
}
