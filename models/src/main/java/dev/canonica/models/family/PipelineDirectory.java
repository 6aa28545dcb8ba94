package dev.canonica.models.family;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A folder of a diffusers pipeline: {@code model_index.json} names its parts, and each has a folder of its own. Older ones have one part beside the
 * index instead.
 */
public final class PipelineDirectory {
    /** Name of the file that makes a folder a pipeline's. */
    public static final String INDEX = "model_index.json";

    private static final String NOTHING = "[null,null]";

    private final Path dir;
    private final JsonConfig index;
    private final Map<String, String> parts;

    private PipelineDirectory(Path dir, JsonConfig index) {
        this.dir = dir;
        this.index = index;
        this.parts = index.entries();
    }

    /** The pipeline in a folder; empty if the folder is not one's. */
    public static Optional<PipelineDirectory> of(Path dir) {
        Path index = dir.resolve(INDEX);
        return Files.exists(index) ? Optional.of(new PipelineDirectory(dir, JsonConfig.read(index))) : Optional.empty();
    }

    /** {@code _class_name} of the pipeline; empty if the index has none. */
    public String className() {
        return index.string("_class_name", "");
    }

    /** The folder of a part, which is the pipeline's where the part has none of its own; empty if the pipeline does without. */
    public Optional<Path> part(String name) {
        String type = parts.get(name);
        if (type == null || type.equals(NOTHING)) {
            return Optional.empty();
        }
        Path folder = dir.resolve(name);
        if (!Files.isDirectory(folder)) {
            if (Files.exists(dir.resolve(ModelDirectory.CONFIG))) {
                return Optional.of(dir);
            }
            throw new ModelException(folder + ": no such folder, and no " + ModelDirectory.CONFIG + " in " + dir + "; "
                    + dir.resolve(INDEX) + " names it as a part, " + type);
        }
        return Optional.of(folder);
    }

    /**
     * The folder of a part.
     *
     * @throws ModelException if the pipeline does without
     */
    public Path required(String name) {
        return part(name)
                .orElseThrow(() -> new ModelException(
                        dir.resolve(INDEX) + ": the pipeline has no '" + name + "', which is needed"));
    }

    /** Whether the index says that a part is of a library, such as {@code transformers}. */
    public boolean isOf(String name, String library) {
        return parts.getOrDefault(name, "").startsWith("[\"" + library + "\",");
    }

    /** A setting of the pipeline. */
    public boolean flag(String key, boolean fallback) {
        return index.flag(key, fallback);
    }

    /** The names of the classes by {@code id2label}, of several for one class the first; empty if the pipeline names none. */
    public List<String> classNames() {
        Map<String, String> labels = index.texts("id2label");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            String label = labels.get(Integer.toString(i));
            if (label == null) {
                throw new ModelException(
                        dir.resolve(INDEX) + ": id2label has " + labels.size() + " labels, but none for class " + i);
            }
            names.add(label.split(",", 2)[0].strip());
        }
        return names;
    }

    /** The folder of the network that denoises: {@code unet} or {@code transformer}. */
    public Path denoiser() {
        Optional<Path> transformer = part("transformer");
        return transformer.isPresent() ? transformer.get() : required("unet");
    }
}
