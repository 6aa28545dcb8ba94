package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a zip archive with a pickle, {@code data.pkl}, and a file for each storage. A dictionary of
 * tensors, or one that holds such a dictionary under {@code ema}, {@code state_dict} or {@code model} (looked for in this order).
 *
 * @see <a href="https://github.com/pytorch/pytorch/blob/main/torch/serialization.py">torch.serialization</a>
 */
final class TorchFile implements Unpickler.World {
    private static final String PICKLE = "data.pkl";
    /** Several times the pickle of the largest published model with its optimiser. */
    private static final long MAX_PICKLE = 1 << 24;
    /** Elements of a tensor that has more of them than its storage; no small file may ask for all memory. */
    private static final long MAX_REPEATED = 1 << 24;

    private static final String ORDERED_DICT = "collections.OrderedDict";
    private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    /** What training scripts keep their options in; read as a dictionary. */
    private static final String NAMESPACE = "argparse.Namespace";

    private static final Set<String> CALLABLE = Set.of(ORDERED_DICT, TENSOR, PARAMETER, NAMESPACE);
    private static final Map<String, DType> STORAGES = Map.of(
            "torch.FloatStorage", DType.F32,
            "torch.DoubleStorage", DType.F64,
            "torch.HalfStorage", DType.F16,
            "torch.BFloat16Storage", DType.BF16,
            "torch.LongStorage", DType.I64,
            "torch.IntStorage", DType.I32,
            "torch.ByteStorage", DType.U8,
            "torch.BoolStorage", DType.BOOL);
    private static final List<String> NESTED = List.of("ema", "state_dict", "model");

    private final MappedFile file;
    private final StoredZip zip;
    private final String root;

    /** The elements of one or several tensors. */
    private record StorageData(DType dtype, long size, MemorySegment data) {}

    private TorchFile(MappedFile file) {
        this.file = file;
        this.zip = new StoredZip(file);
        this.root = root();
    }

    /** Whether a file begins as a zip archive. */
    static boolean isArchive(MappedFile file) {
        return file.size() >= 4 && file.u8(0) == 'P' && file.u8(1) == 'K' && file.u8(2) <= 8 && file.u8(3) <= 8;
    }

    /** Whether a file begins as a bare pickle, as PyTorch wrote it before 1.6. */
    static boolean isLegacy(MappedFile file) {
        return file.size() >= 2 && file.u8(0) == 0x80 && file.u8(1) <= 5;
    }

    static Checkpoint open(MappedFile map) {
        if (isLegacy(map)) {
            throw new FormatException(map.path()
                    + ": the format of PyTorch before 1.6 (not a zip archive); load it there and torch.save its state_dict()"
                    + " with a newer one");
        }
        return new TorchFile(map).read();
    }

    private FormatException wrong(String what) {
        return new FormatException(file.path() + ": " + what);
    }

    private String root() {
        String found = null;
        for (String name : zip.names()) {
            if (name.endsWith("/constants.pkl")) {
                throw wrong("a TorchScript archive; torch.save its state_dict() instead");
            }
            if (name.equals(PICKLE) || name.endsWith("/" + PICKLE)) {
                if (found != null) {
                    throw wrong("two pickles, '" + found + "' and '" + name + "'; one is needed");
                }
                found = name;
            }
        }
        if (found == null) {
            throw wrong("a zip archive without " + PICKLE + ": not what torch.save writes");
        }
        return found.substring(0, found.length() - PICKLE.length());
    }

