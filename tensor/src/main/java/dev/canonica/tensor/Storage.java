package dev.canonica.tensor;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One block of a {@link Memory}. It goes back to the pool when it is closed or when the collector finds it unreachable. */
final class Storage {
    private final Memory.Block block;
    private volatile boolean closed;

    private final AtomicInteger version = new AtomicInteger(); // of the content, since it can be written in place
    private volatile @Nullable Packs packs;

    Storage(Memory memory, long address, int sizeClass) {
        block = new Memory.Block(this, memory, address, sizeClass);
    }

    Memory.Block block() {
        return block;
    }

    long address() {
        if (closed) {
            throw new IllegalStateException("tensor: used after it was closed, or after the scope that made it ended");
        }
        return block.address();
    }

    /** Changes whenever the content is written in place. */
    int version() {
        return version.get();
    }

    void written() {
        version.incrementAndGet();
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
