package dev.canonica.tensor.kernel;

import dev.canonica.tensor.NativeMemory;

/** A thread's own workspace in native memory, grown on demand and kept as long as the thread. */
public final class Scratch {
    private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

    private long address;
    private long bytes;

    private Scratch() {}

    /** The address of at least {@code bytes} bytes, 64-byte aligned, valid until this thread asks again. */
    public static long take(long bytes) {
        Scratch own = OWN.get();
        if (own.bytes < bytes) {
            if (own.address != 0) {
                NativeMemory.free(own.address);
            }
            own.address = NativeMemory.allocate(bytes, 64);
            own.bytes = own.address == 0 ? 0 : bytes;
            if (own.address == 0) {
                throw new OutOfMemoryError("no native memory for a workspace of " + bytes + " bytes");
            }
        }
        return own.address;
    }
}
