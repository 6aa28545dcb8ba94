package dev.canonica.data.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.data.image.Image;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Corruptions whose fields are drawn, against the measures of as many draws in NumPy. The number of draws of each of the eight images is 25, or that of
 * {@code -Dcanonica.draws}: the golden case has 250, 2000 in all.
 */
class CorruptionStatisticsTest {
    private static final int DRAWS = Integer.getInteger("canonica.draws", 25);
    private static final GoldenCase CIFAR = GoldenCase.read("corruptions-cifar");

    @ParameterizedTest
    @EnumSource(
            names = {
                "GAUSSIAN_NOISE",
                "SPECKLE_NOISE",
                "SHOT_NOISE",
                "IMPULSE_NOISE",
                "GLASS_BLUR",
                "MOTION_BLUR",
                "SNOW",
                "FOG",
                "ELASTIC_TRANSFORM",
                "SPATTER"
            })
    void measuresAreThoseOfNumpy(Corruption corruption) {
        for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
            double[] expected = CIFAR.expected("stats/%s/%d".formatted(corruption.id(), severity))
                    .toDoubles();
            double[][] own = own(corruption, severity);
            for (int k = 0; k < Likeness.MEASURES; k++) {
                double value = expected[3 * k];
                double error = Math.hypot(expected[3 * k + 1], own[1][k]);
                assertThat(own[0][k])
                        .as("%s/%d, measure %d", corruption.id(), severity, k)
                        .isCloseTo(value, within(4 * error + expected[3 * k + 2] + 1e-12));
            }
        }
    }

    /** The means over images and draws, and their standard errors. */
    private static double[][] own(Corruption corruption, int severity) {
        List<Image> images = CIFAR.images();
        double[] means = new double[Likeness.MEASURES];
        double[] variances = new double[Likeness.MEASURES];
        for (int i = 0; i < images.size(); i++) {
            double[] sum = new double[Likeness.MEASURES];
            double[] squares = new double[Likeness.MEASURES];
            for (int draw = 0; draw < DRAWS; draw++) {
                Fields fields = Fields.of(5, corruption, severity, i * DRAWS + draw);
                double[] m = Likeness.of(images.get(i), corruption.apply(images.get(i), Table.CIFAR, severity, fields));
                for (int k = 0; k < m.length; k++) {
                    sum[k] += m[k];
                    squares[k] += m[k] * m[k];
                }
            }
            for (int k = 0; k < sum.length; k++) {
                double mean = sum[k] / DRAWS;
                means[k] += mean / images.size();
                double variance = Math.max(0, squares[k] / DRAWS - mean * mean) * DRAWS / (DRAWS - 1);
                variances[k] += variance / DRAWS / (images.size() * images.size());
            }
        }
        for (int k = 0; k < variances.length; k++) {
            variances[k] = Math.sqrt(variances[k]);
        }
        return new double[][] {means, variances};
    }
}
