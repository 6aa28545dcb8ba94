package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.models.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Digests against {@code sha256sum} of the files one after another. */
class ModelDigestTest {
    private static final String CONFIG_AND_AB = "SHA-256 889475e1d0ac6846";
    private static final String AB = "SHA-256 fb8e20fc2e4c3f24";

    @TempDir
    private Path dir;

    @BeforeEach
    void configuration() throws IOException {
        Files.writeString(dir.resolve("config.json"), "{}");
    }

    @Test
    void isOfConfigurationAndWeights() throws IOException {
        Path file = Files.writeString(dir.resolve("model.safetensors"), "ab");
        assertThat(ModelDigest.of(dir)).isEqualTo(ModelDigest.of(file)).isEqualTo(CONFIG_AND_AB);
        Files.delete(dir.resolve("config.json"));
        assertThat(ModelDigest.of(file)).isEqualTo(AB);
    }

    @Test
    void changesWithAByteAndNotWithTheTime() throws IOException {
        Path file = Files.writeString(dir.resolve("model.pt"), "ab");
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        assertThat(ModelDigest.of(dir)).isEqualTo(CONFIG_AND_AB);
        Files.writeString(file, "aa");
        assertThat(ModelDigest.of(dir)).isNotEqualTo(CONFIG_AND_AB);
    }

    @Test
    void readsShardsInOrder() throws IOException {
        Files.writeString(dir.resolve("2.safetensors"), "b");
        Files.writeString(dir.resolve("1.safetensors"), "a");
        Files.writeString(
                dir.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"z\": \"1.safetensors\", \"x\": \"2.safetensors\", \"y\": \"1.safetensors\"}}");
        assertThat(ModelDigest.of(dir)).isEqualTo(CONFIG_AND_AB);
    }

    @Test
    void namesThePartsOfAPipeline() throws IOException {
        Files.writeString(dir.resolve("model_index.json"), "{\"vae\": [\"d\", \"V\"], \"unet\": [\"d\", \"U\"]}");
        for (String part : new String[] {"unet", "vae"}) {
            Path folder = Files.createDirectories(dir.resolve(part));
            Files.writeString(folder.resolve("config.json"), part.equals("unet") ? "{}" : "");
            Files.writeString(folder.resolve("diffusion_pytorch_model.safetensors"), "ab");
        }
        assertThat(ModelDigest.of(dir)).isEqualTo("SHA-256 unet 889475e1d0ac6846, vae fb8e20fc2e4c3f24");
    }

    @Test
    void refusesAModelThatIsNotThere() {
        assertThatThrownBy(() -> ModelDigest.of(dir.resolve("more")))
                .isInstanceOf(ModelException.class)
                .hasMessage(dir.resolve("more")
                        + ": no such model; a folder with config.json and model.safetensors is needed");
    }

    @Test
    void refusesWhatIsNotThere() throws IOException {
        Files.writeString(dir.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"x\": \"1.safetensors\"}}");
        assertThatThrownBy(() -> ModelDigest.of(dir))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(dir.resolve("1.safetensors") + ": cannot be read: ");
    }
}
