package dev.canonica.tensor.io;

import dev.canonica.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle of {@code torch.save} may name: tensors and their storages, dictionaries, and classes of values beside them that are let pass without being
 * looked at ({@link Unpickler.Opaque}). Nothing of Python is ever called.
 */
final class TorchPickle implements Unpickler.World {
    /** Elements of a tensor that has more of them than its storage; no small file may ask for all memory. */
    private static final long MAX_REPEATED = 1 << 24;

    private static final String ORDERED_DICT = "collections.OrderedDict";
    private static final String DEFAULT_DICT = "collections.defaultdict";
    private static final String SIZE = "torch.Size";
    private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    /** Of types without a storage of their own. */
    private static final String TYPED_TENSOR = "torch._utils._rebuild_tensor_v3";

    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    /** What training scripts keep their options in; read as a dictionary. */
    private static final String NAMESPACE = "argparse.Namespace";

    private static final Set<String> CALLABLE =
            Set.of(ORDERED_DICT, DEFAULT_DICT, SIZE, TENSOR, TYPED_TENSOR, PARAMETER, NAMESPACE);

    /** Of values that are let pass. */
    private static final Set<String> OPAQUE = Set.of(
            "_codecs.encode",
            "collections.Counter",
            "numpy.dtype",
            "numpy.ndarray",
            "numpy.core.multiarray._reconstruct",
            "numpy.core.multiarray.scalar",
            "numpy._core.multiarray._reconstruct",
            "numpy._core.multiarray.scalar",
            "torch.device",
            "torch._utils._rebuild_qtensor",
            "torch.QInt8Storage",
            "torch.QUInt8Storage",
            "torch.QInt32Storage",
            "pathlib.PosixPath",
            "pathlib.PurePosixPath",
            "pathlib.WindowsPath",
            "pathlib.PureWindowsPath",
            "pathlib._local.PosixPath",
            "pathlib._local.WindowsPath");
    /** Python's own, in the modules of its versions 2 and 3. */
    private static final Set<String> BUILT_IN = Set.of(
            "bool",
            "bytearray",
            "bytes",
            "complex",
            "dict",
            "float",
            "frozenset",
            "int",
            "list",
            "long",
            "object",
            "range",
            "set",
            "slice",
            "str",
            "tuple",
            "xrange");

    private static final String UNTYPED = "torch.storage.UntypedStorage";
    private static final Map<String, StoredType> STORAGES = Map.ofEntries(
            Map.entry("torch.FloatStorage", StoredType.F32),
            Map.entry("torch.DoubleStorage", StoredType.F64),
            Map.entry("torch.HalfStorage", StoredType.F16),
            Map.entry("torch.BFloat16Storage", StoredType.BF16),
            Map.entry("torch.LongStorage", StoredType.I64),
            Map.entry("torch.IntStorage", StoredType.I32),
            Map.entry("torch.ShortStorage", StoredType.I16),
            Map.entry("torch.CharStorage", StoredType.I8),
            Map.entry("torch.ByteStorage", StoredType.U8),
            Map.entry("torch.BoolStorage", StoredType.BOOL),
            Map.entry("torch.ComplexFloatStorage", StoredType.C64),
            Map.entry("torch.ComplexDoubleStorage", StoredType.C128),
            Map.entry(UNTYPED, StoredType.U8));
    /** torch's types, of tensors without a typed storage. */
    private static final Map<String, StoredType> TYPES = Map.ofEntries(
            Map.entry("torch.float32", StoredType.F32),
            Map.entry("torch.float64", StoredType.F64),
            Map.entry("torch.float16", StoredType.F16),
            Map.entry("torch.bfloat16", StoredType.BF16),
            Map.entry("torch.int64", StoredType.I64),
            Map.entry("torch.int32", StoredType.I32),
            Map.entry("torch.int16", StoredType.I16),
            Map.entry("torch.int8", StoredType.I8),
            Map.entry("torch.uint8", StoredType.U8),
            Map.entry("torch.uint16", StoredType.U16),
            Map.entry("torch.uint32", StoredType.U32),
            Map.entry("torch.uint64", StoredType.U64),
            Map.entry("torch.bool", StoredType.BOOL),
            Map.entry("torch.complex64", StoredType.C64),
            Map.entry("torch.complex128", StoredType.C128),
            Map.entry("torch.float8_e4m3fn", StoredType.F8_E4M3),
            Map.entry("torch.float8_e5m2", StoredType.F8_E5M2),
            Map.entry("torch.float8_e8m0fnu", StoredType.F8_E8M0));
    /** Types that no tensor here is of. */
    private static final Set<String> OTHER_TYPES = Set.of(
            "torch.complex32",
            "torch.float8_e4m3fnuz",
            "torch.float8_e5m2fnuz",
            "torch.float4_e2m1fn_x2",
            "torch.quint8",
            "torch.qint8",
            "torch.qint32");

    private final MappedFile file;
    private final Storages storages;

    /** Where the elements are. */
    interface Storages {
        /**
         * The bytes of a storage.
         *
         * @param bytes how many it has
         * @throws FormatException if there is none of this name, or of another size
         */
        MemorySegment bytes(String key, long bytes);
    }

