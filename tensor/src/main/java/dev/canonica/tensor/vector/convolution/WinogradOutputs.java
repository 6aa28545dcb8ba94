package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.code.Assembler.R12;
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
import static dev.canonica.tensor.vector.convolution.WinogradLoop.loadAll;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.loadCounts;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.mask;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.phases;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.repeat;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.storeAll;
import static dev.canonica.tensor.vector.convolution.WinogradLoop.turn;
import static dev.canonica.tensor.vector.convolution.WinogradTables.EVEN;
import static dev.canonica.tensor.vector.convolution.WinogradTables.FIRST_ROWS;
import static dev.canonica.tensor.vector.convolution.WinogradTables.HIGH;
import static dev.canonica.tensor.vector.convolution.WinogradTables.LAST_ROWS;
import static dev.canonica.tensor.vector.convolution.WinogradTables.LOW;
import static dev.canonica.tensor.vector.convolution.WinogradTables.LOWER_ROWS;
import static dev.canonica.tensor.vector.convolution.WinogradTables.ODD;
import static dev.canonica.tensor.vector.convolution.WinogradTables.UPPER_ROWS;

import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.util.function.Consumer;

/** Y = Aᵀ M A + bias of {@link Winograd}'s tiles and its adjoint M̄ = A ȳ Aᵀ, as machine code: for a row of tiles, two rows of eight, and whole planes. */
final class WinogradOutputs {
    static final long ROWS = EmittedCode.install("winograd outputs", rows());
    static final long PAIRS = EmittedCode.install("winograd pairs of outputs", pairs());
    static final long PLANES = EmittedCode.install("winograd planes of outputs", planes());
    static final long COTANGENTS = EmittedCode.install("winograd cotangents", cotangents());
    static final long PAIRS_OF_COTANGENTS = EmittedCode.install("winograd pairs of cotangents", pairsOfCotangents());
    static final long PLANES_OF_COTANGENTS = EmittedCode.install("winograd planes of cotangents", planesOfCotangents());

    private WinogradOutputs() {}

    /**
     * Y = Aᵀ M A + bias. Places 0 and 1 are the two rows of the outputs at the first tile's column, place 2 the bias; masks 0 and 1 say which
     * of the floats 0 … and 16 … after them there are.
     */
    private static byte[] rows() {
        Avx512Assembler s = begin();
        s.load(FIRST_TABLE, RBX, LOW, false);
        s.load(SECOND_TABLE, RBX, HIGH, false);
        loadCounts(s, 3, 2);
        s.align(64);
        int loop = s.position();
        s.broadcast(SAME, PLACES[2], 0);
        sumsOfColumns(s);
        for (int i = 0; i < 2; i++) {
            int row = 16 + 4 * i;
            sums(s, 0, 1, row, row + 1, row + 2, row + 3);
            s.plus(0, 0, SAME);
            s.plus(1, 1, SAME);
            divide(s, 2, 3, 0, 1); // by the tables that undo the division of columns
            s.storeMasked(2, PLACES[i], 0, mask(0));
            s.storeMasked(3, PLACES[i], 64, mask(1));
        }
        repeat(s, 3, loop);
        return s.code();
    }

    /**
     * Y = Aᵀ M A + bias of sixteen tiles that are a plane of 8 × 8 outputs or four of 4 × 4. Places 0 to 3 are four vectors of outputs, place 4 the bias.
     */
    private static byte[] planes() {
        Avx512Assembler s = begin();
        s.load(UPPER_TABLE, RBX, FIRST_ROWS, false);
        s.load(LOWER_TABLE, RBX, LAST_ROWS, false);
        return outputs(s, () -> {
            divide(s, 4, 5, 0, 2, UPPER_TABLE, LOWER_TABLE);
            divide(s, 6, 7, 1, 3, UPPER_TABLE, LOWER_TABLE);
            for (int i = 0; i < 2; i++) {
                divide(s, 8, 9, 4 + i, 6 + i);
                s.store(8, PLACES[2 * i], 0, false);
                s.store(9, PLACES[2 * i + 1], 0, false);
            }
        });
    }

    /**
     * Y = Aᵀ M A + bias of two rows of eight tiles, one below the other. Places 0 to 3 are their four rows of outputs, place 4 the bias; mask 0 says
     * which columns there are.
     */
    private static byte[] pairs() {
        Avx512Assembler s = begin();
        return outputs(s, () -> {
            for (int i = 0; i < 2; i++) {
                divide(s, 4, 5, 2 * i, 2 * i + 1);
                s.storeMasked(4, PLACES[i], 0, mask(0));
                s.storeMasked(5, PLACES[2 + i], 0, mask(0));
            }
        });
    }

