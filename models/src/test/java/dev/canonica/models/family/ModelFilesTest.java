package dev.canonica.models.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.LazyTensors;
import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import dev.canonica.tensor.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models from every layout of their files, and from a bare checkpoint. */
class ModelFilesTest {
    private static final DitConfig TINY = new DitConfig(8, 4, 3, 8, 2, 2, 2, 0.1, 2, false);

    @TempDir
    private Path dir;

    private final Dit dit = Dit.initialised(TINY, 1);
    private final Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(3));

    private float[] output(DenoisingModel model) {
        return model.features(Var.constant(x), DenoisingModel.times(17), Condition.classes(1), "blocks.1")
                .value()
                .toFloats();
    }

    private void config() {
        ModelDirectory.save(dir, dit, Optional.of(SamplerConfig.COSINE_V), dit.parameters(), Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.safetensors.index.json",
                "diffusion_pytorch_model.safetensors.index.fp16.json",
                "diffusion_pytorch_model.bin.index.non_ema.json",
                "pytorch_model.fp16.bin.index.json"
            })
    void aShardedModelIsTheWholeOne(String index) throws IOException {
        config();
        Map<String, Tensor> first = new HashMap<>();
        Map<String, Tensor> second = new HashMap<>();
        StringBuilder map = new StringBuilder();
        dit.parameters().forEach((name, t) -> {
            boolean one = first.size() <= second.size();
            (one ? first : second).put(name, t);
            map.append(map.isEmpty() ? "" : ",").append("\"" + name + "\":\"" + (one ? "a" : "b") + ".safetensors\"");
        });
        Safetensors.write(dir.resolve("a.safetensors"), first, Map.of());
        Safetensors.write(dir.resolve("b.safetensors"), second, Map.of());
        Files.writeString(dir.resolve(index), "{\"weight_map\":{" + map + "}}");
        Files.delete(dir.resolve("model.safetensors"));
        assertThat(output(ModelDirectory.load(dir, DType.F32))).isEqualTo(output(dit));
    }

    /** A variant is the model where nothing else is there. */
    @ParameterizedTest
    @ValueSource(strings = {"model.bf16.safetensors", "diffusion_pytorch_model.non_ema.safetensors"})
    void aVariantAloneIsTheModel(String name) throws IOException {
        config();
        Files.move(dir.resolve("model.safetensors"), dir.resolve(name));
        assertThat(output(ModelDirectory.load(dir, DType.F32))).isEqualTo(output(dit));
    }

    @Test
    void aHalfVariantIsWidened() throws IOException {
        config();
        Files.delete(dir.resolve("model.safetensors"));
        Map<String, Tensor> half = StateDict.converted(dit.parameters(), DType.F16);
        Safetensors.write(dir.resolve("diffusion_pytorch_model.fp16.safetensors"), half, Map.of());
        Dit rounded = new Dit(TINY, StateDict.converted(half, DType.F32));
        assertThat(output(ModelDirectory.load(dir, DType.F32))).isEqualTo(output(rounded));
    }

    @Test
    void parametersThatAreFirstNeededInAScopeOutliveIt() {
        config();
        DenoisingModel lazy = ModelDirectory.load(dir, DType.F32);
        float[] first;
        try (Scope scope = Scope.open()) {
            first = output(lazy);
        }
        assertThat(output(lazy)).isEqualTo(first).isEqualTo(output(dit));
    }

    @Test
    void architectureIsReadOffThePublishedShapes() {
        for (int size : new int[] {32, 64}) { // latents of 256 and 512
            DitConfig c = new DitConfig(size, 2, 4, 384, 1, 6, 4, 0.1, 10, true);
            Path file = dir.resolve("DiT-S-2-" + size + ".safetensors");
            Safetensors.write(file, Dit.initialised(c, 1).parameters(), Map.of());
            DenoisingModel model = ModelDirectory.load(file, DType.F32);
            assertThat(((Dit) model).config()).isEqualTo(c);
        }
    }

    @Test
    void aWidthThatWasNotPublishedNeedsAConfiguration() {
        Path file = dir.resolve("tiny.safetensors");
        Safetensors.write(file, dit.parameters(), Map.of());
        assertThatThrownBy(() -> ModelDirectory.load(file, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessage(
                        file + ": a DiT of width 8 is not a published one, and its number of heads cannot be told from"
                                + " its tensors: a config.json beside it is needed");
    }

    @Test
    void whatIsNoDitNeedsAConfiguration() {
        Path file = Path.of("../tensor/src/test/resources/checkpoints/bare.pt");
        assertThatThrownBy(() -> ModelDirectory.load(file, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessage(file
                        + ": not a DiT or a ResNet by its tensors' names, and no config.json beside it says what it"
                        + " is");
    }

    /** Names that training and compilation put before all of a model's. */
    @ParameterizedTest
    @ValueSource(strings = {"module.", "_orig_mod.", "model.", "model._orig_mod.", "ema.state_dict.", "net."})
    void aPrefixThatAllTensorsShareIsLeftOut(String prefix) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        dit.parameters().forEach((name, t) -> all.put(prefix + name, t));
        all.put("n_averaged", Tensor.of(new long[] {7}).reshape());
        Safetensors.write(dir.resolve(ModelDirectory.WEIGHTS), all, Map.of());
        JsonConfig.write(dir.resolve(ModelDirectory.CONFIG), dit.config().toMap());
        assertThat(ModelDirectory.load(dir, DType.F32).parameters().keySet())
                .isEqualTo(dit.parameters().keySet());
        assertThat(ModelDirectory.notes(dir))
                .containsExactly(dir.resolve(ModelDirectory.WEIGHTS)
                        + ": the weights are its tensors without the prefix '" + prefix + "' (not read: n_averaged)");
    }

    @Test
    void aPrefixThatSomeTensorsHaveIsTheirs() {
        Map<String, Tensor> all = new LinkedHashMap<>(dit.parameters());
        all.put("module.pos_embed", all.remove("pos_embed"));
        Safetensors.write(dir.resolve(ModelDirectory.WEIGHTS), all, Map.of());
        JsonConfig.write(dir.resolve(ModelDirectory.CONFIG), dit.config().toMap());
        assertThat(ModelDirectory.notes(dir)).isEmpty();
        assertThatThrownBy(() -> ModelDirectory.load(dir, DType.F32))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tensor 'pos_embed'")
                .hasMessageContaining("is missing from the checkpoint");
    }

    @Test
    void variantsOfAFileLieBesideIt() throws IOException {
        Files.write(dir.resolve("weights.fp16.bin"), new byte[1]);
        assertThat(ModelDirectory.weights(dir)).isEqualTo(dir.resolve("weights.fp16.bin"));
        Files.write(dir.resolve("weights.bin"), new byte[1]);
        assertThat(ModelDirectory.weights(dir)).isEqualTo(dir.resolve("weights.bin"));
        Files.write(dir.resolve("pytorch_model.bin.index.json"), new byte[1]);
        assertThat(ModelDirectory.weights(dir)).isEqualTo(dir.resolve("pytorch_model.bin.index.json"));
    }

    @Test
    void severalFilesThatCouldBeMeantAreNamed() throws IOException {
        Files.write(dir.resolve("a.pt"), new byte[1]);
        Files.write(dir.resolve("b.pt"), new byte[1]);
        assertThatThrownBy(() -> ModelDirectory.weights(dir))
                .isInstanceOf(ModelException.class)
                .hasMessage(dir + ": several files could be the weights, a.pt and b.pt; name one of them as the model");
    }

    @Test
    void onlyWhatIsNeededIsRead() {
        config();
        LazyTensors lazy = (LazyTensors) StateDict.lazy(Checkpoint.open(dir.resolve("model.safetensors")), DType.F32);
        Dit model = new Dit(TINY, lazy);
        model.features(Var.constant(x), DenoisingModel.times(17), Condition.classes(1), "blocks.0");
        assertThat(lazy.isRead("blocks.0.mlp.fc2.weight")).isTrue();
        assertThat(lazy.isRead("blocks.1.attn.qkv.weight")).isFalse();
    }
}
