package dev.canonica.data.named;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.canonica.data.set.LabelledFolder;
import dev.canonica.data.set.MaskedImageSet;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The images that the repository ships for its demonstration. */
class DemoImagesTest {
    private static final Path FOLDER = Path.of("..", "demo", "images");

    @Test
    void coverAllClassesAndFamilies() {
        MaskedImageSet demo = (MaskedImageSet) LabelledFolder.open(FOLDER);
        assertThat(demo.size()).isEqualTo(30);
        assertThat(demo.classes()).isEqualTo(FashionMnist.CLASSES);
        int[] classes = new int[10];
        int[] families = new int[10];
        for (int i = 0; i < demo.size(); i++) {
            classes[demo.label(i)]++;
            families[demo.background(i)]++;
            assertThat(demo.image(i).pixels()).hasSize(3 * 32 * 32);
            assertThat(demo.mask(i).pixels()).hasSize(32 * 32);
        }
        assertThat(classes).containsOnly(3);
        assertThat(families).doesNotContain(0);
    }

    @Test
    void areScenes() {
        List<Path> roots = DataSets.roots(null);
        assumeTrue(FashionMnist.find(roots).isPresent(), "needs Fashion-MNIST: " + FashionMnist.CURE);
        MaskedImageSet scenes = (MaskedImageSet) DataSets.open("scenes:test", roots);
        MaskedImageSet demo = (MaskedImageSet) LabelledFolder.open(FOLDER);
        for (int i = 0; i < demo.size(); i++) {
            int index = Integer.parseInt(demo.attributes(i).getOrDefault("scene", ""));
            assertThat(demo.image(i)).usingRecursiveComparison().isEqualTo(scenes.image(index));
            assertThat(demo.mask(i)).usingRecursiveComparison().isEqualTo(scenes.mask(index));
            assertThat(demo.label(i)).isEqualTo(scenes.label(index));
            assertThat(demo.attributes(i)).isEqualTo(scenes.attributes(index));
        }
    }
}
