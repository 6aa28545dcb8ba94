package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.memory.NativeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts machine code into executable memory and calls it.
 *
 * <p>Used where the processor has AVX-512, or AVX2 and FMA, as it says itself (CPUID), the calling convention is System V's (Linux and macOS on
 * x86-64) and the system grants executable memory: see {@link Emission}. Elsewhere the Vector API does the work.
 */
public final class EmittedCode {
    /** A system property for profiling: the file to which a line is added for each function, in the form of {@code perf}'s maps. */
    static final String MAP_PROPERTY = "canonica.emitted.map";

    private static final @Nullable String MAP = System.getProperty(MAP_PROPERTY);

    private static final int PAGE = 1 << 12;

    private static final int READ_WRITE = 3;
    private static final int READ_EXECUTE = 5;
    private static final int PRIVATE_ANONYMOUS_LINUX = 0x22;
    private static final int PRIVATE_ANONYMOUS_MACOS = 0x1002;

    private EmittedCode() {}

    /** Calls code with whole numbers, by the System V convention: six in rdi, rsi, rdx, rcx, r8, r9, nine on the stack. */
    public static void call(
            long entry,
            long a0,
            long a1,
            long a2,
            long a3,
            long a4,
            long a5,
            long a6,
            long a7,
            long a8,
            long a9,
            long a10,
            long a11,
            long a12,
            long a13,
            long a14) {
        try {
            Kernel.CALL.invokeExact(
                    MemorySegment.ofAddress(entry), a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14);
        } catch (Throwable e) {
            throw new IllegalStateException("emitted code cannot be called", e);
        }
    }

    /** As {@link #call}, with seven numbers on the stack. */
    public static void call(
            long entry,
            long a0,
            long a1,
            long a2,
            long a3,
            long a4,
            long a5,
            long a6,
            long a7,
            long a8,
            long a9,
            long a10,
            long a11,
            long a12) {
        call(entry, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, 0, 0);
    }

    /** As {@link #call}, with four numbers, in registers. */
    public static void call(long entry, long a0, long a1, long a2, long a3) {
        try {
            long _ = callInRegisters(MemorySegment.ofAddress(entry), a0, a1, a2, a3, 0, 0);
        } catch (Throwable e) {
            throw new IllegalStateException("emitted code cannot be called", e);
        }
    }

    /** Calls code, or a function of the system, with six whole numbers, of which it may use fewer; gives what is in rax afterwards. */
    private static long callInRegisters(MemorySegment function, long a0, long a1, long a2, long a3, long a4, long a5)
            throws Throwable {
        return (long) Native.CALL_IN_REGISTERS.invokeExact(function, a0, a1, a2, a3, a4, a5);
    }

    /**
     * Calls into the system; looked up only where kernels are emitted. The function's address is a handle's first argument: so the handle is a constant to the
     * compiler, and two handles serve all functions. The linker takes as long to make one as a short command's arithmetic does.
     */
    private static final class Native {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final Linker.Option SHORT = Linker.Option.critical(false);
        static final MethodHandle CALL_IN_REGISTERS =
                LINKER.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, longs(6)), SHORT);
        static final MemorySegment MMAP = LINKER.defaultLookup().findOrThrow("mmap");
        static final MemorySegment MPROTECT = LINKER.defaultLookup().findOrThrow("mprotect");

        private static MemoryLayout[] longs(int count) {
            MemoryLayout[] types = new MemoryLayout[count];
            Arrays.fill(types, ValueLayout.JAVA_LONG);
            return types;
        }
    }

    /** Apart from {@link Native}, since whoever only asks what there is calls no kernel. */
    private static final class Kernel {
        static final MethodHandle CALL =
                Native.LINKER.downcallHandle(FunctionDescriptor.ofVoid(Native.longs(15)), Native.SHORT);
    }

    /**
     * Copies code into pages of its own, which are never writable and executable at once.
     *
     * @param name by which a profiler knows it, see {@link #MAP_PROPERTY}
     */
    public static long install(String name, byte[] code) {
        long bytes = Math.ceilDiv(code.length, PAGE) * (long) PAGE;
        int flags = System.getProperty("os.name").startsWith("Mac") ? PRIVATE_ANONYMOUS_MACOS : PRIVATE_ANONYMOUS_LINUX;
        try {
            long address = callInRegisters(Native.MMAP, 0, bytes, READ_WRITE, flags, -1, 0);
            if (address == -1) {
                throw new IllegalStateException("no memory for kernels");
            }
            MemorySegment.copy(code, 0, NativeMemory.ALL, ValueLayout.JAVA_BYTE, address, code.length);
            if ((int) callInRegisters(Native.MPROTECT, address, bytes, READ_EXECUTE, 0, 0, 0) != 0) {
                throw new IllegalStateException("executable memory is not allowed here");
            }
            Installed.PAGES.put(address, bytes);
            note(name, address, code.length);
            return address;
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mmap cannot be called", e);
        }
    }

    /** All code that was installed: unmapped with the classes, for until then somebody may call it. */
    private static final class Installed {
        static final ConcurrentMap<Long, Long> PAGES = new ConcurrentHashMap<>();

        @SuppressWarnings("unused") // is kept
        private static final Object UNMAPPED_AT_LAST = NativeMemory.whenUnloaded(unmapping(PAGES));

        private static MethodHandle unmapping(ConcurrentMap<Long, Long> pages) {
            MethodHandle munmap = MethodHandles.insertArguments(
                    MethodHandles.insertArguments(Native.CALL_IN_REGISTERS, 3, 0L, 0L, 0L, 0L),
                    0,
                    Native.LINKER.defaultLookup().findOrThrow("munmap"));
            BiConsumer<?, ?> unmap = MethodHandleProxies.asInterfaceInstance(
                    BiConsumer.class, munmap.asType(MethodType.methodType(void.class, Object.class, Object.class)));
            try {
                MethodHandle each = MethodHandles.publicLookup()
                        .findVirtual(
                                ConcurrentMap.class, "forEach", MethodType.methodType(void.class, BiConsumer.class));
                return MethodHandles.insertArguments(each, 0, pages, unmap);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("ConcurrentMap.forEach is not there", e);
            }
        }
    }

    private static void note(String name, long address, int bytes) {
        if (MAP == null) {
            return;
        }
        try {
            String line = "%x %x emitted %s%n".formatted(address, bytes, name);
            Files.writeString(Path.of(MAP), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("-D" + MAP_PROPERTY + ": cannot write to " + MAP, e);
        }
    }
}
