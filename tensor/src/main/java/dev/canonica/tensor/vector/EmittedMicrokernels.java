package dev.canonica.tensor.vector;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * {@link Microkernel}s as machine code for AVX-512, written into executable memory when first asked for: the same loop as that of
 * {@link Microkernels}, at full speed from its first call, where vector code in Java is interpreted, some hundred times slower, until the
 * compiler has noticed it.
 */
final class EmittedMicrokernels {
    private static final int UNROLL = 4;
    private static final int LANES = 16;
    private static final int ROWS = 14;
    private static final AtomicReferenceArray<Microkernel> MADE = new AtomicReferenceArray<>((ROWS + 1) * 4);

    private EmittedMicrokernels() {}

    /** The kernel for tiles of 1 to 14 rows and 1 to 32 columns. */
    static Microkernel of(int rows, int columns) {
        boolean masked = columns % LANES != 0;
        int vectors = Math.ceilDiv(columns, LANES);
        int slot = rows * 4 + (vectors - 1) * 2 + (masked ? 1 : 0);
        Microkernel kernel = MADE.get(slot);
        if (kernel == null) {
            kernel = new Emitted(EmittedCode.install(code(rows, vectors, masked)));
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
    private static void step(Assembler s, int rows, int vectors, boolean masked, int a, int stepA, int b, int stepB) {
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
            long mask = (1L << (columns & (LANES - 1))) - 1;
            EmittedCode.call(entry, k, a, stepA, b, stepB, c, stepC, accumulate ? 1 : 0, mask);
        }
    }
}
