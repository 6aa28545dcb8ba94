package dev.canonica.data.set;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Png;
import dev.canonica.data.named.DataSets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentsTest {
    @TempDir
    Path folder;

    private String digest(String set, String name, int height, int width, int value) throws IOException {
        byte[] pixels = new byte[3 * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (value + i);
        }
        Path file = folder.resolve(set).resolve("class").resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, Png.bytes(new Image(3, height, width, pixels)));
        try (ImageSet images = DataSets.open(folder.resolve(set).toString(), List.of())) {
            assertThat(images.image(0).height()).isEqualTo(height);
            return Contents.ofImages(images);
        }
    }

    /** The same bytes in rows of another length are another image; in a file of another name they are the same. */
    @Test
    void theDigestOfImagesHasTheirSize() throws IOException {
        String wide = digest("wide", "a.png", 4, 8, 1);
        assertThat(digest("again", "b.png", 4, 8, 1)).isEqualTo(wide);
        assertThat(digest("tall", "a.png", 8, 4, 1)).isNotEqualTo(wide);
        assertThat(digest("other", "a.png", 4, 8, 2)).isNotEqualTo(wide);
    }
}
