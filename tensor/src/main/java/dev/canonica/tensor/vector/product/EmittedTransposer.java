package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.vector.code.Assembler;
import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The transposition of 16 × 16 floats as machine code: floats and then doubles are interleaved within 128 bits, which
 * transposes each 4 × 4 block, and two rounds of exchanging quarters transpose the blocks. All in registers, 64
 * instructions.
 */
final class EmittedTransposer extends Transposer {
    private static final int SIDE = 16;
    private static final AtomicLongArray ENTRIES = new AtomicLongArray(SIDE + 1); // by the number of source rows

    @Override
    public void run(long source, long sourceStep, int rows, long target, long targetStep) {
        int r = Math.min(rows, SIDE);
        long entry = ENTRIES.get(r);
        if (entry == 0) {
            entry = EmittedCode.install("transpose " + r, code(r));
            ENTRIES.set(r, entry);
        }
        EmittedCode.call(entry, source, sourceStep, target, targetStep);
    }

    /** Source, its step, target and its step in rdi, rsi, rdx, rcx. */
    static byte[] code(int rows) {
        Avx512Assembler s = new Avx512Assembler();
        int[] row = new int[SIDE]; // the register that holds each row; free is the one beside them
        for (int i = 0; i < SIDE; i++) {
            row[i] = i;
            s.load(i, Assembler.RDI, 0, false);
            if (i < rows - 1) {
                s.add(Assembler.RDI, Assembler.RSI);
            }
        }
        int free = SIDE;
        for (int i = 0; i < SIDE; i += 2) { // floats of rows i and i + 1
            s.interleaveFloats(free, row[i], row[i + 1], false);
            s.interleaveFloats(row[i + 1], row[i], row[i + 1], true);
            int old = row[i];
            row[i] = free;
            free = old;
        }
        for (int g = 0;
                g < SIDE;
                g += 4) { // doubles of rows g, g + 2 and of g + 1, g + 3: columns 0, 1 and 2, 3 of each block
            int[] t = {row[g], row[g + 1], row[g + 2], row[g + 3]};
            s.interleaveDoubles(free, t[0], t[2], false);
            s.interleaveDoubles(t[2], t[0], t[2], true);
            s.interleaveDoubles(t[0], t[1], t[3], false);
            s.interleaveDoubles(t[3], t[1], t[3], true);
            row[g] = free;
            row[g + 1] = t[2];
            row[g + 2] = t[0];
            row[g + 3] = t[3];
            free = t[1];
        }
        int[] out = new int[SIDE];
        for (int j = 0; j < 4; j++) { // column j of the four blocks of each row of blocks
            int[] t = {row[j], row[4 + j], row[8 + j], row[12 + j]};
            s.quarters(free, t[0], t[1], false);
            s.quarters(t[1], t[0], t[1], true);
            s.quarters(t[0], t[2], t[3], false);
            s.quarters(t[3], t[2], t[3], true);
            // free and t[0]: columns j and 8 + j of all rows; t[1] and t[3]: columns 4 + j and 12 + j
            s.quarters(t[2], free, t[0], false);
            s.quarters(t[0], free, t[0], true);
            s.quarters(free, t[1], t[3], false);
            s.quarters(t[3], t[1], t[3], true);
            out[j] = t[2];
            out[8 + j] = t[0];
            out[4 + j] = free;
            out[12 + j] = t[3];
            free = t[1];
        }
        for (int p = 0; p < SIDE; p++) {
            s.store(out[p], Assembler.RDX, 0, false);
            s.add(Assembler.RDX, Assembler.RCX);
        }
        s.leave();
        return s.code();
    }
}
