package dev.canonica.models.family;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.io.ItemDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a model's files hold, in a line: the same for copies of a model, another once it was trained again at the same path. It is the beginning of
 * the SHA-256 of {@code config.json}, where there is one, and of the weights after it, shards in the order of their names:
 *
 * <pre>
 *   cat config.json model.safetensors | sha256sum | cut -c 1-16
 * </pre>
 *
 * <p>Every byte is read, whatever the size: of a Stable Diffusion that takes seconds before hours of work, while times of files change when they are
 * copied and headers stay what they are in training.
 */
public final class ModelDigest {
    /** The parts of a pipeline that results depend on. */
    private static final List<String> PARTS = List.of("unet", "transformer", "text_encoder", "text_encoder_2", "vae");

    private static final int DIGITS = 16;

    private ModelDigest() {}

    /**
     * The digest of a model, or those of a pipeline's parts, such as {@code SHA-256 9f86d081884c7d65}.
     *
     * @param model a folder, that of a pipeline, or a file of weights
     * @throws ModelException if a file cannot be read
     */
    public static String of(Path model) {
        Optional<PipelineDirectory> pipeline = PipelineDirectory.of(model);
        if (pipeline.isEmpty()) {
            return "SHA-256 " + digest(model);
        }
        List<String> parts = new ArrayList<>();
        for (String name : PARTS) {
            pipeline.get().part(name).ifPresent(dir -> parts.add(name + " " + digest(dir)));
        }
        return "SHA-256 " + String.join(", ", parts);
    }

    private static String digest(Path model) {
        ModelDirectory.requireThere(model);
        MessageDigest sha = ItemDigest.sha256();
        Path config = weights(model).getFirst().resolveSibling(ModelDirectory.CONFIG);
        if (Files.exists(config)) {
            update(sha, config);
        }
        weights(model).forEach(file -> update(sha, file));
        return HexFormat.of().formatHex(sha.digest()).substring(0, DIGITS);
    }

    /** The files that hold tensors. */
    private static List<Path> weights(Path model) {
        Path file = ModelDirectory.weights(model);
        if (!file.toString().endsWith(".json")) {
            return List.of(file);
        }
        return new TreeSet<>(JsonConfig.read(file).texts("weight_map").values())
                .stream().map(file::resolveSibling).toList();
    }

    private static void update(MessageDigest sha, Path file) {
        try {
            ItemDigest.update(sha, file);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
