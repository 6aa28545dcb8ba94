package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors in one file or several, by memory map: opening reads what is there, and each tensor's elements only when they are asked for.
 * A safetensors file ({@link Safetensors}), several with their index ({@code *.safetensors.index.json}), or what {@code torch.save} writes.
 */
public final class Checkpoint {
    private final Path file;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> metadata;

    Checkpoint(Path file, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
        this.file = file;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        this.metadata = metadata;
    }

    /**
     * Opens a checkpoint; what it is follows from its name ({@code .safetensors}, {@code .json}) or else its first bytes.
     *
     * @throws FormatException if it is none of the formats, or damaged, or no regular file
     */
    public static Checkpoint open(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".json")) {
            return ShardIndex.open(file);
        }
        MappedFile map = MappedFile.open(file);
        return map.reading(() -> {
            boolean torch = map.size() > 1 && (TorchFile.isArchive(map) || TorchFile.isLegacy(map));
            return torch && !name.endsWith(".safetensors") ? TorchFile.open(map) : Safetensors.open(map);
        });
    }

    /** The file that was opened. */
    public Path file() {
        return file;
    }

    /** The names of the tensors, in the file's order. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The shape of a tensor. */
    public Shape shape(String name) {
        return stored(name).shape();
    }

    /** The type that a tensor is stored in. */
    public DType dtype(String name) {
        return stored(name).dtype();
    }

    /**
     * Reads a tensor in the type that it is stored in.
     *
     * @throws FormatException if there is none of this name, or the file was cut off since it was opened
     */
    public Tensor read(String name) {
        return stored(name).read();
    }

    /** Reads a tensor and converts it. */
    public Tensor read(String name, DType dtype) {
        Tensor raw = read(name);
        if (raw.dtype() == dtype) {
            return raw;
        }
        try (raw) {
            return raw.to(dtype);
        }
    }

    /** Free text that the writer put beside the tensors; empty where the format has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    Map<String, StoredTensor> tensors() {
        return tensors;
    }

    private StoredTensor stored(String name) {
        StoredTensor t = tensors.get(name);
        if (t == null) {
            throw new FormatException(file + ": there is no tensor '" + name + "'");
        }
        return t;
    }
}
