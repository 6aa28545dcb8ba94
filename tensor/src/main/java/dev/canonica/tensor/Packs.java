package dev.canonica.tensor;

import dev.canonica.tensor.kernel.Kernels;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packed forms of a reused matrix, kept with the memory it lies in: made when a matrix is multiplied by for the second time since it was
 * last written to, and dropped when it is written to. They count as tensors' memory, and are made only while more than half of the limit is
 * free. {@code -Dcanonica.packed=false} turns them off.
 */
final class Packs {
    private static final boolean ON = Boolean.parseBoolean(System.getProperty("canonica.packed", "true"));

    /** Where a matrix begins in its block, and how it is read. */
    private record Key(long offset, int n, int k, boolean transposed) {}

    /** The packed form, and of which version of the block; without one, the matrix was used once. */
    private record Entry(int version, @Nullable Tensor packed) {}

    private final Map<Key, Entry> entries = new HashMap<>();

    Packs() {}

    /** The packed form of op(w) for products with so many rows, or null. */
    static @Nullable Tensor of(Tensor w, boolean transposed, int rows) {
        Packs packs = w.storage().packs();
        if (!ON || packs == null) {
            return null;
        }
        int n = w.dim(transposed ? 0 : 1);
        int k = w.dim(transposed ? 1 : 0);
        Kernels kernels = w.kernels();
        long bytes = kernels.packedBytes(rows, transposed, n, k);
        return bytes == 0 ? null : packs.get(w, new Key(w.offset(), n, k, transposed), bytes);
    }

    private synchronized @Nullable Tensor get(Tensor w, Key key, long bytes) {
        int version = w.storage().version();
        Entry entry = entries.get(key);
        if (entry == null || entry.version != version) {
            if (entry != null && entry.packed != null) {
                entry.packed.close();
            }
            entries.put(key, new Entry(version, null));
            return null;
        }
        if (entry.packed == null && fits(w.device(), bytes)) {
            Tensor packed =
                    Scope.outside(() -> Tensor.uninitialised(w.device(), DType.U8, Shape.of(Math.toIntExact(bytes))));
            w.kernels().pack(key.transposed, key.n, key.k, w.address(), packed.address());
            entry = new Entry(version, packed);
            entries.put(key, entry);
        }
        return entry.packed;
    }

    private static boolean fits(Device device, long bytes) {
        return bytes <= Integer.MAX_VALUE && device.liveBytes() + bytes <= device.limitBytes() / 2;
    }

    /** Gives the memory back; the matrix is closed. */
    synchronized void close() {
        entries.values().forEach(e -> {
            if (e.packed != null) {
                e.packed.close();
            }
        });
        entries.clear();
    }
}
