package dev.canonica.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C library's allocator, and the one segment through which every kernel sees native memory.
 *
 * <p>An {@code Arena} would clear each block and tie it to a thread or to the collector; the pool in {@link Memory} wants neither.
 */
public final class NativeMemory {
    /** All of native memory: the offset into this segment is the address. */
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private NativeMemory() {}

    /**
     * Takes {@code bytes} bytes of undefined content from the system, at a multiple of {@code alignment} (a power of two of at least 16).
     *
     * @return the address, or 0 if the system has none left
     */
    public static long allocate(long bytes, long alignment) {
        try {
            long raw = (long) Allocator.MALLOC.invokeExact(bytes + alignment);
            if (raw == 0) {
                return 0;
            }
            long address = (raw + alignment) & -alignment; // at least 16 bytes after raw, since malloc aligns to 16
            ALL.set(ValueLayout.JAVA_LONG, address - 8, raw);
            return address;
        } catch (Throwable e) {
            throw new IllegalStateException("malloc cannot be called", e);
        }
    }

    /** Returns a block of {@link #allocate}. */
    public static void free(long address) {
        try {
            Allocator.FREE.invokeExact(ALL.get(ValueLayout.JAVA_LONG, address - 8));
        } catch (Throwable e) {
            throw new IllegalStateException("free cannot be called", e);
        }
    }

    /** Linked when the first block is taken: that takes longer than all else that whoever needs {@link #ALL} alone waits for. */
    private static final class Allocator {
        static final MethodHandle MALLOC =
                downcall("malloc", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        static final MethodHandle FREE = downcall("free", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

        private static MethodHandle downcall(String name, FunctionDescriptor type) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
        }
    }
}
