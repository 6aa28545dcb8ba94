package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights among what trainers save with them: other tensors, averages, other networks, other files. */
class TrainersFilesTest {
    private static final ResNet NET =
            ResNet.initialised(ResNetConfig.of(Block.BASIC, List.of(1, 1, 1, 1), 3, 4, Stem.IMAGENET), 1);
    private static final Tensor OTHER = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);

    @TempDir
    private Path dir;

    private static Map<String, Tensor> under(String prefix, double factor) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        NET.parameters().forEach((name, t) -> all.put(prefix + name, t.times(factor)));
        NET.buffers().forEach((name, t) -> all.put(prefix + name, t.times(1)));
        return all;
    }

    @SafeVarargs
    private Path file(String name, Map<String, Tensor>... parts) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (Map<String, Tensor> part : parts) {
            all.putAll(part);
        }
        Path file = dir.resolve(name);
        Safetensors.write(file, all, Map.of());
        return file;
    }

    private static void isNet(Path model) {
        ResNet read = (ResNet) ModelDirectory.network(model, DType.F32);
        assertThat(read.parameters().keySet()).isEqualTo(NET.parameters().keySet());
        NET.parameters()
                .forEach((name, t) -> assertThat(read.parameters().get(name).toFloats())
                        .as(name)
                        .isEqualTo(t.toFloats()));
    }

    /** Of Lightning a loss' weights, of DINO a head, of a fine-tuning framework another network; whatever the prefix, and whether or not all have it. */
    @ParameterizedTest
    @CsvSource({
        "model., loss_fn.weight",
        "backbone., head.last_layer.weight_g",
        "encoder., projector.0.weight",
        "model.backbone., model.neck.weight",
        "student., center",
        "teacher.backbone., teacher.head.mlp.0.weight",
        "module.encoder_q., module.queue",
        "resnet., classifier.weight",
        "backbone., backbone.extra.weight"
    })
    void whatStandsBeforeTheNamesIsLeftOut(String prefix, String other) {
        boolean inside = other.startsWith(prefix);
        Path file = file("last.safetensors", under(prefix, 1), inside ? Map.of() : Map.of(other, OTHER));
        isNet(file);
        List<String> notes = ModelDirectory.notes(file);
        assertThat(notes)
                .containsExactly(file + ": the weights are its tensors without the prefix '" + prefix + "'"
                        + (inside ? "" : " (not read: " + other + ")"));
    }

    @ParameterizedTest
    @CsvSource({"model., model_ema.", "model., ema_model.module.", "net., ema.", "module., swa_model."})
    void anAverageComesBeforeTheWeights(String weights, String average) {
        Path file = file("a.safetensors", under(weights, 2), under(average, 1), Map.of("loss.weight", OTHER));
        isNet(file);
        assertThat(ModelDirectory.notes(file).getFirst())
                .startsWith(file + ": the weights are its tensors without the prefix '" + average
                        + "', an average of those under '" + weights + "' (not read: ");
    }

    @ParameterizedTest
    @CsvSource({
        "module.encoder_k., module.encoder_q.",
        "generator., net.",
        "online., target.",
        "student., teacher.",
        "student.backbone., teacher.backbone."
    })
    void twoNetworksAreBothNamed(String first, String second) {
        Path file = file("a.safetensors", under(first, 2), under(second, 1));
        assertThatThrownBy(() -> ModelDirectory.network(file, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(
                        file + ": holds more than one network, under '" + first + "' and '" + second + "', ");
    }

    /** Only the family that the configuration names counts. */
    @Test
    void aConfigurationSaysWhichFamilyIsMeant() throws IOException {
        JsonConfig.write(dir.resolve("config.json"), NET.config().toMap());
        Map<String, Tensor> other = Map.of("unet.conv_in.weight", OTHER, "unet.time_embedding.linear_1.weight", OTHER);
        file("model.safetensors", under("classifier.", 1), other);
        isNet(dir);
        Files.writeString(dir.resolve("config.json"), "{\"_class_name\": \"UNet2DModel\"}");
        assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32)).isInstanceOf(ModelException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint_epoch_9.safetensors", "weights.safetensors", "last.ema.safetensors"})
    void theOnlyFileIsTakenAndSaid(String name) throws IOException {
        file(name, under("", 1));
        for (String beside :
                List.of("optimizer.bin", "training_args.bin", "rng_state_0.pth", "scheduler.pt", "notes.txt")) {
            Files.writeString(dir.resolve(beside), "x");
        }
        String said = dir + ": the weights are taken from " + name + ", the only file that could have them";
        isNet(dir);
        assertThat(ModelDirectory.notes(dir)).containsExactly(said);
        JsonConfig.write(dir.resolve("config.json"), NET.config().toMap());
        isNet(dir);
        assertThat(ModelDirectory.notes(dir)).containsExactly(said);
    }

    /** The state beside a training's models would be the only file that could have weights. */
    @Test
    void aTrainingNamesItsModels() throws IOException {
        file("training.safetensors", under("optimiser/b.", 1));
        for (String kept : List.of("last", "best")) {
            Files.createDirectory(dir.resolve(kept));
            JsonConfig.write(
                    dir.resolve(kept).resolve("config.json"), NET.config().toMap());
            String models = kept.equals("last") ? "last in it" : "best and last in it";
            assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                    .isInstanceOf(ModelException.class)
                    .hasMessage(dir + ": a training, not a model; its models are " + models);
        }
    }

    @Test
    void severalFilesAreNamed() throws IOException {
        JsonConfig.write(dir.resolve("config.json"), NET.config().toMap());
        file("epoch_1.safetensors", under("", 1));
        file("epoch_2.safetensors", under("", 1));
        assertThatThrownBy(() -> ModelDirectory.network(dir, DType.F32))
                .hasMessage(dir + ": several files could be the weights, epoch_1.safetensors and epoch_2.safetensors;"
                        + " name one of them as the model");
    }

    @Test
    void onePartOfSeveralIsNoModel() {
        Path part = file("model-00001-of-00002.safetensors", under("", 1));
        assertThatThrownBy(() -> ModelDirectory.weights(dir))
                .hasMessage(part + ": one part of several; their index (.index.json) is needed");
    }

    /** Quantised weights: as a type that is read, and is not of real numbers. */
    @Test
    void integersAreNoWeights() {
        Map<String, Tensor> quantised = new LinkedHashMap<>(under("", 1));
        quantised.put("fc.bias", Tensor.of(new byte[] {1, 2, 3}, 3));
        Path file = file("model.safetensors", quantised);
        assertThatThrownBy(() -> ModelDirectory.network(file, DType.F32))
                .isInstanceOfAny(ModelException.class, FormatException.class)
                .hasMessageContaining("tensor 'fc.bias'")
                .hasMessageContaining("U8")
                .hasMessageContaining("not supported");
    }
}
