package dev.canonica.tensor.vector.elements;

import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.EmittedCode;
import dev.canonica.tensor.vector.code.Formula;
import dev.canonica.tensor.vector.code.Formula.Value;
import dev.canonica.tensor.vector.code.FormulaCode;
import dev.canonica.tensor.vector.code.Formulas;
import dev.canonica.tensor.vector.code.RowLoop;
import java.util.Arrays;

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

    private final int inputs;
    private final boolean[] splat;
    private final long entry;

    /**
     * Emits the code.
     *
     * @param name by which a profiler knows it
     * @param parameters numbers that the function takes after its operands, the same for all elements; up to two
     * @param splat for each operand, up to three, whether it is one number a row
     */
    EmittedElements(String name, Formulas.Lane function, int parameters, boolean... splat) {
        inputs = splat.length;
        this.splat = splat;
        entry = EmittedCode.install("elements " + name, code(function, parameters, splat));
    }

    /** The code, with the arguments of {@link RowLoop}: the operands, then the result. */
    static byte[] code(Formulas.Lane function, int parameters, boolean... splat) {
        Avx512Assembler s = new Avx512Assembler();
        Formula f = new Formula();
        Value[] operands = new Value[splat.length + parameters];
        int registers = REGISTERS;
        for (int i = 0; i < operands.length; i++) {
            operands[i] = i < splat.length && !splat[i] ? f.input(i) : f.invariant(--registers);
        }
        FormulaCode code = new FormulaCode(s, f, function.of(f, operands), registers);
        RowLoop loop = new RowLoop(
                s,
                Arrays.stream(operands)
                        .skip(splat.length)
                        .mapToInt(v -> v.detail)
                        .toArray());
        code.loadConstants();
        loop.rows(splat.length + 1, () -> {
            for (int i = 0; i < splat.length; i++) {
                if (splat[i]) {
                    loop.splat(operands[i].detail, i);
                }
            }
            loop.pass(code.copies(), (vectors, masked) -> {
                int[] y = code.emit(vectors, (register, input, j) -> loop.load(register, input, j, masked));
                for (int j = 0; j < vectors; j++) {
                    loop.store(y[j], splat.length, j, masked);
                }
            });
        });
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
                        RowLoop.mask(width),
                        Float.floatToRawIntBits(a),
                        Float.floatToRawIntBits(b));
            }
        }
    }

    private long place(int operand, long address, long row, long column) {
        return address + row + (operand < inputs && splat[operand] ? 0 : 4 * column);
    }
}