    /** The code after {@code begin} for four places; to be stored are rows of Y in two vectors each, from 0 on. */
    private static byte[] outputs(Avx512Assembler s, Runnable store) {
        s.push(R12);
        s.load(FIRST_TABLE, RBX, LOW, false);
        s.load(SECOND_TABLE, RBX, HIGH, false);
        loadCounts(s, 4, 1);
        s.loadWord(R12, RDI, WinogradCall.placeAt(4));
        s.align(64);
        int loop = s.position();
        s.broadcast(SAME, R12, 0);
        sumsOfColumns(s);
        for (int i = 0; i < 2; i++) {
            int row = 16 + 4 * i;
            sums(s, 2 * i, 2 * i + 1, row, row + 1, row + 2, row + 3);
            s.plus(2 * i, 2 * i, SAME);
            s.plus(2 * i + 1, 2 * i + 1, SAME);
        }
        store.run();
        s.addWord(R12, RDI, WinogradCall.stepAt(4));
        turn(s, 4, loop);
        s.pop(R12);
        s.pop(RBX);
        s.leave();
        return s.code();
    }

    /** Aᵀ M, its rows to 16 … and 20 … */
    private static void sumsOfColumns(Avx512Assembler s) {
        loadAll(s);
        for (int j = 0; j < 4; j++) {
            sums(s, 16 + j, 20 + j, j, 4 + j, 8 + j, 12 + j);
        }
    }

    /** Aᵀ x: x0 + x1 + x2 and x1 − x2 − x3. */
    static void sums(Avx512Assembler s, int first, int second, int x0, int x1, int x2, int x3) {
        s.plus(first, x0, x1);
        s.plus(first, first, x2);
        s.minus(second, x1, x2);
        s.minus(second, second, x3);
    }

    /**
     * M̄ = A ȳ Aᵀ, the adjoint of {@link #rows}. Places 0 and 1 are two rows of the cotangents at the first tile's column; masks 0 and 1 say
     * which of the floats 0 … and 16 … after them there are, mask 4 which tiles.
     */
    private static byte[] cotangents() {
        return cotangents(2, s -> {
            for (int i = 0; i < 2; i++) {
                s.loadMasked(20, PLACES[i], 0, mask(0));
                s.loadMasked(21, PLACES[i], 64, mask(1));
                divide(s, 2 * i, 2 * i + 1, 20, 21);
            }
        });
    }

    /**
     * M̄ = A ȳ Aᵀ of sixteen tiles that are a plane of 8 × 8 cotangents or four of 4 × 4. Places are four vectors of cotangents, mask 4 says which
     * tiles there are.
     */
    private static byte[] planesOfCotangents() {
        return cotangents(4, s -> phases(s, 0, 1, 2, 3));
    }

    /**
     * M̄ = A ȳ Aᵀ of two rows of eight tiles, one below the other. Places are their four rows of cotangents, mask 0 says which columns there are, mask 4
     * which tiles.
     */
    private static byte[] pairsOfCotangents() {
        return cotangents(4, s -> {
            for (int i = 0; i < 2; i++) {
                s.loadMasked(20, PLACES[i], 0, mask(0));
                s.loadMasked(21, PLACES[2 + i], 0, mask(0));
                divide(s, 2 * i, 2 * i + 1, 20, 21);
            }
        });
    }

    /** The code for so many places, which {@code load} reads: the rows of ȳ to 0, 1 and 2, 3, by the four tables. */
    private static byte[] cotangents(int places, Consumer<Avx512Assembler> load) {
        Avx512Assembler s = begin();
        s.load(UPPER_TABLE, RBX, UPPER_ROWS, false);
        s.load(LOWER_TABLE, RBX, LOWER_ROWS, false);
        s.load(FIRST_TABLE, RBX, EVEN, false);
        s.load(SECOND_TABLE, RBX, ODD, false);
        s.zero(SAME);
        loadCounts(s, places, 5);
        s.align(64);
        int loop = s.position();
        load.accept(s);
        storeSpread(s);
        repeat(s, places, loop);
        return s.code();
    }

    /** Stores A ȳ Aᵀ for the rows 0, 1 and 2, 3 of ȳ. */
    private static void storeSpread(Avx512Assembler s) {
        int[] columns = new int[8]; // A ȳ: four rows of two
        for (int j = 0; j < 2; j++) {
            spread(s, columns, j, 2, j, 2 + j, 4 + 3 * j);
        }
        int[] m = new int[16];
        for (int a = 0; a < 4; a++) {
            spread(s, m, 4 * a, 1, columns[2 * a], columns[2 * a + 1], 10 + 3 * a);
        }
        storeAll(s, m);
    }

    /** A x: x0, x0 + x1, x0 − x1, −x1. */
    private static void spread(Avx512Assembler s, int[] to, int at, int step, int x0, int x1, int free) {
        s.plus(free, x0, x1);
        s.minus(free + 1, x0, x1);
        s.minus(free + 2, SAME, x1);
        to[at] = x0;
        to[at + step] = free;
        to[at + 2 * step] = free + 1;
        to[at + 3 * step] = free + 2;
    }
}
