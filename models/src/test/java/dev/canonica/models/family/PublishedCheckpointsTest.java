package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.models.DenoisingModel;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.dit.Sit;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in files that {@code torch.save} wrote, as they are published: made by {@code src/test/scripts/make_checkpoints.py}. */
class PublishedCheckpointsTest {
    private static final Path FILES = Path.of("src/test/resources/checkpoints");
    private static final Path GOLDEN = Path.of(System.getProperty("canonica.golden"), "models");

    @TempDir
    private Path dir;

    /** A folder with the configuration of a golden model and these weights. */
    private Path folder(String golden, String weights) throws IOException {
        Files.copy(GOLDEN.resolve(golden).resolve("model/config.json"), dir.resolve("config.json"));
        Files.copy(FILES.resolve(weights), dir.resolve(weights));
        return dir;
    }

    private static void assertSame(Map<String, Tensor> a, Map<String, Tensor> b) {
        assertThat(a.keySet()).isEqualTo(b.keySet());
        a.forEach((name, t) -> {
            Tensor other = b.get(name);
            assertThat(t.shape()).as(name).isEqualTo(other.shape());
            assertThat(t.toFloats()).as(name).isEqualTo(other.toFloats());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"dit-bare.pt", "dit-ema.pt"})
    void aDitBareAndBesideItsTrainingState(String file) throws IOException {
        DenoisingModel golden = ModelDirectory.load(GOLDEN.resolve("dit_pixel/model"), DType.F32);
        assertSame(ModelDirectory.load(folder("dit_pixel", file), DType.F32).parameters(), golden.parameters());
        assertSame(ModelDirectory.load(dir.resolve(file), DType.F32).parameters(), golden.parameters());
    }

    @Test
    void aResNet() throws IOException {
        ResNet golden = (ResNet) ModelDirectory.classifier(GOLDEN.resolve("resnet_train/model"), DType.F32)
                .orElseThrow();
        ResNet model = (ResNet) ModelDirectory.classifier(folder("resnet_train", "resnet.pth"), DType.F32)
                .orElseThrow();
        assertSame(model.parameters(), golden.parameters());
    }

    @Test
    void aPublishedDitNeedsNoConfiguration() {
        Dit model = (Dit) ModelDirectory.load(FILES.resolve("DiT-S-2-256x256.pt"), DType.F32);
        assertThat(model.config()).isEqualTo(new DitConfig(32, 2, 4, 384, 12, 6, 4, 0.1, 1000, true));
        Tensor w = model.parameters().get("blocks.11.mlp.fc1.weight");
        assertThat(w.shape().dims()).containsExactly(4 * 384, 384);
        assertThat(w.toFloats()).containsOnly(0.25f);
    }

    /** It has the tensors of a DiT: the name alone tells what it predicts. */
    @Test
    void aPublishedSitIsKnownByItsName() throws IOException {
        Path file = Files.copy(FILES.resolve("DiT-S-2-256x256.pt"), dir.resolve("SiT-S-2-256x256.pt"));
        DenoisingModel model = ModelDirectory.load(file, DType.F32);
        assertThat(model.isFlow()).isTrue();
        assertThat(((Sit) model).config()).isEqualTo(new DitConfig(32, 2, 4, 384, 12, 6, 4, 0.1, 1000, true));
    }
}
