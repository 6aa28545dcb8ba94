package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.Storage;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The packed forms of a reused matrix or of reused filters, kept with the memory they lie in: made when they are multiplied by for the second time since they were
 * last written to, and dropped when they are written to. They count as tensors' memory, of the session in which the matrix or the filters were made, and are made only while
 * more than half of its limit is free. {@code -Dcanonica.packed=false} turns them off. Filters stay beside their packed form, which is made only where all tensors together are few,
 * and never were so many that they would not fit beside it.
 *
 * <p>A matrix that has its block for itself is {@linkplain Storage#putAway put away} when its packed form is there, of which it is a permutation: weights take their memory
 * once. When something else asks for it, it is brought back, with the same bits. Then both forms are kept, as long as all tensors together are few; beyond
 * that the packed form is dropped, and made again only after many products in a row with nothing else in between, each time {@value #MORE_PATIENCE} times as many.
 */
final class Packs implements Storage.Companion {
    private static final boolean ON = Boolean.parseBoolean(System.getProperty("canonica.packed", "true"));

    /** Where a matrix or filters begin in their block, and how they are read. */
    private record Key(long offset, Record form) {
        static Key of(Tensor w, MatrixBatch m, ProductPrecision precision) {
            return new Key(Storage.startOf(w), new MatrixForm(m.columns(), m.rows(), m.transposed(), precision));
        }

        static Key of(Tensor w, Filters f) {
            return new Key(Storage.startOf(w), FilterForm.of(f));
        }

        static Key of(Tensor w, ChannelsLast c) {
            return new Key(Storage.startOf(w), new LastForm(FilterForm.of(c.filters()), c.planes(), c.turned()));
        }
    }

    private record MatrixForm(int n, int k, boolean transposed, ProductPrecision precision) {}

    /** All that a packed form of filters may depend on: not the images. */
    private record FilterForm(
            int groups, int channels, int outputs, int kernelHeight, int kernelWidth, int stride, int dilation) {
        static FilterForm of(Filters f) {
            Window w = f.window();
            return new FilterForm(
                    f.groups(), f.channels(), f.outputs(), w.kernelHeight(), w.kernelWidth(), w.stride(), w.dilation());
        }
    }

    private record LastForm(FilterForm form, boolean planes, boolean turned) {}

    /** The packed form, and of which version of the block; without one, the matrix was used once. */
    private record Entry(int version, @Nullable Tensor packed) {}

    /** What brings a matrix back that was put away: its form among the entries, which stays while it is away, and how to read that. */
    private record Away(Key key, Kernels kernels, MatrixBatch matrix, Device device) {}

    /** So many products in a row, the matrix being read by nothing else, and it is put away. */
    private static final int PATIENCE = 2;

    private static final int MORE_PATIENCE = 8;
    private static final int MOST_PATIENCE = 1 << 20;

    /** Up to this much memory of all tensors together, and a quarter of the limit, a matrix or filters are kept in both forms. */
    private static final long PLENTY = 2L << 30;

    private final Map<Key, Entry> entries = new HashMap<>();
    private @Nullable Away away;
    private int patience = PATIENCE;
    private int inARow;

    Packs() {}

    /**
     * Where op(w) is, rounded to bfloat16, in the form that these kernels read; 0 if products with w are to be exact.
     *
     * @param at holds w already
     */
    static long rounded(Addresses at, Tensor w, boolean transposed) {
        Packs packs = of(w);
        if (packs == null || w.size() == 0 || !ProductPrecision.rounds(w.kernels())) {
            return 0;
        }
        return packs.round(at, w, transposed);
    }

    /** Those of a matrix that is reused; else null. */
    private static @Nullable Packs of(Tensor w) {
        return (Packs) Storage.of(w).companion(Packs::new);
    }

    private synchronized long round(Addresses at, Tensor w, boolean transposed) {
        Key key = Key.of(w, matrix(0, w, transposed), ProductPrecision.BF16);
        int version = Storage.of(w).version();
        Entry entry = entries.get(key);
        if (entry != null && entry.version == version && entry.packed != null) {
            return at.of(entry.packed); // before another call can drop it
        }
        drop(entry);
        MatrixBatch matrix = matrix(at.of(w), w, transposed);
        Tensor packed = Storage.of(w).beside(() -> empty(w.device(), w.kernels().packedBytesBf16(matrix)));
        long address = at.of(packed);
        w.kernels().packBf16(matrix, address);
        entries.put(key, new Entry(version, packed));
        return address;
    }

    /** The only matrix of a tensor, which lies there, or its transpose. */
    static MatrixBatch matrix(long address, Tensor w, boolean transposed) {
        MatrixBatch m = MatrixBatch.of(address, w.dim(0), w.dim(1));
        return transposed ? m.transpose() : m;
    }

    private static Tensor empty(Device device, long bytes) {
        return Scope.outside(() -> Tensor.uninitialised(device, DType.U8, Shape.of(Math.toIntExact(bytes))));
    }

    private static void drop(@Nullable Entry entry) {
        if (entry != null && entry.packed != null) {
            entry.packed.close();
        }
    }

    /**
     * Where the packed form of op(w) for products with so many rows is, or 0; it is not 0 where w was put away, and nothing has brought it back.
     *
     * @param at holds w already
     * @param address where w lies, or 0: see {@link Addresses#hold}
     */
    static long of(Addresses at, Tensor w, long address, boolean transposed, int rows) {
        Packs packs = of(w);
        if (!ON || packs == null) {
            return 0;
        }
        MatrixBatch matrix = matrix(address, w, transposed);
        long bytes = w.kernels().packedBytes(address == 0 ? 1 : rows, matrix);
        return bytes == 0 ? 0 : packs.get(at, w, matrix, bytes);
    }

    private synchronized long get(Addresses at, Tensor w, MatrixBatch matrix, long bytes) {
        Key key = Key.of(w, matrix, ProductPrecision.F32);
        Storage block = Storage.of(w);
        if (away != null || matrix.address() == 0) { // or was brought back since
            Entry entry = entries.get(key);
            if (entry == null) {
                return 0;
            }
            boolean current = away != null && key.equals(away.key) || entry.version == block.version();
            return current ? at.ofNullable(entry.packed) : 0;
        }
        int version = block.version();
        inARow = block.wasRead() ? 1 : Math.min(inARow + 1, MOST_PATIENCE);
        BooleanSupplier worth = () -> inARow >= patience || isPlenty(w.device(), bytes);
        long packed = get(at, w, key, bytes, worth, to -> w.kernels().pack(matrix, to));
        boolean hasItForItself = key.offset == 0 && w.size() * w.dtype().bytes() == block.bytes();
        if (packed != 0 && hasItForItself && inARow >= patience && !both(block, w.device()) && block.putAway(version)) {
            away = new Away(key, w.kernels(), matrix.in(0), w.device());
        }
        return packed;
    }

    /** Whether both forms are kept: where others have asked for the matrix and memory is plenty. */
    private boolean both(Storage block, Device device) {
        return patience > PATIENCE && block.beside(() -> isPlenty(device, 0));
    }

    private static boolean isPlenty(Device device, long bytes) {
        return device.liveBytes() + bytes <= Math.min(device.limitBytes() / 4, PLENTY);
    }

    /** Whether what has been done so far could be done again beside a quarter of the limit, the most that {@link #isPlenty} lets filters take. */
    private static boolean leavesRoom(Device device) {
        return device.peakBytes() <= device.limitBytes() / 4 * 3;
    }

    @Override
    public synchronized void bringBack(Storage block) {
        Away from = away;
        if (from == null) {
            return; // another thread was first
        }
        Tensor packed = Objects.requireNonNull(entries.get(from.key)).packed;
        try (Addresses at = Addresses.open()) {
            long source = at.of(Objects.requireNonNull(packed));
            block.bringBack(to -> from.kernels.unpack(source, from.matrix.in(to)));
        }
        away = null;
        inARow = 0;
        patience = Math.min(patience * MORE_PATIENCE, MOST_PATIENCE);
        if (!both(block, from.device)) {
            drop(entries.remove(from.key));
        }
    }

    /**
     * Where the packed form of the filters w is, or 0.
     *
     * @param at has w's address already
     */
    static long of(Addresses at, Tensor w, Filters f) {
        return ofFilters(
                at,
                w,
                Key.of(w, f),
                () -> w.kernels().packedBytes(f),
                to -> w.kernels().pack(f, at.of(w), to));
    }

    /**
     * Where the packed form of the filters w for images with channels last is, or 0.
     *
     * @param at has w's address already
     */
    static long of(Addresses at, Tensor w, ChannelsLast c) {
        return ofFilters(
                at,
                w,
                Key.of(w, c),
                () -> w.kernels().packedBytes(c),
                to -> w.kernels().pack(c, at.of(w), to));
    }

    private static long ofFilters(Addresses at, Tensor w, Key key, LongSupplier bytes, LongConsumer pack) {
        Packs packs = of(w);
        if (!ON || packs == null) {
            return 0;
        }
        long size = bytes.getAsLong();
        return size == 0
                ? 0
                : packs.get(at, w, key, size, () -> isPlenty(w.device(), size) && leavesRoom(w.device()), pack);
    }

    /** The packed form, from the second product on made where that is worth it; 0 if there is none. */
    private synchronized long get(
            Addresses at, Tensor w, Key key, long bytes, BooleanSupplier worth, LongConsumer pack) {
        int version = Storage.of(w).version();
        Entry entry = entries.get(key);
        if (entry == null || entry.version != version) {
            drop(entry);
            entries.put(key, new Entry(version, null));
            return 0;
        }
        if (entry.packed == null) {
            Tensor packed = Storage.of(w)
                    .beside(() -> worth.getAsBoolean() && fits(w.device(), bytes) ? empty(w.device(), bytes) : null);
            if (packed != null) {
                pack.accept(at.of(packed));
                entry = new Entry(version, packed);
                entries.put(key, entry);
            }
        }
        return at.ofNullable(entry.packed); // before another call can drop it
    }

    private static boolean fits(Device device, long bytes) {
        return bytes <= Integer.MAX_VALUE && device.liveBytes() + bytes <= device.limitBytes() / 2;
    }

    /** Gives the memory back; the matrix is closed. */
    @Override
    public synchronized void close() {
        entries.values().forEach(Packs::drop);
        entries.clear();
        away = null;
    }
}
