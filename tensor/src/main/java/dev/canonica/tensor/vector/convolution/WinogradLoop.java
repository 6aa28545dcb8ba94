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

    // Vector registers. What is transformed lies in 0 … 15, what it is made of on the way in 16 … 26.
    /** The two tables by which {@link #divide} goes. */
    static final int FIRST_TABLE = 30;

    static final int SECOND_TABLE = 31;

    /** The two tables by which rows of planes are divided, or put together again. */
    static final int UPPER_TABLE = 27;

    static final int LOWER_TABLE = 28;

    /** Zeros, or the bias of a channel's outputs. */
    static final int SAME = 29;

    /** Half of one, where no table is needed. */
    static final int ONE_HALF = 31;

    private WinogradLoop() {}

    static Avx512Assembler begin() {
        Avx512Assembler s = new Avx512Assembler();
        s.push(RBX);
        s.loadWord(RBX, RDI, WinogradCall.TABLE);
        return s;
    }

    static void loadCounts(Avx512Assembler s, int places, int masks) {
        for (int i = 0; i < places; i++) {
            s.loadWord(PLACES[i], RDI, WinogradCall.placeAt(i));
        }
        s.loadWord(TARGET, RDI, WinogradCall.MATRICES);
        s.loadWord(STEP, RDI, WinogradCall.STEP);
        s.loadWord(NEXT, RDI, WinogradCall.NEXT);
        s.loadWord(LEFT, RDI, WinogradCall.CHANNELS);
        for (int i = 0; i < masks; i++) {
            s.loadMask(mask(i), RDI, WinogradCall.maskAt(i));
        }
    }

    static void repeat(Avx512Assembler s, int places, int loop) {
        turn(s, places, loop);
        s.pop(RBX);
        s.leave();
    }

    static void turn(Avx512Assembler s, int places, int loop) {
        for (int i = 0; i < places; i++) {
            s.addWord(PLACES[i], RDI, WinogradCall.stepAt(i));
        }
        s.add(TARGET, STEP);
        s.addConstant(LEFT, -1);
        s.jump(NOT_ZERO, loop);
    }

    /** The mask register of mask i: k0 means all lanes. */
    static int mask(int i) {
        return i + 1;
    }

    /** Sixteen matrices ← vectors, in the lanes of mask 4. */
    static void storeAll(Avx512Assembler s, int[] vectors) {
        s.move(RBX, TARGET);
        for (int vector : vectors) {
            s.storeMasked(vector, RBX, 0, mask(4));
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
        divide(s, even, odd, x, y, FIRST_TABLE, SECOND_TABLE);
    }

    /** What two tables choose from x and y. */
    static void divide(Avx512Assembler s, int first, int second, int x, int y, int table, int secondTable) {
        s.copy(first, table);
        s.choose(first, x, y);
        s.copy(second, secondTable);
        s.choose(second, x, y);
    }

    /** Of the four vectors at the places, by row and column in a tile, what all tiles have there; 16 to 22 are lost. */
    static void phases(Avx512Assembler s, int p00, int p01, int p10, int p11) {
        for (int i = 0; i < 4; i++) {
            s.load(16 + i, PLACES[i], 0, false);
        }
        divide(s, 20, 21, 16, 17);
        divide(s, 22, 16, 18, 19);
        divide(s, p00, p10, 20, 22, UPPER_TABLE, LOWER_TABLE);
        divide(s, p01, p11, 21, 16, UPPER_TABLE, LOWER_TABLE);
    }
}
