package dev.canonica.tensor.memory;

/** Where a device's pool takes memory from; called by one thread at a time. */
public interface MemorySource {
    /**
     * Takes {@code bytes} bytes of undefined content, aligned to 64.
     *
     * @return the address, or 0 if there are none left
     */
    long allocate(long bytes);

    /** Returns a block. */
    void free(long address);
}
