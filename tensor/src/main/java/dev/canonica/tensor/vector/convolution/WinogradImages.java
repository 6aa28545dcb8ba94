package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Assembler.R12;
import static dev.canonica.tensor.vector.code.Assembler.R13;
import static dev.canonica.tensor.vector.code.Assembler.RBX;
import static dev.canonica.tensor.vector.code.Assembler.RDI;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.FIRST_TABLE;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.LOWER_TABLE;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.PLACES;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.SAME;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.SECOND_TABLE;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.UPPER_TABLE;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.begin;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.divide;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.loadCounts;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.mask;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.phases;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.repeat;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.storeAll;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.turn;
import static dev.canonica.tensor.vector.convolution.WinogradTables.EVEN;
import static dev.canonica.tensor.vector.convolution.WinogradTables.FROM_ABOVE;
import static dev.canonica.tensor.vector.convolution.WinogradTables.FROM_BELOW;
import static dev.canonica.tensor.vector.convolution.WinogradTables.FROM_LEFT;
import static dev.canonica.tensor.vector.convolution.WinogradTables.FROM_RIGHT;
import static dev.canonica.tensor.vector.convolution.WinogradTables.LOWER_ROWS;
import static dev.canonica.tensor.vector.convolution.WinogradTables.ODD;
import static dev.canonica.tensor.vector.convolution.WinogradTables.UPPER_ROWS;

import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.util.stream.IntStream;

/**
 * V = Bᵀ d B of {@link Winograd}'s tiles, as machine code. An image's columns 2 t, 2 t + 1, … for neighbouring tiles t are taken from its rows by two
 * permutations. Planes of 8 × 8 and 4 × 4 pixels, whose rows are too short for that, are taken whole, and rows of eight tiles two at a time.
 */
final class WinogradImages {
    static final long ROWS = EmittedCode.install("winograd images", rows());
    static final long PAIRS = EmittedCode.install("winograd pairs", pairs());
    static final long PLANES = EmittedCode.install("winograd planes", planes());

    // vector registers of planes: tables of what lies in a neighbouring tile
    private static final int LEFT_TABLE = 23;
    private static final int RIGHT_TABLE = 24;
    private static final int ABOVE_TABLE = 25;
    private static final int BELOW_TABLE = 26;

    private WinogradImages() {}

    /**
     * V = Bᵀ d B. Places are the four rows of the image from which neighbouring tiles are cut, at the first one's first column; masks 0 to 3 say
     * which of the floats 0 …, 16 …, 2 … and 18 … after it are in the image, mask 4 which tiles there are.
     */
    private static byte[] rows() {
        Avx512Assembler s = begin();
        s.load(FIRST_TABLE, RBX, EVEN, false);
        s.load(SECOND_TABLE, RBX, ODD, false);
        loadCounts(s, 4, 5);
        s.align(64);
        int loop = s.position();
        int[] d = IntStream.range(0, 16).toArray();
        for (int a = 0; a < 4; a++) {
            s.loadMasked(20, PLACES[a], 0, mask(0));
            s.loadMasked(21, PLACES[a], 64, mask(1));
            s.loadMasked(22, PLACES[a], 8, mask(2));
            s.loadMasked(23, PLACES[a], 72, mask(3));
            divide(s, 4 * a, 4 * a + 1, 20, 21);
            divide(s, 4 * a + 2, 4 * a + 3, 22, 23);
        }
        transformImages(s, d);
        storeAll(s, d);
        repeat(s, 4, loop);
        return s.code();
    }

