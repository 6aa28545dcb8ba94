package dev.canonica.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One block of a {@link Memory}. It goes back to the pool when it is closed or when the collector finds it unreachable. */
final class Storage {
    private final Memory.Block block;
    private volatile boolean closed;

    private final AtomicInteger version = new AtomicInteger(); // of the content, since it can be written in place
    private volatile @Nullable Packs packs;
    private volatile @Nullable Bounds bounds;

    /**
     * Between which numbers all integers of a block lie.
     *
     * @param version of the content
     */
    record Bounds(int version, long least, long greatest) {}

    Storage(Memory memory, long address, int sizeClass, @Nullable Reserve reserve) {
        block = new Memory.Block(this, memory, address, sizeClass, reserve);
    }

    Memory.Block block() {
        return block;
    }

    long address() {
        if (closed) {
            throw new IllegalStateException("tensor: used after it was closed, or after the scope that made it ended");
        }
        Capture.used(this);
        return block.address();
    }

    /** Changes whenever the content is written in place. */
    int version() {
        return version.get();
    }

    void written() {
        version.incrementAndGet();
    }

    /** Says between which numbers the integers lie that are there now; null if that is unknown. */
    void bound(@Nullable Bounds known) {
        bounds = known == null ? null : new Bounds(version(), known.least(), known.greatest());
    }

    /** Between which numbers the integers lie that are there now; null if that is unknown. */
    @Nullable
    Bounds bounds() {
        Bounds known = bounds;
        return known == null || known.version() != version() ? null : known;
    }

    boolean isOf(Memory pool) {
        return block.isOf(pool);
    }

    boolean isOf(Reserve part) {
        return block.isOf(part);
    }

    boolean isClosed() {
        return closed;
    }

    /** Packed forms of matrices in this block; null if none are wanted. */
    @Nullable
    Packs packs() {
        return packs;
    }

    synchronized void reused() {
        if (packs == null) {
            packs = new Packs();
        }
    }

    /** Gives the block back; a second call does nothing. */
    void close() {
        closed = true;
        block.free();
        Packs kept = packs;
        if (kept != null) {
            kept.close();
        }
    }
}
