package dev.canonica.cli;

import dev.canonica.clarid.OwnSetting;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A DiT for images of 8 × 8 pixels and two classes, with random weights in every layer. */
final class TinyDit {
    private TinyDit() {}

    static Path write(Path model) {
        return write(model, 2, 3);
    }

    /** One with so many blocks, and with weights of a seed. */
    static Path write(Path model, int depth, long seed) {
        return write(model, new DitConfig(8, 4, 3, 8, depth, 2, 2, 0.1, 2, false), seed);
    }

    /** A model of the setting that the demonstration needs. */
    static void withOwnSetting(Path model) throws IOException {
        Files.writeString(
                model.resolve(OwnSetting.FILE),
                "{\"layer\": \"blocks.2\", \"te\": 0.48, \"projection\": \"local-soft\"}");
    }

    /** One that was trained without dropping labels. */
    static Path withoutNullClass(Path model) {
        return write(model, new DitConfig(8, 4, 3, 8, 2, 2, 2, 0, 2, false), 3);
    }

    /** One of images of 32 × 32 pixels and ten classes, as Scenes are. */
    static Path ofScenes(Path model) {
        return write(model, new DitConfig(32, 8, 3, 8, 3, 2, 2, 0.1, 10, false), 3);
    }

    private static Path write(Path model, DitConfig c, long seed) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        Dit.initialised(c, 1)
                .parameters()
                .forEach((name, t) -> parameters.put(
                        name,
                        Tensor.normal(t.dtype(), t.shape(), new Philox(seed).child(name.hashCode()))
                                .times(0.2)));
        ModelDirectory.save(model, new Dit(c, parameters), Optional.of(SamplerConfig.COSINE_V), parameters, Map.of());
        return model;
    }
}
