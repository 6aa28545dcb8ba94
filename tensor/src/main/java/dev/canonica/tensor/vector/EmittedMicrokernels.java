package dev.canonica.tensor.vector;

import dev.canonica.tensor.NativeMemory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * {@link Microkernel}s as machine code for AVX-512, written into executable memory when first asked for: the same loop as that of
 * {@link Microkernels}, at full speed from its first call, where vector code in Java is interpreted, some hundred times slower, until the
 * compiler has noticed it.
 *
 * <p>Used where the processor has AVX-512, the calling convention is System V's (Linux and macOS on x86-64) and the system grants executable
 * memory; {@code -Dcanonica.emit=false} turns it off. Elsewhere the Vector API does the work.
 */
final class EmittedMicrokernels {
    private static final int UNROLL = 4;
    private static final int LANES = 16;
    private static final int ROWS = 14;
    private static final int MAX_CODE = 1 << 12;

    private static final int READ_WRITE = 3;
    private static final int READ_EXECUTE = 5;
    private static final int PRIVATE_ANONYMOUS_LINUX = 0x22;
    private static final int PRIVATE_ANONYMOUS_MACOS = 0x1002;

    private static final boolean AVAILABLE = probe();
    private static final AtomicReferenceArray<Microkernel> MADE = new AtomicReferenceArray<>((ROWS + 1) * 4);

    private EmittedMicrokernels() {}

    /** Whether kernels can be emitted here. */
    static boolean available() {
        return AVAILABLE;
    }

    /** The kernel for tiles of 1 to 14 rows and 1 to 32 columns. */
    static Microkernel of(int rows, int columns) {
        boolean masked = columns % LANES != 0;
        int vectors = Math.ceilDiv(columns, LANES);
        int slot = rows * 4 + (vectors - 1) * 2 + (masked ? 1 : 0);
        Microkernel kernel = MADE.get(slot);
        if (kernel == null) {
            kernel = new Emitted(install(code(rows, vectors, masked)));
            if (!MADE.compareAndSet(slot, null, kernel)) {
                kernel = MADE.get(slot); // another thread was faster; its code serves as well
            }
        }
        return kernel;
    }

