package dev.canonica.data.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.Philox;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CorruptionTest {
    /** Smooth, with noise, no darker or brighter than {@code low} and {@code high}. */
    private static Image image(int height, int width, int low, int high, long seed) {
        byte[] pixels = new byte[3 * height * width];
        Philox random = new Philox(seed);
        for (int i = 0; i < pixels.length; i++) {
            double wave = 0.5 + 0.3 * Math.sin(i / 3 % width * 0.31 + i % 3) + 0.2 * random.uniform(i);
            pixels[i] = (byte) (low + wave * (high - low));
        }
        return new Image(3, height, width, pixels);
    }

    @ParameterizedTest
    @EnumSource
    void isAFunctionOfImageSeverityAndSeed(Corruption corruption) {
        Image image = image(33, 47, 10, 240, 1);
        byte[] before = image.pixels().clone();
        for (Table table : Table.values()) {
            Set<String> different = new HashSet<>();
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                Image once = corruption.apply(image, table, severity, Fields.of(7, corruption, severity, 3));
                Image again = corruption.apply(image, table, severity, Fields.of(7, corruption, severity, 3));
                assertThat(again.pixels()).isEqualTo(once.pixels()).isNotEqualTo(before);
                assertThat(once.height()).isEqualTo(33);
                assertThat(once.width()).isEqualTo(47);
                different.add(Arrays.toString(once.pixels()));
            }
            assertThat(different).as("severities of %s", table).hasSizeGreaterThanOrEqualTo(4);
        }
        assertThat(image.pixels()).isEqualTo(before);
    }

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
                "FROST",
                "FOG",
                "ELASTIC_TRANSFORM",
                "SPATTER"
            })
    void drawsDependOnSeedAndImage(Corruption corruption) {
        Image image = image(32, 32, 10, 240, 2);
        Set<String> different = new HashSet<>();
        for (long seed = 0; seed < 2; seed++) {
            for (int i = 0; i < 2; i++) {
                different.add(Arrays.toString(corruption
                        .apply(image, Table.CIFAR, 5, Fields.of(seed, corruption, 5, i))
                        .pixels()));
            }
        }
        assertThat(different).hasSize(4);
    }

    /** Grey images and the least size that is taken; a pixel less is refused in a line that says so. */
    @ParameterizedTest
    @EnumSource
    void smallAndGreyImages(Corruption corruption) {
        byte[] grey = new byte[64];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) (3 * i);
        }
        for (Table table : Table.values()) {
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                Fields fields = Fields.of(1, corruption, severity, 0);
                assertThat(corruption
                                .apply(new Image(1, 8, 8, grey), table, severity, fields)
                                .channels())
                        .isEqualTo(3);
            }
        }
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(
                        () -> corruption.apply(image(7, 40, 0, 255, 1), Table.CIFAR, 1, Fields.of(1, corruption, 1, 0)))
                .withMessageContaining("at least 8 x 8 pixels, not 7 x 40");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> corruption.apply(image(9, 9, 0, 255, 1), Table.CIFAR, 6, Fields.of(1, corruption, 6, 0)));
    }

    /** Black and white images, where a share is of nothing. */
    @ParameterizedTest
    @EnumSource
    void flatImages(Corruption corruption) {
        for (int level : new int[] {0, 255}) {
            byte[] flat = new byte[3 * 32 * 32];
            Arrays.fill(flat, (byte) level);
            Image image = new Image(3, 32, 32, flat);
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                Fields fields = Fields.of(1, corruption, severity, 0);
                assertThat(corruption
                                .apply(image, Table.CIFAR, severity, fields)
                                .pixels())
                        .hasSize(flat.length);
            }
        }
    }

    /**
     * Before values are cut off, frost changes the mean by (c₀ − 1) x̄ + c₁ μ, and the square of the change has the mean of that squared and (1 − c₀)² var
     * x + c₁² s².
     */
    @Test
    void frostHasTheStatedMoments() {
        for (Table table : Table.values()) {
            double spread = table == Table.CIFAR ? 0.1432 : 0.1547;
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                double[] c = Severities.parameters(table, Corruption.FROST, severity);
                Pixels x = Pixels.of(image(32, 32, 0, 60, 4));
                int n = x.values().length;
                double mean = 0;
                double square = 0;
                for (double v : x.values()) {
                    mean += v / n;
                    square += v * v / n;
                }
                double[] changes = new double[400];
                double[] squares = new double[400];
                for (int i = 0; i < changes.length; i++) {
                    Pixels y = Weather.frost(x, c, Fields.of(2, Corruption.FROST, severity, i));
                    for (int k = 0; k < n; k++) {
                        double d = y.values()[k] / 255 - x.values()[k];
                        changes[i] += d / n;
                        squares[i] += d * d / n;
                    }
                }
                double change = (c[0] - 1) * mean + c[1] * FrostTexture.MEAN;
                double variance = (1 - c[0]) * (1 - c[0]) * (square - mean * mean) + c[1] * c[1] * spread * spread;
                assertThat(mean(changes)).as("%s/%d", table, severity).isCloseTo(change, within(4 * error(changes)));
                assertThat(mean(squares))
                        .as("%s/%d, squared", table, severity)
                        .isCloseTo(change * change + variance, within(4 * error(squares)));
            }
        }
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double error(double[] values) {
        double mean = mean(values);
        double variance = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        return Math.sqrt(variance / values.length);
    }

    /** The texture's mean is exact, its spread as documented, its values in [0, 1], blue above red. */
    @Test
    void frostTexture() {
        double[] spreads = {0.1547, 0.1432};
        for (int shrunk : new int[] {1, 4}) {
            FrostTexture texture = FrostTexture.shrunk(shrunk);
            int side = texture.side();
            assertThat(side).isEqualTo(512 / shrunk);
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < side * side; i++) {
                for (int c = 0; c < 3; c++) {
                    double v = texture.at(i / side, i % side, c);
                    assertThat(v).isBetween(0.0, 1.0);
                    sum += v;
                    squares += v * v;
                }
                assertThat(texture.at(i / side, i % side, 2)).isGreaterThanOrEqualTo(texture.at(i / side, i % side, 0));
            }
            double mean = sum / (3 * side * side);
            assertThat(mean).isCloseTo(FrostTexture.MEAN, within(1e-9));
            assertThat(Math.sqrt(squares / (3 * side * side) - mean * mean))
                    .isCloseTo(spreads[shrunk / 4], within(0.0005));
            assertThat(texture.at(-1, side, 1)).isEqualTo(texture.at(side - 1, 0, 1));
        }
    }

    @Test
    void givenFieldsAreChecked() {
        Image image = image(32, 32, 0, 255, 1);
        Fields drawn = Fields.of(1, Corruption.MOTION_BLUR, 1, 0);
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corruption.MOTION_BLUR.apply(
                        image, Table.CIFAR, 1, drawn.given(Map.of("angle", new double[] {1.5}))))
                .withMessage("field 'angle': holds 1.5; its values lie in -1.0 … 1.0");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corruption.GAUSSIAN_NOISE.apply(
                        image, Table.CIFAR, 1, drawn.given(Map.of("normal", new double[12]))))
                .withMessage("field 'normal': 12 numbers an image, not 3072");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() ->
                        Corruption.GLASS_BLUR.apply(image, Table.CIFAR, 1, drawn.given(Map.of("shifts", shifts(1)))))
                .withMessage("field 'shifts': holds 1.0; its values lie in -1.0 … 0.0");
    }

    private static double[] shifts(double value) {
        double[] shifts = new double[2 * 30 * 30];
        Arrays.fill(shifts, value);
        return shifts;
    }

    @Test
    void namesAreThePublishedOnes() {
        assertThat(Corruption.of("jpeg_compression")).isEqualTo(Corruption.JPEG_COMPRESSION);
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Corruption.of("rain"))
                .withMessageStartingWith("no corruption 'rain'; there are gaussian_noise, ");
        assertThat(Table.of(64, 33)).isEqualTo(Table.CIFAR);
        assertThat(Table.of(64, 65)).isEqualTo(Table.IMAGENET);
    }
}
