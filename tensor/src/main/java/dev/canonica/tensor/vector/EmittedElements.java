package dev.canonica.tensor.vector;

import dev.canonica.tensor.vector.Formula.Value;

/**
 * An element-wise function of some arrays as machine code for AVX-512: at full speed from its first call, and with all of its intermediate values in
 * registers. Arrays are rows of n floats some step apart; an operand may be one number a row.
 *
 * <p>A value depends on the operands alone, not on its place: it is the same in the middle of a row and at its end.
 */
final class EmittedElements {
    /** Elements of one call, some ten microseconds: the virtual machine cannot stop a thread during a call. */
    private static final long MOST = 1 << 15;

    private static final int REGISTERS = 32;
    private static final int[] POINTERS = {Assembler.RDI, Assembler.RSI, Assembler.RDX, Assembler.RCX};
    private static final int LENGTH = Assembler.R8;
    private static final int ROWS = Assembler.R9;
    private static final int LEFT = Assembler.R10;

    // arguments on the stack, by their distance from its pointer: a step for each pointer, the mask, two parameters
    private static final int STEPS = 8;
    private static final int MASK = STEPS + 8 * POINTERS.length;
    private static final int PARAMETERS = MASK + 8;

    private final int inputs;
    private final boolean[] splat;
    private final long entry;

    /**
     * Emits the code.
     *
     * @param parameters numbers that the function takes after its operands, the same for all elements; up to two
     * @param splat for each operand, up to three, whether it is one number a row
     */
    EmittedElements(Formulas.Lane function, int parameters, boolean... splat) {
        inputs = splat.length;
        this.splat = splat;
        entry = EmittedCode.install(code(function, parameters, splat));
    }

    /**
     * The code. Arguments by the System V convention: the addresses of the operands and of the result, of four at most, in registers; n in r8, the
     * number of rows in r9; on the stack the distances of rows in bytes, the mask of the last vector's lanes and the bits of the parameters.
     */
    static byte[] code(Formulas.Lane function, int parameters, boolean... splat) {
        Avx512Assembler s = new Avx512Assembler();
        Formula f = new Formula();
        Value[] operands = new Value[splat.length + parameters];
        int registers = REGISTERS;
        for (int i = 0; i < operands.length; i++) {
            operands[i] = i < splat.length && !splat[i] ? f.input(i) : f.invariant(--registers);
        }
        FormulaCode code = new FormulaCode(s, f, function.of(f, operands), registers);

        s.loadArgument(Assembler.RAX, MASK);
        s.maskFromRax();
        for (int i = 0; i < parameters; i++) {
            s.loadArgument(Assembler.RAX, PARAMETERS + 8 * i);
            s.spread(operands[splat.length + i].detail, Assembler.RAX);
        }
        code.loadConstants();
        int row = s.position();
        for (int i = 0; i < splat.length; i++) {
            if (splat[i]) {
                s.broadcast(operands[i].detail, POINTERS[i], 0);
            }
        }
        RowLoop loop = new RowLoop(s, LENGTH, LEFT);
        loop.pass(code.copies(), (vectors, masked) -> {
            int[] y = code.emit(vectors, (register, input, j) -> loop.load(register, POINTERS[input], j, masked));
            for (int j = 0; j < vectors; j++) {
                loop.store(y[j], POINTERS[splat.length], j, masked);
            }
        });
        for (int i = 0; i <= splat.length; i++) {
            s.addArgument(POINTERS[i], STEPS + 8 * i);
        }
        s.addConstant(ROWS, -1);
        s.jump(Assembler.NOT_ZERO, row);
        s.leave();
        return s.code();
    }

    /** A function of one array: rows of n floats of x to rows of y, which may be x; steps are in bytes. */
    void run(long x, long stepX, long y, long stepY, long n, long rows, float a, float b) {
        run(x, stepX, y, stepY, 0, 0, 0, 0, n, rows, a, b);
    }

    /**
     * Rows of the operands and, behind the last of them, of the result, which may be an operand; what is not needed is 0.
     *
     * @param n floats in a row
     */
    void run(
            long p0,
            long step0,
            long p1,
            long step1,
            long p2,
            long step2,
            long p3,
            long step3,
            long n,
            long rows,
            float a,
            float b) {
        long most = Math.max(1, MOST / Math.max(1, n));
        for (long r = 0; r < rows; r += most) {
            for (long i = 0; i < n; i += MOST) {
                long width = Math.min(MOST, n - i);
                EmittedCode.call(
                        entry,
                        place(0, p0, r * step0, i),
                        place(1, p1, r * step1, i),
                        place(2, p2, r * step2, i),
                        place(3, p3, r * step3, i),
                        width,
                        Math.min(most, rows - r),
                        step0,
                        step1,
                        step2,
                        step3,
                        mask(width),
                        Float.floatToRawIntBits(a),
                        Float.floatToRawIntBits(b));
            }
        }
    }

    private long place(int operand, long address, long row, long column) {
        return address + row + (operand < inputs && splat[operand] ? 0 : 4 * column);
    }

    /** The lanes of the last n mod 16 floats of a row. */
    static long mask(long n) {
        return (1L << (n & 15)) - 1;
    }
}
