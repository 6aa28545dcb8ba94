package dev.canonica.tensor.vector;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * {@link Microkernel}s as machine code for AVX-512, written into executable memory when first asked for: the same loop
 * as that of {@link GeneratedMicrokernels}, at full speed from its first call, where vector code in Java is
 * interpreted, some hundred times slower, until the compiler has noticed it.
 */
final class EmittedMicrokernels {
    private static final int UNROLL = 4;
    private static final int LANES = 16;
    static final int ROWS = 14;
    private static final AtomicLongArray ENTRIES = new AtomicLongArray(ROWS * 4);

    private EmittedMicrokernels() {}

    /** A kernel for tiles of 1 to 14 rows and 1 to 32 columns. */
    static Microkernel of(int rows, int columns) {
        int vectors = Math.ceilDiv(columns, LANES);
        int rest = columns % LANES;
        int slot = (rows - 1) * 4 + (vectors - 1) * 2 + (rest == 0 ? 0 : 1);
        if (ENTRIES.get(slot) == 0) {
            ENTRIES.set(slot, EmittedCode.install(code(rows, vectors, rest != 0))); // if two threads do, either serves
        }
        return new Emitted(ENTRIES.get(slot), (1L << rest) - 1);
    }

    /**
     * The code. Arguments by the System V convention: k, a, stepA, b, stepB, c in rdi, rsi, rdx, rcx, r8, r9; stepC,
     * accumulate and the mask of the last vector's lanes on the stack. The tile is in zmm0 … zmm27, a row of B in zmm28
     * and zmm29, broadcasts of A alternate between zmm30 and zmm31.
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
        private final long mask;

        Emitted(long entry, long mask) {
            this.entry = entry;
            this.mask = mask;
        }

        @Override
        void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, boolean accumulate) {
            EmittedCode.call(entry, k, a, stepA, b, stepB, c, stepC, accumulate ? 1 : 0, mask);
        }
    }
}
