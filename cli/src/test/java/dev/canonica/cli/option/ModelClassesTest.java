package dev.canonica.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of a model's classes those of a set are. */
class ModelClassesTest {
    @TempDir
    private Path dir;

    private ImageSet set(String... classes) throws IOException {
        for (String name : classes) {
            Path folder = Files.createDirectories(dir.resolve(name));
            ImageIO.write(
                    new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB),
                    "png",
                    folder.resolve("a.png").toFile());
        }
        return DataSets.open(dir.toString());
    }

    @Test
    void namesTellWhateverTheirOrder() throws IOException {
        ImageSet set = set("cat", "dog");
        assertThat(ModelClasses.of(set, null, List.of("Dog", "cow", "cat"), 3).applyAsInt(0))
                .isEqualTo(2);
        assertThat(ModelClasses.of(set, null, List.of("Dog", "cow", "cat"), 3).applyAsInt(1))
                .isZero();
    }

    /** As ImageNet's short names have two cranes. */
    @Test
    void aNameOfTwoClassesIsNotGuessed() throws IOException {
        ImageSet set = set("crane", "dog");
        assertThatThrownBy(() -> ModelClasses.of(set, null, List.of("crane", "dog", "crane"), 3))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith(
                        ": class 'crane' is by the model's names its number 0 and its number 2; --class-ids"
                                + " gives the model's number of each");
        assertThat(ModelClasses.of(set, "2,1", List.of("crane", "dog", "crane"), 3)
                        .applyAsInt(0))
                .isEqualTo(2);
    }

    @Test
    void aNameBeyondTheModelsClassesIsRefused() throws IOException {
        ImageSet set = set("cat", "dog");
        assertThatThrownBy(() -> ModelClasses.of(set, null, List.of("cat", "cow", "dog"), 2))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("class 'dog' is by the model's names its number 2, and it has 2 classes");
    }
}
