package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.models.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageNormalizationTest {
    @TempDir
    private Path dir;

    private Optional<ImageNormalization> read(String config) throws IOException {
        Files.writeString(dir.resolve("config.json"), config);
        return ImageNormalization.read(dir, 3);
    }

    @Test
    void isFoundWhereTimmHasIt() throws IOException {
        String own = "\"mean\": [0.1, 0.2, 0.3], \"std\": [0.5, 0.6, 0.7]";
        String timm = "\"pretrained_cfg\": {\"mean\": [0.4, 0.4, 0.4], \"std\": [0.2, 0.2, 0.2]}";
        assertThat(read("{" + timm + "}").orElseThrow().mean()).isEqualTo(List.of(0.4, 0.4, 0.4));
        assertThat(read("{" + own + ", " + timm + "}").orElseThrow().std()).isEqualTo(List.of(0.5, 0.6, 0.7));
        assertThat(read("{\"pretrained_cfg\": {\"tag\": \"a1\"}}")).isEmpty();
        assertThat(read("{}")).isEmpty();
    }

    @Test
    void oneOfTheTwoIsRefused() {
        assertThatThrownBy(() -> read("{\"pretrained_cfg\": {\"mean\": [0.4, 0.4, 0.4]}}"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("gives one of mean and std");
    }

    /** As Caffe's and mmdetection's files have them: of images in [0, 255], often blue first. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[123.675, 116.28, 103.53] | [58.395, 57.12, 57.375] | mean has 123.675, of images in [0, 255]; those here lie in [0, 1], their channels red, green, blue: divide mean and std by 255 (123.675 / 255 = 0.4850)",
                "[103.53, 116.28, 123.675] | [1.0, 1.0, 1.0] | mean has 103.53, of images in [0, 255]",
                "[0, 0, 0] | [255, 255, 255] | std has 255.0, of images in [0, 255]",
                "[0.5, 0.5, 0.5] | [0.5, 0, 0.5] | std has 0.0; numbers above 0 are needed",
                "[0.5, 0.5, 0.5] | [0.5, -0.5, 0.5] | std has -0.5; numbers above 0 are needed",
                "[0.5, 0.5, 0.5] | [0.5, NaN, 0.5] | std is [0.5,",
                "[0.5, Infinity, 0.5] | [0.5, 0.5, 0.5] | mean is [0.5,",
                "[-0.5, 0.5, 0.5] | [0.5, 0.5, 0.5] | mean has -0.5; images lie in [0, 1]",
                "[0.5] | [0.5] | mean has 1 numbers; 3 are needed, one for each channel",
                "0.5 | 0.5 | mean is 0.5; a list of numbers is needed",
                "[0.5, 0.5, 0.5] | [0.5, 0.5] | std has 2 numbers; 3 are needed, one for each channel"
            })
    void numbersThatCannotBeMeantAreRefused(String mean, String std, String message) throws IOException {
        for (String form : List.of("%s", "{\"pretrained_cfg\": %s}")) {
            String numbers = "{\"mean\": " + mean + ", \"std\": " + std + "}";
            assertThatThrownBy(() -> read(form.formatted(numbers)))
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith(dir.resolve("config.json") + ": " + message);
        }
    }

    @Test
    void threeNumbersAreNotOfOneChannel() throws IOException {
        Files.writeString(dir.resolve("config.json"), "{\"mean\": [0.4, 0.4, 0.4], \"std\": [0.2, 0.2, 0.2]}");
        assertThatThrownBy(() -> ImageNormalization.read(dir, 1))
                .hasMessageEndingWith("mean has 3 numbers; 1 are needed, one for each channel");
    }
}
