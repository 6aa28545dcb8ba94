package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.vector.code.Assembler;
import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Floats rounded to bfloat16, to nearest and even as {@link dev.canonica.tensor.kernel.Bfloat16} does, as machine code: in the pairs that
 * {@link EmittedMicrokernels#ofPairs} multiplies. Subnormal numbers become 0, which is what that product takes them for. If
 * {@link Emission#bf16}.
 */
public final class EmittedNarrowing {
    /** Floats of one call, some ten microseconds: the virtual machine cannot stop a thread in it. */
    private static final long MOST = 1 << 15;

    private static final int LANES = 16;
    private static final int LINE = 64;

    // masks: of the rest of a row, its first and its second vector, and what is stored of it
    private static final int FIRST = 1;
    private static final int SECOND = 2;
    private static final int PAIRS = 3;

    private EmittedNarrowing() {}

    /** Bytes from one row of so many rounded numbers to the next: whole cache lines, rows not in the same places of the caches. */
    public static int step(int n) {
        int bytes = Math.ceilDiv(2 * n, LINE) * LINE;
        return bytes % MatrixBatch.ALIAS_BYTES == 0 ? bytes + LINE : bytes;
    }

    /** Rows of n floats of x to rows of y, with a 0 after rows of odd length; steps are in bytes. */
    public static void rows(long x, long stepX, long y, long stepY, long rows, int n) {
        int rest = n % (2 * LANES);
        long most = Math.max(1, MOST / n);
        for (long r = 0; r < rows; r += most) {
            EmittedCode.call(
                    Rows.ENTRY,
                    x + r * stepX,
                    stepX,
                    y + r * stepY,
                    stepY,
                    n,
                    Math.min(most, rows - r),
                    mask(rest),
                    mask(rest - LANES),
                    mask(rest + 1 >> 1),
                    0,
                    0,
                    0,
                    0);
        }
    }

    /**
     * Pairs of neighbouring rows: (x[2p, j], x[2p + 1, j]) to y[p, j], with 0 beyond an odd number of rows.
     *
     * @param n columns, at most two vectors
     */
    static void columns(long x, long stepX, int rows, int n, long y, long stepY) {
        interleave(x, x + stepX, 2 * stepX, rows / 2, n, y, stepY);
        if (rows % 2 == 1) {
            interleave(x + (rows - 1) * stepX, Columns.ZEROS.address(), 0, 1, n, y + rows / 2 * stepY, stepY);
        }
    }

    private static void interleave(long even, long odd, long step, int pairs, int n, long y, long stepY) {
        long most = MOST / (2L * LANES);
        for (long p = 0; p < pairs; p += most) {
            EmittedCode.call(
                    Columns.ENTRY,
                    even + p * step,
                    odd + p * step,
                    step,
                    y + p * stepY,
                    stepY,
                    Math.min(most, pairs - p),
                    mask(n),
                    mask(n - LANES),
                    Columns.ORDER.address(),
                    0,
                    0,
                    0,
                    0);
        }
    }

    /** The first n lanes of a vector, none if n is negative. */
    private static long mask(int n) {
        return (1L << Math.clamp(n, 0, LANES)) - 1;
    }

    /** x, its step, y and its step, the numbers of floats in a row and of rows; on the stack the masks. */
    static byte[] rowsCode() {
        Avx512Assembler s = new Avx512Assembler();
        int[] masks = {FIRST, SECOND, PAIRS};
        for (int i = 0; i < masks.length; i++) {
            s.loadMask(masks[i], Assembler.RSP, 8 + 8 * i);
        }
        int begin = s.position();
        s.move(Assembler.R10, Assembler.RDI);
        s.move(Assembler.R11, Assembler.RDX);
        s.move(Assembler.RAX, Assembler.R8);
        s.addConstant(Assembler.RAX, -2 * LANES);
        int few = s.jumpForwards(Assembler.LESS);
        int loop = s.position();
        s.load(0, Assembler.R10, 0, false);
        s.load(1, Assembler.R10, LINE, false);
        s.narrow(0, 0, 1);
        s.store(0, Assembler.R11, 0, false);
        s.addConstant(Assembler.R10, 2 * LINE);
        s.addConstant(Assembler.R11, LINE);
        s.addConstant(Assembler.RAX, -2 * LANES);
        s.jump(Assembler.NOT_LESS, loop);
        s.land(few);
        s.addConstant(Assembler.RAX, 2 * LANES);
        int none = s.jumpForwards(Assembler.ZERO);
        s.loadMasked(0, Assembler.R10, 0, FIRST);
        s.loadMasked(1, Assembler.R10, LINE, SECOND);
        s.narrow(0, 0, 1);
        s.storeMasked(0, Assembler.R11, 0, PAIRS);
        s.land(none);
        s.add(Assembler.RDI, Assembler.RSI);
        s.add(Assembler.RDX, Assembler.RCX);
        s.addConstant(Assembler.R9, -1);
        s.jump(Assembler.NOT_ZERO, begin);
        s.leave();
        return s.code();
    }

    /** The first even and odd row, their step, y and its step, the number of pairs; on the stack the masks and the address of the order. */
    static byte[] columnsCode() {
        Avx512Assembler s = new Avx512Assembler();
        s.loadMask(FIRST, Assembler.RSP, 8);
        s.loadMask(SECOND, Assembler.RSP, 16);
        s.loadArgument(Assembler.RAX, 24);
        int order = 2;
        s.load(order, Assembler.RAX, 0, false);
        int begin = s.position();
        for (int j = 0; j < 2; j++) {
            int mask = j == 0 ? FIRST : SECOND;
            s.loadMasked(0, Assembler.RDI, LINE * j, mask);
            s.loadMasked(1, Assembler.RSI, LINE * j, mask);
            s.narrow(0, 0, 1);
            s.permuteWords(0, order, 0);
            s.storeMasked(0, Assembler.RCX, LINE * j, mask);
        }
        s.add(Assembler.RDI, Assembler.RDX);
        s.add(Assembler.RSI, Assembler.RDX);
        s.add(Assembler.RCX, Assembler.R8);
        s.addConstant(Assembler.R9, -1);
        s.jump(Assembler.NOT_ZERO, begin);
        s.leave();
        return s.code();
    }

    private static final class Rows {
        static final long ENTRY = EmittedCode.install("bf16 pairs of rows", rowsCode());
    }

    private static final class Columns {
        static final long ENTRY = EmittedCode.install("bf16 pairs of columns", columnsCode());

        /** Numbers of words: one of the lower half, one of the upper half, and so on. */
        static final MemorySegment ORDER = order();

        /** In place of a last odd row. */
        static final MemorySegment ZEROS = Arena.ofAuto().allocate(2L * LINE, LINE);

        private static MemorySegment order() {
            MemorySegment words = Arena.ofAuto().allocate(LINE, LINE);
            for (int i = 0; i < 2 * LANES; i++) {
                words.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (i / 2 + i % 2 * LANES));
            }
            return words;
        }
    }
}
