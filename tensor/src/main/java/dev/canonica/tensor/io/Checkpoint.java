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
    /** Key of the metadata for the model's name among the options of the script that trained it ({@code args.model}), where its file has them. */
    public static final String TRAINED_MODEL = "args.model";

    /** Key of the metadata for the model's name that training scripts save beside the weights ({@code arch}), where its file has one. */
    public static final String ARCHITECTURE = "arch";

    private final Path file;
    private final Map<String, StoredTensor> tensors;
    private final Map<String, String> unread;
    private final Map<String, String> metadata;
    private final String within;

    /**
     * A checkpoint.
     *
     * @param unread the types of the tensors that are not read, by their names
     */
    Checkpoint(Path file, Map<String, StoredTensor> tensors, Map<String, String> unread, Map<String, String> metadata) {
        this(file, tensors, unread, metadata, "");
    }

    private Checkpoint(
            Path file,
            Map<String, StoredTensor> tensors,
            Map<String, String> unread,
            Map<String, String> metadata,
            String within) {
        this.within = within;
        this.file = file;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        this.unread = Collections.unmodifiableMap(new LinkedHashMap<>(unread));
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
            boolean torch = map.size() > 1 && (TorchFile.isArchive(map) || TorchLegacyFile.is(map));
            if (name.endsWith(".safetensors") || !torch) {
                return Safetensors.open(map);
            }
            return TorchFile.isArchive(map) ? TorchFile.open(map) : TorchLegacyFile.open(map);
        });
    }

    /** The file that was opened. */
    public Path file() {
        return file;
    }

    /** This, as what the file holds under a name. */
    Checkpoint within(String name) {
        return new Checkpoint(file, tensors, unread, metadata, name);
    }

    /** The keys, with points between them, under which the file holds the tensors among other things; empty where it holds nothing else. */
    public String within() {
        return within;
    }

    /** The types of tensors that the file has, too, but that are not read, by their names: complex numbers and others that nothing is computed with. */
    public Map<String, String> unread() {
        return unread;
    }

    /** The names of the tensors, in the file's order. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The shape of a tensor. */
    public Shape shape(String name) {
        return stored(name).shape();
    }

    /** The type that a tensor is read in: that which it is stored in, or where there is none such, one that has room for it. */
    public DType dtype(String name) {
        return stored(name).dtype();
    }

    /** The name of the type that a tensor is stored in. */
    public String storedType(String name) {
        return stored(name).type().name();
    }

    /** Bytes of a tensor in the file. */
    public long storedBytes(String name) {
        return stored(name).shape().size() * stored(name).type().bytes();
    }

    /**
     * Reads a tensor in the type that {@link #dtype} says.
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

    /** Free text that the writer put beside the tensors: all of safetensors, of what torch.save writes {@link #TRAINED_MODEL} and {@link #ARCHITECTURE}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Some of these tensors under other names.
     *
     * @param names new names, by those in the file
     */
    public Checkpoint renamed(Map<String, String> names) {
        Map<String, StoredTensor> kept = new LinkedHashMap<>();
        Map<String, String> others = new LinkedHashMap<>();
        names.forEach((name, other) -> {
            if (tensors.containsKey(name)) {
                kept.put(other, stored(name));
            } else if (unread.containsKey(name)) {
                others.put(other, unread.get(name));
            }
        });
        return new Checkpoint(file, kept, others, metadata, within);
    }

    Map<String, StoredTensor> tensors() {
        return tensors;
    }

    private StoredTensor stored(String name) {
        StoredTensor t = tensors.get(name);
        if (t == null) {
            String type = unread.get(name);
            throw new FormatException(file + ": "
                    + (type == null
                            ? "there is no tensor '" + name + "'"
                            : "tensor '" + name + "' is of type " + type + ", which is not supported"));
        }
        return t;
    }
}
