package dev.canonica.tensor.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The C library's allocator, and the one segment through which every kernel sees native memory.
 *
 * <p>An {@code Arena} would clear each block and tie it to a thread or to the collector; the pool in {@link Memory} wants neither.
 */
public final class NativeMemory {
    /** All of native memory: the offset into this segment is the address. */
    public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** A multiple of the size of the system's pages. */
    private static final long PAGE = System.getProperty("os.arch").equals("amd64") ? 1 << 12 : 1 << 16;

    private NativeMemory() {}

    /**
     * Memory that is freed when this can no longer be reached.
     *
     * @param segment keeps it
     */
    public record Owned(MemorySegment segment, long address, long bytes) {
        /** No memory. */
        public static final Owned NONE = new Owned(MemorySegment.NULL, 0, 0);
    }

    /**
     * Takes {@code bytes} bytes of undefined content from the system, at a multiple of {@code alignment}, that are freed when the collector finds that
     * nobody can reach what is returned.
     *
     * @throws OutOfMemoryError if the system has none left
     */
    public static Owned own(long bytes, long alignment) {
        try {
            MemorySegment raw = (MemorySegment) Allocator.MALLOC_OWNED.invokeExact(bytes + alignment);
            if (raw.address() == 0) {
                throw new OutOfMemoryError("no native memory for a workspace of " + bytes + " bytes");
            }
            MemorySegment owned = raw.reinterpret(bytes + alignment, Arena.ofAuto(), Allocator.FREES);
            return new Owned(owned, (raw.address() + alignment - 1) & -alignment, bytes);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("malloc cannot be called", e);
        }
    }

    /**
     * Has something given back when the class loader of the caller goes, that is, when what is returned can no longer be reached: to be kept in a constant.
     *
     * @param release without parameters and result, of classes of the JDK alone, for what it refers to would stay
     */
    public static Object whenUnloaded(MethodHandle release) {
        return MemorySegment.ofAddress(1)
                .reinterpret(1, Arena.ofAuto(), consumer(MethodHandles.dropArguments(release, 0, Object.class)));
    }

    /** A consumer that refers to no class of ours. */
    @SuppressWarnings("unchecked")
    private static Consumer<MemorySegment> consumer(MethodHandle one) {
        return MethodHandleProxies.asInterfaceInstance(
                Consumer.class, one.asType(MethodType.methodType(void.class, Object.class)));
    }

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
            Allocator.TAKEN.add(raw);
            return address;
        } catch (Throwable e) {
            throw new IllegalStateException("malloc cannot be called", e);
        }
    }

    /** Returns a block of {@link #allocate}. */
    public static void free(long address) {
        try {
            long raw = ALL.get(ValueLayout.JAVA_LONG, address - 8);
            Allocator.TAKEN.remove(raw);
            Allocator.FREE.invokeExact(raw);
        } catch (Throwable e) {
            throw new IllegalStateException("free cannot be called", e);
        }
    }

    /**
     * Says that part of a file that is mapped to be read will not be read soon: its pages no longer count as this process's memory, and are there again when they
     * are touched. A hint, without effect where the system has no {@code madvise}.
     *
     * @param mapped of a file and read-only; what was written elsewhere would be lost
     */
    public static void unread(MemorySegment mapped) {
        long from = mapped.address() + PAGE - 1 & -PAGE;
        long end = mapped.address() + mapped.byteSize() & -PAGE;
        MethodHandle madvise = Advice.MADVISE;
        if (madvise == null || end <= from || !mapped.isMapped() || !mapped.isReadOnly()) {
            return;
        }
        try {
            int ignored = (int) madvise.invokeExact(from, end - from, Advice.DONT_NEED);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise cannot be called", e);
        } finally {
            Reference.reachabilityFence(mapped);
        }
    }

    /** Linked when it is first asked for. */
    private static final class Advice {
        static final int DONT_NEED = 4;
        static final @Nullable MethodHandle MADVISE = Linker.nativeLinker()
                .defaultLookup()
                .find("madvise")
                .map(address -> Linker.nativeLinker()
                        .downcallHandle(
                                address,
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_INT)))
                .orElse(null);
    }

    /** Linked when the first block is taken: that takes longer than all else that whoever needs {@link #ALL} alone waits for. */
    private static final class Allocator {
        static final MethodHandle MALLOC =
                downcall("malloc", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        static final MethodHandle FREE = downcall("free", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
        static final MethodHandle MALLOC_OWNED =
                downcall("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        static final Consumer<MemorySegment> FREES =
                consumer(downcall("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS)));

        /** What malloc gave to {@link #allocate}, to be freed with the classes. */
        static final Set<Long> TAKEN = ConcurrentHashMap.newKeySet();

        @SuppressWarnings("unused") // is kept
        private static final Object FREED_AT_LAST = whenUnloaded(freeing(TAKEN));

        private static MethodHandle freeing(Set<Long> all) {
            try {
                MethodHandle each = MethodHandles.publicLookup()
                        .findVirtual(Iterable.class, "forEach", MethodType.methodType(void.class, Consumer.class));
                return MethodHandles.insertArguments(each, 0, all, consumer(FREE));
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("Iterable.forEach is not there", e);
            }
        }

        private static MethodHandle downcall(String name, FunctionDescriptor type) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
        }
    }
}
