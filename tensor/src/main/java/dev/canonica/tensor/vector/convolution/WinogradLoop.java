package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Assembler.NOT_ZERO;
import static dev.canonica.tensor.vector.code.Assembler.R10;
import static dev.canonica.tensor.vector.code.Assembler.R11;
import static dev.canonica.tensor.vector.code.Assembler.R8;
import static dev.canonica.tensor.vector.code.Assembler.R9;
import static dev.canonica.tensor.vector.code.Assembler.RAX;
import static dev.canonica.tensor.vector.code.Assembler.RBX;
import static dev.canonica.tensor.vector.code.Assembler.RCX;
import static dev.canonica.tensor.vector.code.Assembler.RDI;
import static dev.canonica.tensor.vector.code.Assembler.RDX;
import static dev.canonica.tensor.vector.code.Assembler.RSI;
import static dev.canonica.tensor.vector.convolution.WinogradCall.MASKS;
import static dev.canonica.tensor.vector.convolution.WinogradCall.TABLE;

import dev.canonica.tensor.vector.code.Avx512Assembler;

/**
 * What the functions of {@link Winograd}'s linear maps have in common, as machine code for AVX-512. A function has one argument, the address of a {@link WinogradCall}, so
 * that it can be told of many places, and repeats its work for many channels. Sixteen tiles, or filters, are transformed at once.
 */
final class WinogradLoop {
    static final int[] PLACES = {RAX, RCX, RDX, RSI};
    private static final int TARGET = R8;
    private static final int STEP = R9;
    private static final int NEXT = R10; // to the next of the sixteen matrices
    private static final int LEFT = R11;

    private WinogradLoop() {}

    static Avx512Assembler begin() {
        Avx512Assembler s = new Avx512Assembler();
        s.push(RBX);
        s.loadWord(RBX, RDI, TABLE);
        return s;
    }

    static void loadCounts(Avx512Assembler s, int places, int masks) {
        for (int i = 0; i < places; i++) {
            s.loadWord(PLACES[i], RDI, 8 * i);
        }
        s.loadWord(TARGET, RDI, 64);
        s.loadWord(STEP, RDI, 72);
        s.loadWord(NEXT, RDI, 80);
        s.loadWord(LEFT, RDI, 88);
        for (int i = 0; i < masks; i++) {
            s.loadMask(i + 1, RDI, MASKS + 2 * i);
        }
    }

    static void repeat(Avx512Assembler s, int places, int loop) {
        turn(s, places, loop);
        s.pop(RBX);
        s.leave();
    }

    static void turn(Avx512Assembler s, int places, int loop) {
        for (int i = 0; i < places; i++) {
            s.addWord(PLACES[i], RDI, 32 + 8 * i);
        }
        s.add(TARGET, STEP);
        s.addConstant(LEFT, -1);
        s.jump(NOT_ZERO, loop);
    }

    /** Sixteen matrices ← vectors, in the lanes of mask 4, which is in k5. */
    static void storeAll(Avx512Assembler s, int[] vectors) {
        s.move(RBX, TARGET);
        for (int vector : vectors) {
            s.storeMasked(vector, RBX, 0, 5);
            s.add(RBX, NEXT);
        }
    }

    static void loadAll(Avx512Assembler s) {
        s.move(RBX, TARGET);
        for (int i = 0; i < 16; i++) {
            s.load(i, RBX, 0, false);
            s.add(RBX, NEXT);
        }
    }

    /** The evens of x and y to one register, their odds to the other. */
    static void divide(Avx512Assembler s, int even, int odd, int x, int y) {
        divide(s, even, odd, x, y, 30, 31);
    }

    /** What two tables choose from x and y. */
    static void divide(Avx512Assembler s, int first, int second, int x, int y, int table, int secondTable) {
        s.copy(first, table);
        s.choose(first, x, y);
        s.copy(second, secondTable);
        s.choose(second, x, y);
    }

    /** Of the four vectors at the places, by row and column in a tile, what all tiles have there; 16 to 22 are lost. */
    static void phases(Avx512Assembler s, int p00, int p01, int p10, int p11, int upper, int lower) {
        for (int i = 0; i < 4; i++) {
            s.load(16 + i, PLACES[i], 0, false);
        }
        divide(s, 20, 21, 16, 17);
        divide(s, 22, 16, 18, 19);
        divide(s, p00, p10, 20, 22, upper, lower);
        divide(s, p01, p11, 21, 16, upper, lower);
    }
}
