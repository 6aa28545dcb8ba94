package dev.canonica.tensor.memory;

/**
 * Blocks of a pool that one user keeps for itself: a block comes from the pool when none of its size is free here, and returns here until the
 * reserve is closed, when all go back. Until then its addresses mean nothing to anybody else.
 */
public final class Reserve {
    private final Memory memory;
    private final AddressStack[] free = new AddressStack[Memory.CLASSES]; // guarded by the pool's lock
    private boolean closed;

    /** A reserve of this pool that has no block yet. */
    public Reserve(Memory memory) {
        this.memory = memory;
    }

    Storage allocate(long bytes) {
        int sizeClass = Memory.sizeClass(bytes);
        Account account = memory.book(sizeClass, bytes);
        try {
            long address;
            synchronized (memory) {
                address = free[sizeClass] == null ? 0 : free[sizeClass].pop();
            }
            return memory.own(address == 0 ? memory.take(sizeClass, bytes) : address, sizeClass, bytes, this, account);
        } catch (RuntimeException e) {
            Memory.unbook(account, sizeClass);
            throw e;
        }
    }

    /** Takes a block back, under the pool's lock; false if that is for the pool to do. */
    boolean takesBack(int sizeClass, long address) {
        if (closed) {
            return false;
        }
        if (free[sizeClass] == null) {
            free[sizeClass] = new AddressStack();
        }
        free[sizeClass].push(address);
        return true;
    }

    /** Gives all free blocks to the pool; those that are not free yet go there when they are. */
    public void close() {
        synchronized (memory) {
            closed = true;
            for (int c = 0; c < free.length; c++) {
                for (long a; free[c] != null && (a = free[c].pop()) != 0; ) {
                    memory.giveBack(c, a);
                }
            }
        }
    }
}
