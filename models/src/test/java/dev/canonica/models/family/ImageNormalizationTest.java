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
}