    /**
     * V = Bᵀ d B of two rows of eight tiles, one below the other. Places are the six rows of the image from which they are cut; masks and all else as for
     * {@link #rows}.
     */
    private static byte[] pairs() {
        Avx512Assembler s = begin();
        s.push(R12);
        s.push(R13);
        s.load(FIRST_TABLE, RBX, EVEN, false);
        s.load(SECOND_TABLE, RBX, ODD, false);
        loadCounts(s, 4, 5);
        s.loadWord(R12, RDI, WinogradCall.placeAt(4));
        s.loadWord(R13, RDI, WinogradCall.placeAt(5));
        s.align(64);
        int loop = s.position();
        int[] rows = {PLACES[0], PLACES[1], PLACES[2], PLACES[3], R12, R13};
        for (int i = 0; i < rows.length; i++) {
            s.loadMasked(16 + 2 * i, rows[i], 0, mask(0));
            s.loadMasked(17 + 2 * i, rows[i], 8, mask(2));
        }
        int[] d = IntStream.range(0, 16).toArray();
        for (int a = 0; a < 4; a++) {
            divide(s, 4 * a, 4 * a + 1, 16 + 2 * a, 20 + 2 * a);
            divide(s, 4 * a + 2, 4 * a + 3, 17 + 2 * a, 21 + 2 * a);
        }
        transformImages(s, d);
        storeAll(s, d);
        s.addWord(R12, RDI, WinogradCall.stepAt(4));
        s.addWord(R13, RDI, WinogradCall.stepAt(5));
        turn(s, 4, loop);
        s.pop(R13);
        s.pop(R12);
        s.pop(RBX);
        s.leave();
        return s.code();
    }

    /**
     * V = Bᵀ d B of sixteen tiles that are a plane of 8 × 8 pixels or four of 4 × 4, with zeros around each. Places are four vectors of pixels, mask 4
     * says which tiles there are.
     */
    private static byte[] planes() {
        Avx512Assembler s = begin();
        int[] tables = {
            LEFT_TABLE, RIGHT_TABLE, ABOVE_TABLE, BELOW_TABLE, UPPER_TABLE, LOWER_TABLE, FIRST_TABLE, SECOND_TABLE
        };
        int[] at = {FROM_LEFT, FROM_RIGHT, FROM_ABOVE, FROM_BELOW, UPPER_ROWS, LOWER_ROWS, EVEN, ODD};
        for (int i = 0; i < tables.length; i++) {
            s.load(tables[i], RBX, at[i], false);
        }
        s.zero(SAME);
        loadCounts(s, 4, 5);
        s.align(64);
        int loop = s.position();
        int[] d = IntStream.range(0, 16).toArray();
        phases(s, 5, 6, 9, 10);
        for (int a = 1; a < 3; a++) {
            fromNeighbour(s, 4 * a, LEFT_TABLE, 4 * a + 2);
            fromNeighbour(s, 4 * a + 3, RIGHT_TABLE, 4 * a + 1);
        }
        for (int b = 0; b < 4; b++) {
            fromNeighbour(s, b, ABOVE_TABLE, 8 + b);
            fromNeighbour(s, 12 + b, BELOW_TABLE, 4 + b);
        }
        transformImages(s, d);
        storeAll(s, d);
        repeat(s, 4, loop);
        return s.code();
    }

    /** By a table, what a neighbouring tile has in x; 0 where there is none. */
    private static void fromNeighbour(Avx512Assembler s, int to, int table, int x) {
        s.copy(to, table);
        s.choose(to, x, SAME);
    }

    static void transformImages(Avx512Assembler s, int[] d) {
        int[] free = {16, 17};
        for (int b = 0; b < 4; b++) {
            differences(s, d, b, 4, free);
        }
        for (int a = 0; a < 4; a++) {
            differences(s, d, 4 * a, 1, free);
        }
    }

    /** Bᵀ x of the four vectors x that lie in d at this step: x0 − x2, x1 + x2, x2 − x1, x1 − x3. */
    private static void differences(Avx512Assembler s, int[] d, int at, int step, int[] free) {
        int x1 = d[at + step];
        int x2 = d[at + 2 * step];
        s.minus(d[at], d[at], x2);
        s.plus(free[0], x1, x2);
        s.minus(free[1], x2, x1);
        s.minus(d[at + 3 * step], x1, d[at + 3 * step]);
        d[at + step] = free[0];
        d[at + 2 * step] = free[1];
        free[0] = x1;
        free[1] = x2;
    }
}
