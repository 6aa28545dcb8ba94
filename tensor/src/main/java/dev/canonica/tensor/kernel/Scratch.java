package dev.canonica.tensor.kernel;

import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.memory.PerThread;

/** A thread's own workspace in native memory, grown on demand and kept as long as the thread. */
public final class Scratch {
    private static final PerThread<Scratch> OWN = new PerThread<>(Scratch::new);

    private NativeMemory.Owned memory = NativeMemory.Owned.NONE;

    private Scratch() {}

    /** The address of at least {@code bytes} bytes, 64-byte aligned, valid until this thread asks again. */
    public static long take(long bytes) {
        Scratch own = OWN.get();
        if (own.memory.bytes() < bytes) {
            own.memory = NativeMemory.Owned.NONE; // free to go before the next one comes
            own.memory = NativeMemory.own(bytes, 64);
        }
        return own.memory.address();
    }
}