    /**
     * The code. Arguments by the System V convention: k, a, stepA, b, stepB, c in rdi, rsi, rdx, rcx, r8, r9; stepC, accumulate and the mask of the
     * last vector's lanes on the stack. The tile is in zmm0 … zmm27, a row of B in zmm28 and zmm29, broadcasts of A alternate between
     * zmm30 and zmm31.
     */
    static byte[] code(int rows, int vectors, boolean masked) {
        final int k = Assembler.RDI;
        final int a = Assembler.RSI;
        final int stepA = Assembler.RDX;
        final int b = Assembler.RCX;
        final int stepB = Assembler.R8;
        final int c = Assembler.R9;
        final int stepC = Assembler.R10;
        final int row = Assembler.R11;
        Assembler s = new Assembler();
        if (masked) {
            s.loadArgument(Assembler.RAX, 24);
            s.maskFromEax();
        }
        s.loadArgument(stepC, 8);
        s.loadArgument(Assembler.RAX, 16);
        s.move(row, c);
        s.test(Assembler.RAX);
        int fresh = s.jumpForwards(Assembler.ZERO);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                s.load(i * vectors + j, row, 64 * j, masked && j == vectors - 1);
            }
            s.add(row, stepC);
        }
        int begin = s.jumpForwards();
        s.land(fresh);
        for (int i = 0; i < rows * vectors; i++) {
            s.zero(i);
        }
        s.land(begin);

        s.addConstant(k, -UNROLL);
        int few = s.jumpForwards(Assembler.LESS);
        s.align(64);
        int loop = s.position();
        for (int u = 0; u < UNROLL; u++) {
            step(s, rows, vectors, masked, a, stepA, b, stepB);
        }
        s.addConstant(k, -UNROLL);
        s.jump(Assembler.NOT_LESS, loop);
        s.land(few);
        s.addConstant(k, UNROLL);
        int none = s.jumpForwards(Assembler.ZERO);
        int rest = s.position();
        step(s, rows, vectors, masked, a, stepA, b, stepB);
        s.addConstant(k, -1);
        s.jump(Assembler.NOT_ZERO, rest);
        s.land(none);

        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                s.store(i * vectors + j, c, 64 * j, masked && j == vectors - 1);
            }
            s.add(c, stepC);
        }
        s.leave();
        return s.code();
    }

    /** One p: a row of B, and for each row of the tile a broadcast of A. */
    private static void step(
            Assembler s, int rows, int vectors, boolean masked, int a, int stepA, int b, int stepB) {
        for (int j = 0; j < vectors; j++) {
            s.load(28 + j, b, 64 * j, masked && j == vectors - 1);
        }
        s.add(b, stepB);
        for (int i = 0; i < rows; i++) {
            int splat = 30 + (i & 1);
            s.broadcast(splat, a, 4 * i);
            for (int j = 0; j < vectors; j++) {
                s.multiplyAdd(i * vectors + j, splat, 28 + j);
            }
        }
        s.add(a, stepA);
    }

    /** A kernel in executable memory. */
    private static final class Emitted extends Microkernel {
        private final long entry;

        Emitted(long entry) {
            this.entry = entry;
        }

        @Override
        void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, int columns, boolean accumulate) {
            try {
                Native.CALL.invokeExact(
                        MemorySegment.ofAddress(entry),
                        (long) k,
                        a,
                        stepA,
                        b,
                        stepB,
                        c,
                        stepC,
                        accumulate ? 1L : 0L,
                        (1L << (columns & (LANES - 1))) - 1);
            } catch (Throwable e) {
                throw new IllegalStateException("an emitted kernel cannot be called", e);
            }
        }
    }

    /** Calls into the system; looked up only where kernels are emitted. */
    private static final class Native {
        private static final Linker LINKER = Linker.nativeLinker();
        // One handle for all kernels, whose address is its first argument: so that it is a constant to the compiler.
        static final MethodHandle CALL = LINKER.downcallHandle(
                FunctionDescriptor.ofVoid(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG),
                Linker.Option.critical(false));
        static final MethodHandle MMAP = function(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        static final MethodHandle MPROTECT = function(
                "mprotect",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

        private static MethodHandle function(String name, FunctionDescriptor type) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
        }
    }

    /** Copies code into pages of its own, which are never writable and executable at once. */
    private static long install(byte[] code) {
        if (code.length > MAX_CODE) {
            throw new IllegalStateException("kernel of " + code.length + " bytes");
        }
        int flags = System.getProperty("os.name").startsWith("Mac") ? PRIVATE_ANONYMOUS_MACOS : PRIVATE_ANONYMOUS_LINUX;
        try {
            long address = (long) Native.MMAP.invokeExact(0L, (long) MAX_CODE, READ_WRITE, flags, -1, 0L);
            if (address == -1) {
                throw new IllegalStateException("no memory for kernels");
            }
            MemorySegment.copy(code, 0, NativeMemory.ALL, ValueLayout.JAVA_BYTE, address, code.length);
            if ((int) Native.MPROTECT.invokeExact(address, (long) MAX_CODE, READ_EXECUTE) != 0) {
                throw new IllegalStateException("executable memory is not allowed here");
            }
            return address;
        } catch (IllegalStateException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mmap cannot be called", e);
        }
    }

    private static boolean probe() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        boolean convention = (os.startsWith("linux") || os.startsWith("mac")) && (arch.equals("amd64") || arch.equals("x86_64"));
        if (!convention || Lanes.L != LANES || !Boolean.parseBoolean(System.getProperty("canonica.emit", "true"))) {
            return false;
        }
        try {
            install(code(1, 1, false));
            return true;
        } catch (IllegalStateException e) {
            System.getLogger("dev.canonica.tensor")
                    .log(
                            System.Logger.Level.INFO,
                            "matrix products start slowly, by the Vector API: {0} (-Dcanonica.emit=false silences this)",
                            e.getMessage());
            return false;
        }
    }
}
