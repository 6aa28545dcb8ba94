package dev.canonica.tensor;

/** One block of a {@link Memory}. It goes back to the pool when it is closed or when the collector finds it unreachable. */
final class Storage {
    private final Memory.Block block;
    private volatile boolean closed;

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

    /** Gives the block back; a second call does nothing. */
    void close() {
        closed = true;
        block.free();
    }
}