    /** The elements of one or several tensors. */
    private record StorageData(StoredType type, long size, MemorySegment data) {}

    TorchPickle(MappedFile file, Storages storages) {
        this.file = file;
        this.storages = storages;
    }

    /** Options, which are all in its state. */
    private static final class Namespace extends LinkedHashMap<Object, Object> {
        private static final long serialVersionUID = 1;
    }

    private FormatException wrong(String what) {
        return new FormatException(file.path() + ": " + what);
    }

    @Override
    public boolean knows(String global) {
        return CALLABLE.contains(global)
                || STORAGES.containsKey(global)
                || TYPES.containsKey(global)
                || OTHER_TYPES.contains(global)
                || isOpaque(global);
    }

    private static boolean isOpaque(String global) {
        int dot = global.lastIndexOf('.');
        String module = global.substring(0, dot);
        return OPAQUE.contains(global)
                || ((module.equals("builtins") || module.equals("__builtin__"))
                        && BUILT_IN.contains(global.substring(dot + 1)));
    }

    @Override
    public Object call(Unpickler.Global global, List<Object> arguments) {
        return switch (global.name()) {
            case ORDERED_DICT, NAMESPACE -> {
                if (!arguments.isEmpty()) {
                    throw wrong(global.name() + " with arguments is not read");
                }
                yield global.name().equals(NAMESPACE) ? new Namespace() : new LinkedHashMap<>();
            }
            case DEFAULT_DICT -> new LinkedHashMap<>();
            case SIZE -> arguments.size() == 1 ? arguments.get(0) : new Unpickler.Opaque(SIZE);
            case TENSOR -> tensor(arguments);
            case TYPED_TENSOR -> typed(arguments);
            case PARAMETER -> {
                Object data = arguments.isEmpty() ? "" : arguments.get(0);
                if (arguments.size() != 3 || !(data instanceof StoredTensor || data instanceof Unpickler.Opaque)) {
                    throw wrong("damaged: a parameter that is no tensor");
                }
                yield data;
            }
            default -> {
                if (isOpaque(global.name())) {
                    yield new Unpickler.Opaque(global.name());
                }
                throw wrong("'" + global.name() + "' cannot be called");
            }
        };
    }

    /** State of an ordered dictionary (its {@code _metadata}) says nothing about tensors; that of a namespace is its content. */
    @Override
    public void build(Object target, Object state) {
        if (!(target instanceof Unpickler.Opaque)
                && (!(target instanceof Map<?, ?>) || !(state instanceof Map<?, ?>))) {
            throw wrong("damaged: state for what has none");
        }
        if (target instanceof Namespace namespace && state instanceof Map<?, ?> content) {
            namespace.putAll(content);
        }
    }

    /** ('storage', type, file, device, elements), and before PyTorch 1.6 what it is a view of. */
    @Override
    public Object persistent(Object id) {
        if (id instanceof Unpickler.Tuple(List<Object> p)
                && (p.size() == 5 || (p.size() == 6 && p.get(5) == Unpickler.NONE))
                && p.get(0).equals("storage")
                && p.get(1) instanceof Unpickler.Global(String name)
                && p.get(2) instanceof String key
                && p.get(4) instanceof Long size) {
            StoredType type = STORAGES.get(name);
            if (type == null) {
                if (OPAQUE.contains(name)) {
                    return new Unpickler.Opaque(name);
                }
                throw wrong("'" + name + "' is not a type of storage");
            }
            if (size < 0 || size > Long.MAX_VALUE / 32) {
                throw wrong("storage '" + key + "' announces " + size + " elements of " + type);
            }
            return new StorageData(type, size, storages.bytes(key, size * type.bytes()));
        }
        throw wrong("damaged: an object outside of the pickle that is no storage");
    }

    /** As {@link #tensor}, with the type after the hooks: (storage of bytes, offset, shape, strides, requires_grad, hooks, type) and perhaps metadata. */
    private Object typed(List<Object> a) {
        if (a.size() < 7
                || a.size() > 8
                || !(a.get(0) instanceof StorageData storage)
                || !(a.get(6) instanceof Unpickler.Global(String name))) {
            throw wrong("damaged: a tensor without storage or type");
        }
        StoredType type = TYPES.get(name);
        if (type == null) {
            return new Unpickler.Opaque(name);
        }
        List<Object> rest = new ArrayList<>(a.subList(0, 6));
        rest.set(0, new StorageData(type, storage.data.byteSize() / type.bytes(), storage.data));
        return tensor(rest);
    }

    /**
     * (storage, offset, shape, strides, requires_grad, hooks) and perhaps metadata. Strides may be 0 or let elements overlap, as {@code expand} and
     * {@code unfold} leave them.
     */
    private Object tensor(List<Object> a) {
        if (!a.isEmpty() && a.get(0) instanceof Unpickler.Opaque o) {
            return o;
        }
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
        Shape shape = Extents.shape(
                file.path().toString(), storage.type().name(), storage.type().bytes(), extents);
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
        long from = shape.size() == 0 ? 0 : offset * storage.type().bytes();
        return new StoredTensor(file, storage.type(), shape, storage.data().asSlice(from), strides);
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
