package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.text.ClipTokenizer;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged JSON configurations: a model, or one line that says what is wrong; never long work. A few thousand files for each;
 * {@code -Dcanonica.fuzz=100000} makes it many more.
 */
class ConfigFuzzTest {
    private static final int FILES_EACH = Integer.getInteger("canonica.fuzz", 1000);
    private static final Duration LIMIT = Duration.ofSeconds(60 + FILES_EACH / 20);
    private static final String[] VALUES = {
        "0", "-1", "1e9", "2147483647", "9999999999", "null", "true", "\"x\"", "[]", "{}", "[1,2", "1.5", "NaN"
    };

    @TempDir
    private Path dir;

    @Test
    void modelConfigurations() throws IOException {
        DitConfig c = new DitConfig(8, 4, 3, 8, 1, 2, 2, 0.1, 2, false);
        Dit dit = Dit.initialised(c, 1);
        ModelDirectory.save(dir, dit, Optional.of(SamplerConfig.COSINE_V), dit.parameters(), Map.of());
        fuzz(dir.resolve("config.json"), file -> ModelDirectory.load(dir, DType.F32));
    }

    @Test
    void classifierConfigurations() throws IOException {
        Path golden = Path.of(System.getProperty("canonica.golden"), "models/resnet_train/model");
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(golden.resolve(name), dir.resolve(name));
        }
        fuzz(dir.resolve("config.json"), file -> ModelDirectory.classifier(dir, DType.F32));
    }

    @Test
    void textConditionalConfigurations() throws IOException {
        Path golden = Path.of(System.getProperty("canonica.golden"), "models/sd21/model/unet");
        for (String name : new String[] {"config.json", "diffusion_pytorch_model.safetensors"}) {
            Files.copy(golden.resolve(name), dir.resolve(name));
        }
        fuzz(dir.resolve("config.json"), file -> ModelDirectory.textConditional(dir, DType.F32));
    }

    @Test
    void textEncoderConfigurations() throws IOException {
        Path golden = Path.of(System.getProperty("canonica.golden"), "models/sd21/model/text_encoder");
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(golden.resolve(name), dir.resolve(name));
        }
        fuzz(dir.resolve("config.json"), file -> ModelDirectory.textEncoder(dir, DType.F32));
    }

    @Test
    void autoencoderConfigurations() throws IOException {
        Path golden = Path.of(System.getProperty("canonica.golden"), "models/sd21/model/vae");
        for (String name : new String[] {"config.json", "diffusion_pytorch_model.safetensors"}) {
            Files.copy(golden.resolve(name), dir.resolve(name));
        }
        fuzz(dir.resolve("config.json"), file -> ModelDirectory.autoencoder(dir, DType.F32));
    }

    @Test
    void tokenizers() throws IOException {
        Files.writeString(dir.resolve("vocab.json"), """
                {
                 "a": 0,
                 "b": 1,
                 "c</w>": 2,
                 "ab": 3,
                 "abc</w>": 4,
                 "<|startoftext|>": 5,
                 "<|endoftext|>": 6
                }
                """);
        Files.writeString(dir.resolve("merges.txt"), "#version: 0.2\na b\nab c</w>\n");
        Files.writeString(dir.resolve("tokenizer_config.json"), """
                {
                 "model_max_length": 7,
                 "pad_token": "a",
                 "unk_token": {"content": "<|endoftext|>"}
                }
                """);
        for (String name : new String[] {"vocab.json", "merges.txt", "tokenizer_config.json"}) {
            fuzz(dir.resolve(name), file -> ClipTokenizer.read(dir).prompt("abc x"));
        }
    }

    @Test
    void samplerConfigurations() throws IOException {
        SamplerConfig.COSINE_V.write(dir.resolve(SamplerConfig.FILE));
        fuzz(dir.resolve(SamplerConfig.FILE), file -> SamplerConfig.read(file).sampler(4));
    }

    private void fuzz(Path file, Consumer<Path> reader) throws IOException {
        String good = Files.readString(file);
        int[] refused = {0};
        assertTimeoutPreemptively(LIMIT, () -> {
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < FILES_EACH; i++) {
                Files.delete(
                        file); // a file that is written over in place is forced to disk by ext4: most of the time, then
                Files.write(file, mutated(good, random));
                try {
                    reader.accept(file);
                } catch (ModelException | FormatException e) {
                    refused[0]++;
                    assertThat(e.getMessage()).isNotBlank().doesNotContain("\n", "\r");
                }
            }
        });
        assertThat(refused[0]).isGreaterThan(FILES_EACH / 4);
        Files.writeString(file, good);
    }

    private static byte[] mutated(String good, SplittableRandom random) {
        if (random.nextBoolean()) { // another value for a key
            String[] lines = good.split("\n", -1);
            int line = random.nextInt(lines.length);
            String value = VALUES[random.nextInt(VALUES.length)];
            lines[line] = lines[line].replaceFirst("(:\\s*).*?(,?)$", "$1" + value + "$2");
            return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        }
        byte[] b = good.getBytes(StandardCharsets.UTF_8);
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            b[random.nextInt(b.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt(256) : '0' + random.nextInt(10));
        }
        return b;
    }
}