    private Checkpoint read() {
        MemorySegment order = zip.entry(root + "byteorder");
        if (order != null && order.byteSize() < 64) {
            String name = new String(order.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
            if (!name.equals("little")) {
                throw wrong("byte order '" + name + "'; little is needed");
            }
        }
        MemorySegment pickle = zip.entry(root + PICKLE);
        if (pickle == null || pickle.byteSize() > MAX_PICKLE) {
            throw wrong("a pickle of more than " + MAX_PICKLE + " bytes; save the model's state_dict() alone");
        }
        Object value = new Unpickler(file.path().toString(), pickle.toArray(ValueLayout.JAVA_BYTE), this).load();
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        stateDict(value).forEach((key, tensor) -> {
            if (!(key instanceof String name) || !(tensor instanceof StoredTensor t)) {
                throw wrong("entry '" + key + "' is not a named tensor; a state_dict(), alone or under "
                        + String.join(", ", NESTED) + ", is needed");
            }
            tensors.put(name, t);
        });
        return new Checkpoint(file.path(), tensors, Map.of());
    }

    private Map<?, ?> stateDict(Object value) {
        if (!(value instanceof Map<?, ?> top)) {
            throw wrong("holds " + kind(value) + "; a dictionary of tensors is needed");
        }
        for (String key : NESTED) {
            if (top.get(key) instanceof Map<?, ?> inner) {
                return inner;
            }
        }
        return top;
    }

    private static String kind(Object value) {
        return switch (value) {
            case StoredTensor _ -> "one tensor";
            case List<?> _ -> "a list";
            case Unpickler.Tuple _ -> "a tuple";
            case String _ -> "a text";
            default -> "no dictionary";
        };
    }

    @Override
    public boolean knows(String global) {
        return CALLABLE.contains(global) || STORAGES.containsKey(global);
    }

    @Override
    public Object call(Unpickler.Global global, List<Object> arguments) {
        return switch (global.name()) {
            case ORDERED_DICT, NAMESPACE -> {
                if (!arguments.isEmpty()) {
                    throw wrong(global.name() + " with arguments is not read");
                }
                yield new LinkedHashMap<>();
            }
            case TENSOR -> tensor(arguments);
            case PARAMETER -> {
                if (arguments.size() != 3 || !(arguments.get(0) instanceof StoredTensor)) {
                    throw wrong("damaged: a parameter that is no tensor");
                }
                yield arguments.get(0);
            }
            default -> throw wrong("'" + global.name() + "' cannot be called");
        };
    }

    /** State of an ordered dictionary (its {@code _metadata}) says nothing about tensors; that of a namespace is its content. */
    @Override
    public void build(Object target, Object state) {
        if (!(target instanceof Map<?, ?>) || !(state instanceof Map<?, ?>)) {
            throw wrong("damaged: state for what has none");
        }
    }

    /** ('storage', type, file, device, elements). */
    @Override
    public Object persistent(Object id) {
        if (id instanceof Unpickler.Tuple(List<Object> p)
                && p.size() == 5
                && p.get(0).equals("storage")
                && p.get(1) instanceof Unpickler.Global(String type)
                && p.get(2) instanceof String key
                && p.get(4) instanceof Long size) {
            DType dtype = STORAGES.get(type);
            MemorySegment data = zip.entry(root + "data/" + key);
            if (dtype == null) {
                throw wrong("'" + type + "' is not a type of storage");
            }
            if (data == null) {
                throw wrong("storage '" + key + "' is missing");
            }
            if (size < 0 || size > Long.MAX_VALUE / 16 || size * dtype.bytes() != data.byteSize()) {
                throw wrong("storage '" + key + "' has " + data.byteSize() + " bytes, but " + size + " elements of "
                        + dtype + " are announced");
            }
            return new StorageData(dtype, size, data);
        }
        throw wrong("damaged: an object outside of the pickle that is no storage");
    }

    /**
     * (storage, offset, shape, strides, requires_grad, hooks) and perhaps metadata. Strides may be 0 or let elements overlap, as {@code expand} and
     * {@code unfold} leave them.
     */
    private StoredTensor tensor(List<Object> a) {
        if (a.size() < 6
                || a.size() > 7
                || !(a.get(0) instanceof StorageData storage)
                || !(a.get(1) instanceof Long offset)) {
            throw wrong("damaged: a tensor without storage");
        }
        List<Long> extents = longs(a.get(2));
        List<Long> steps = longs(a.get(3));
        if (extents == null || steps == null || extents.size() != steps.size()) {
            throw wrong("damaged: a tensor without shape or strides");
        }
        Shape shape = Extents.shape(file.path().toString(), storage.dtype(), extents);
        long[] strides = new long[steps.size()];
        long last = offset;
        boolean inside = offset >= 0 && offset <= storage.size();
        for (int i = 0; i < strides.length && inside; i++) {
            strides[i] = steps.get(i);
            if (shape.size() > 0 && shape.dim(i) > 1) { // divided, so that nothing overflows
                inside = strides[i] >= 0 && strides[i] <= storage.size() / (shape.dim(i) - 1);
                last += inside ? (shape.dim(i) - 1) * strides[i] : 0;
            }
        }
        if (!inside || (shape.size() > 0 && last >= storage.size())) {
            throw wrong("damaged: a tensor of shape " + shape + ", strides " + steps + " and offset " + offset
                    + " does not lie in its storage of " + storage.size() + " elements");
        }
        if (shape.size() > Math.max(storage.size(), MAX_REPEATED)) {
            throw wrong("a tensor of shape " + shape + " repeats the elements of a storage of " + storage.size()
                    + " (expand); save a contiguous() copy of it");
        }
        long from = shape.size() == 0 ? 0 : offset * storage.dtype().bytes();
        return new StoredTensor(file, storage.dtype(), shape, storage.data().asSlice(from), strides);
    }

    private static @Nullable List<Long> longs(Object o) {
        if (!(o instanceof Unpickler.Tuple(List<Object> items))) {
            return null;
        }
        List<Long> list = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof Long n)) {
                return null;
            }
            list.add(n);
        }
        return list;
    }
}
