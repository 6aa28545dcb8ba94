package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.Storage;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The packed forms of a reused matrix or of reused filters, kept with the memory they lie in: made when they are multiplied by for the second time since they were
 * last written to, and dropped when they are written to. They count as tensors' memory, and are made only while more than half of the limit is
 * free. {@code -Dcanonica.packed=false} turns them off.
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

    private final Map<Key, Entry> entries = new HashMap<>();

    Packs() {}

    /**
     * Where op(w) is, rounded to bfloat16, in the form that these kernels read; 0 if products with w are to be exact.
     *
     * @param at has w's address already
     */
    static long rounded(Addresses at, Tensor w, boolean transposed) {
        Packs packs = of(w);
        if (packs == null || w.size() == 0 || !ProductPrecision.rounds(w.kernels())) {
            return 0;
        }
        return packs.round(at, w, matrix(at, w, transposed));
    }

    /** Those of a matrix that is reused; else null. */
    private static @Nullable Packs of(Tensor w) {
        return (Packs) Storage.of(w).companion(Packs::new);
    }

    private synchronized long round(Addresses at, Tensor w, MatrixBatch matrix) {
        Key key = Key.of(w, matrix, ProductPrecision.BF16);
        int version = Storage.of(w).version();
        Entry entry = entries.get(key);
        if (entry != null && entry.version == version && entry.packed != null) {
            return at.of(entry.packed); // before another call can drop it
        }
        drop(entry);
        Tensor packed = empty(w.device(), w.kernels().packedBytesBf16(matrix));
        long address = at.of(packed);
        w.kernels().packBf16(matrix, address);
        entries.put(key, new Entry(version, packed));
        return address;
    }

    /** The only matrix of a tensor, or its transpose. */
    static MatrixBatch matrix(Addresses at, Tensor w, boolean transposed) {
        MatrixBatch m = MatrixBatch.of(at.of(w), w.dim(0), w.dim(1));
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
     * Where the packed form of op(w) for products with so many rows is, or 0.
     *
     * @param at has w's address already
     */
    static long of(Addresses at, Tensor w, boolean transposed, int rows) {
        Packs packs = of(w);
        if (!ON || packs == null) {
            return 0;
        }
        MatrixBatch matrix = matrix(at, w, transposed);
        long bytes = w.kernels().packedBytes(rows, matrix);
        return bytes == 0
                ? 0
                : packs.get(
                        at,
                        w,
                        Key.of(w, matrix, ProductPrecision.F32),
                        bytes,
                        to -> w.kernels().pack(matrix, to));
    }

    /**
     * Where the packed form of the filters w is, or 0.
     *
     * @param at has w's address already
     */
    static long of(Addresses at, Tensor w, Filters f) {
        Packs packs = of(w);
        if (!ON || packs == null) {
            return 0;
        }
        long bytes = w.kernels().packedBytes(f);
        return bytes == 0
                ? 0
                : packs.get(at, w, Key.of(w, f), bytes, to -> w.kernels().pack(f, at.of(w), to));
    }

    /**
     * Where the packed form of the filters w for images with channels last is, or 0.
     *
     * @param at has w's address already
     */
    static long of(Addresses at, Tensor w, ChannelsLast c) {
        Packs packs = of(w);
        if (!ON || packs == null) {
            return 0;
        }
        long bytes = w.kernels().packedBytes(c);
        return bytes == 0
                ? 0
                : packs.get(at, w, Key.of(w, c), bytes, to -> w.kernels().pack(c, at.of(w), to));
    }

    private synchronized long get(Addresses at, Tensor w, Key key, long bytes, LongConsumer pack) {
        int version = Storage.of(w).version();
        Entry entry = entries.get(key);
        if (entry == null || entry.version != version) {
            drop(entry);
            entries.put(key, new Entry(version, null));
            return 0;
        }
        if (entry.packed == null && fits(w.device(), bytes)) {
            Tensor packed = empty(w.device(), bytes);
            pack.accept(at.of(packed));
            entry = new Entry(version, packed);
            entries.put(key, entry);
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
    }
}
