package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Assembler.NOT_ZERO;
import static dev.canonica.tensor.vector.Assembler.R10;
import static dev.canonica.tensor.vector.Assembler.R11;
import static dev.canonica.tensor.vector.Assembler.R12;
import static dev.canonica.tensor.vector.Assembler.R13;
import static dev.canonica.tensor.vector.Assembler.R8;
import static dev.canonica.tensor.vector.Assembler.R9;
import static dev.canonica.tensor.vector.Assembler.RAX;
import static dev.canonica.tensor.vector.Assembler.RBX;
import static dev.canonica.tensor.vector.Assembler.RCX;
import static dev.canonica.tensor.vector.Assembler.RDI;
import static dev.canonica.tensor.vector.Assembler.RDX;
import static dev.canonica.tensor.vector.Assembler.RSI;

import dev.canonica.tensor.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The linear maps of {@link Winograd} as machine code for AVX-512. All are of the form M X Mᵀ with a small matrix M, and X a square of
 * vectors: sixteen tiles, or filters, are transformed at once. An image's columns 2 t, 2 t + 1, … for neighbouring tiles t are taken from its
 * rows by two permutations. Planes of 8 × 8 and 4 × 4 pixels, whose rows are too short for that, are taken whole, and rows of eight tiles two at a time.
 *
 * <p>A function has one argument, the address of a {@link Call}, so that it can be told of many places. It repeats its work for many
 * channels.
 */
final class WinogradCode {
    // tables of lanes, by their distance in bytes
    private static final int ODD = 64;
    private static final int LOW = 128;
    private static final int HIGH = 192;
    private static final int HALF = 256;
    private static final int UPPER_ROWS = 320; // of planes: of a tile's two rows
    private static final int LOWER_ROWS = 384;
    private static final int FROM_LEFT = 448; // of planes: from a neighbouring tile
    private static final int FROM_RIGHT = 512;
    private static final int FROM_ABOVE = 576;
    private static final int FROM_BELOW = 640;
    private static final int FIRST_ROWS = 704; // of planes: what undoes UPPER_ROWS and LOWER_ROWS
    private static final int LAST_ROWS = 768;
    private static final int TABLE_BYTES = 832;

    /** For planes of 8 × 8, then for those of 4 × 4. */
    private static final MemorySegment TABLES = tables();

    private static final int[] PLACES = {RAX, RCX, RDX, RSI};
    private static final int TARGET = R8;
    private static final int STEP = R9;
    private static final int NEXT = R10; // to the next of the sixteen matrices
    private static final int LEFT = R11;

    static final long IMAGES = EmittedCode.install("winograd images", images());
    static final long PAIRS = EmittedCode.install("winograd pairs", pairs());
    static final long PAIRS_OF_OUTPUTS = EmittedCode.install("winograd pairs of outputs", pairsOfOutputs());
    static final long PAIRS_OF_COTANGENTS = EmittedCode.install("winograd pairs of cotangents", pairsOfCotangents());
    static final long PLANES = EmittedCode.install("winograd planes", planes());
    static final long OUTPUTS = EmittedCode.install("winograd outputs", outputs());
    static final long PLANES_OF_OUTPUTS = EmittedCode.install("winograd planes of outputs", planesOfOutputs());
    static final long FILTERS = EmittedCode.install("winograd filters", filters());
    static final long COTANGENTS = EmittedCode.install("winograd cotangents", cotangents());
    static final long PLANES_OF_COTANGENTS = EmittedCode.install("winograd planes of cotangents", planesOfCotangents());
    static final long GRADIENTS = EmittedCode.install("winograd gradients", gradients());

    private WinogradCode() {}

    private static MemorySegment tables() {
        MemorySegment t = Arena.global().allocate(2 * TABLE_BYTES, 64);
        fillTables(t.asSlice(0, TABLE_BYTES), 4);
        fillTables(t.asSlice(TABLE_BYTES), 2);
        return t;
    }

    /** Tables for planes with so many tiles in a row. */
    private static void fillTables(MemorySegment t, int across) {
        fill(t, 0, IntStream.range(0, 16).map(i -> 2 * i));
        fill(t, ODD, IntStream.range(0, 16).map(i -> 2 * i + 1));
        fill(t, LOW, IntStream.range(0, 16).map(i -> i / 2 + 16 * (i % 2)));
        fill(t, HIGH, IntStream.range(0, 16).map(i -> 8 + i / 2 + 16 * (i % 2)));
        t.set(ValueLayout.JAVA_FLOAT, HALF, 0.5f);
        // Lanes are tiles. Every other column of the planes' rows, one row after the other, is 2 · 16 elements, of
        // which a row of tiles takes two rows.
        fill(t, UPPER_ROWS, IntStream.range(0, 16).map(i -> i + i / across * across));
        fill(t, LOWER_ROWS, IntStream.range(0, 16).map(i -> i + i / across * across + across));
        fill(t, FROM_LEFT, IntStream.range(0, 16).map(i -> i % across == 0 ? 16 : i - 1)); // 16 is 0
        fill(t, FROM_RIGHT, IntStream.range(0, 16).map(i -> i % across == across - 1 ? 16 : i + 1));
        fill(t, FROM_ABOVE, IntStream.range(0, 16).map(i -> i / across % across == 0 ? 16 : i - across));
        fill(t, FROM_BELOW, IntStream.range(0, 16).map(i -> i / across % across == across - 1 ? 16 : i + across));
        IntStream undone =
                IntStream.range(0, 32).map(e -> e / (2 * across) * across + e % across + e / across % 2 * 16);
        int[] rows = undone.toArray();
        fill(t, FIRST_ROWS, Arrays.stream(rows, 0, 16));
        fill(t, LAST_ROWS, Arrays.stream(rows, 16, 32));
    }

    private static void fill(MemorySegment t, int at, IntStream values) {
        MemorySegment.copy(MemorySegment.ofArray(values.toArray()), 0, t, at, 64);
    }

    /** What a function is told, in native memory of the thread. */
    static final class Call {
        private static final ThreadLocal<Call> OWN = ThreadLocal.withInitial(Call::new);

        private static final int MASKS = 96;
        private static final int TABLE = 112;
        private static final int MORE = 128;
        private static final int ZEROS = 192;
        private static final int SINK = 448;

        private final MemorySegment memory = Arena.ofAuto().allocate(SINK + 256, 64);
        private final long address = memory.address();

        private Call() {
            across(4);
        }

        static Call own() {
            return OWN.get();
        }

        /** The address of 256 bytes of zeros. */
        long zeros() {
            return address + ZEROS;
        }

        /** The address of 256 bytes that nobody reads. */
        long sink() {
            return address + SINK;
        }

        /** Place i, 0 to 5, and the bytes from there to the next channel's. */
        Call place(int i, long place, long step) {
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + (i < 4 ? 8 * i : MORE + 16 * (i - 4)), place);
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + (i < 4 ? 32 + 8 * i : MORE + 16 * (i - 4) + 8), step);
            return this;
        }

        /** How many tiles are in a row of a plane, where planes are taken whole: 4 or 2. */
        Call across(int tiles) {
            NativeMemory.ALL.set(
                    ValueLayout.JAVA_LONG, address + TABLE, TABLES.address() + (tiles == 4 ? 0 : TABLE_BYTES));
            return this;
        }

        /** The first of the sixteen matrices, the bytes to the next channel and to the next matrix. */
        Call matrices(long matrices, long step, long next) {
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 64, matrices);
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 72, step);
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 80, next);
            return this;
        }

        /** Mask i, 0 to 4, of lanes [from, to), which may lie outside a vector. */
        Call mask(int i, int from, int to) {
            int f = Math.clamp(from, 0, 16);
            int t = Math.clamp(to, f, 16);
            short bits = (short) ((1 << t) - (1 << f));
            NativeMemory.ALL.set(ValueLayout.JAVA_SHORT, address + MASKS + 2 * i, bits);
            return this;
        }

        /** Does the work for so many channels. */
        void run(long entry, int channels) {
            if (channels > 0) {
                NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 88, (long) channels);
                EmittedCode.call(entry, address, 0, 0, 0);
            }
        }
    }

    private static Avx512Assembler begin() {
        Avx512Assembler s = new Avx512Assembler();
        s.push(RBX);
        s.loadWord(RBX, RDI, Call.TABLE);
        return s;
    }

    private static void loadCounts(Avx512Assembler s, int places, int masks) {
        for (int i = 0; i < places; i++) {
            s.loadWord(PLACES[i], RDI, 8 * i);
        }
        s.loadWord(TARGET, RDI, 64);
        s.loadWord(STEP, RDI, 72);
        s.loadWord(NEXT, RDI, 80);
        s.loadWord(LEFT, RDI, 88);
        for (int i = 0; i < masks; i++) {
            s.loadMask(i + 1, RDI, Call.MASKS + 2 * i);
        }
    }

    private static void repeat(Avx512Assembler s, int places, int loop) {
        turn(s, places, loop);
        s.pop(RBX);
        s.leave();
    }

    private static void turn(Avx512Assembler s, int places, int loop) {
        for (int i = 0; i < places; i++) {
            s.addWord(PLACES[i], RDI, 32 + 8 * i);
        }
        s.add(TARGET, STEP);
        s.addConstant(LEFT, -1);
        s.jump(NOT_ZERO, loop);
    }

    /** Sixteen matrices ← vectors, in the lanes of mask 4, which is in k5. */
    private static void storeAll(Avx512Assembler s, int[] vectors) {
        s.move(RBX, TARGET);
        for (int vector : vectors) {
            s.storeMasked(vector, RBX, 0, 5);
            s.add(RBX, NEXT);
        }
    }

    private static void loadAll(Avx512Assembler s) {
        s.move(RBX, TARGET);
        for (int i = 0; i < 16; i++) {
            s.load(i, RBX, 0, false);
            s.add(RBX, NEXT);
        }
    }

    /** The evens of x and y to one register, their odds to the other. */
    private static void divide(Avx512Assembler s, int even, int odd, int x, int y) {
        divide(s, even, odd, x, y, 30, 31);
    }

    /** What two tables choose from x and y. */
    private static void divide(Avx512Assembler s, int first, int second, int x, int y, int table, int secondTable) {
        s.copy(first, table);
        s.choose(first, x, y);
        s.copy(second, secondTable);
        s.choose(second, x, y);
    }

    /**
     * V = Bᵀ d B. Places are the four rows of the image from which neighbouring tiles are cut, at the first one's first column; masks 0 to 3 say
     * which of the floats 0 …, 16 …, 2 … and 18 … after it are in the image, mask 4 which tiles there are.
     */
    private static byte[] images() {
        Avx512Assembler s = begin();
        s.load(30, RBX, 0, false);
        s.load(31, RBX, ODD, false);
        loadCounts(s, 4, 5);
        s.align(64);
        int loop = s.position();
        int[] d = IntStream.range(0, 16).toArray();
        for (int a = 0; a < 4; a++) {
            s.loadMasked(20, PLACES[a], 0, 1);
            s.loadMasked(21, PLACES[a], 64, 2);
            s.loadMasked(22, PLACES[a], 8, 3);
            s.loadMasked(23, PLACES[a], 72, 4);
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
     * {@link #images}.
     */
    private static byte[] pairs() {
        Avx512Assembler s = begin();
        s.push(R12);
        s.push(R13);
        s.load(30, RBX, 0, false);
        s.load(31, RBX, ODD, false);
        loadCounts(s, 4, 5);
        s.loadWord(R12, RDI, Call.MORE);
        s.loadWord(R13, RDI, Call.MORE + 16);
        s.align(64);
        int loop = s.position();
        int[] rows = {PLACES[0], PLACES[1], PLACES[2], PLACES[3], R12, R13};
        for (int i = 0; i < rows.length; i++) {
            s.loadMasked(16 + 2 * i, rows[i], 0, 1);
            s.loadMasked(17 + 2 * i, rows[i], 8, 3);
        }
        int[] d = IntStream.range(0, 16).toArray();
        for (int a = 0; a < 4; a++) {
            divide(s, 4 * a, 4 * a + 1, 16 + 2 * a, 20 + 2 * a);
            divide(s, 4 * a + 2, 4 * a + 3, 17 + 2 * a, 21 + 2 * a);
        }
        transformImages(s, d);
        storeAll(s, d);
        s.addWord(R12, RDI, Call.MORE + 8);
        s.addWord(R13, RDI, Call.MORE + 24);
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
        int[] tables = {23, 24, 25, 26, 27, 28, 30, 31};
        int[] at = {FROM_LEFT, FROM_RIGHT, FROM_ABOVE, FROM_BELOW, UPPER_ROWS, LOWER_ROWS, 0, ODD};
        for (int i = 0; i < tables.length; i++) {
            s.load(tables[i], RBX, at[i], false);
        }
        s.zero(29);
        loadCounts(s, 4, 5);
        s.align(64);
        int loop = s.position();
        int[] d = IntStream.range(0, 16).toArray();
        phases(s, 5, 6, 9, 10, 27, 28);
        for (int a = 1; a < 3; a++) {
            fromNeighbour(s, 4 * a, 23, 4 * a + 2);
            fromNeighbour(s, 4 * a + 3, 24, 4 * a + 1);
        }
        for (int b = 0; b < 4; b++) {
            fromNeighbour(s, b, 25, 8 + b);
            fromNeighbour(s, 12 + b, 26, 4 + b);
        }
        transformImages(s, d);
        storeAll(s, d);
        repeat(s, 4, loop);
        return s.code();
    }

    /** By a table, what a neighbouring tile has in x; 0 where there is none. */
    private static void fromNeighbour(Avx512Assembler s, int to, int table, int x) {
        s.copy(to, table);
        s.choose(to, x, 29);
    }

    /** Of the four vectors at the places, by row and column in a tile, what all tiles have there; 16 to 22 are lost. */
    private static void phases(Avx512Assembler s, int p00, int p01, int p10, int p11, int upper, int lower) {
        for (int i = 0; i < 4; i++) {
            s.load(16 + i, PLACES[i], 0, false);
        }
        divide(s, 20, 21, 16, 17);
        divide(s, 22, 16, 18, 19);
        divide(s, p00, p10, 20, 22, upper, lower);
        divide(s, p01, p11, 21, 16, upper, lower);
    }

    private static void transformImages(Avx512Assembler s, int[] d) {
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

    /**
     * Y = Aᵀ M A + bias. Places 0 and 1 are the two rows of the outputs at the first tile's column, place 2 the bias; masks 0 and 1 say which
     * of the floats 0 … and 16 … after them there are.
     */
    private static byte[] outputs() {
        Avx512Assembler s = begin();
        s.load(30, RBX, LOW, false);
        s.load(31, RBX, HIGH, false);
        loadCounts(s, 3, 2);
        s.align(64);
        int loop = s.position();
        s.broadcast(29, PLACES[2], 0);
        sumsOfColumns(s);
        for (int i = 0; i < 2; i++) {
            int row = 16 + 4 * i;
            sums(s, 0, 1, row, row + 1, row + 2, row + 3);
            s.plus(0, 0, 29);
            s.plus(1, 1, 29);
            divide(s, 2, 3, 0, 1); // by the tables that undo the division of columns
            s.storeMasked(2, PLACES[i], 0, 1);
            s.storeMasked(3, PLACES[i], 64, 2);
        }
        repeat(s, 3, loop);
        return s.code();
    }

    /**
     * Y = Aᵀ M A + bias of sixteen tiles that are a plane of 8 × 8 outputs or four of 4 × 4. Places 0 to 3 are four vectors of outputs, place 4 the bias.
     */
    private static byte[] planesOfOutputs() {
        Avx512Assembler s = begin();
        s.load(27, RBX, FIRST_ROWS, false);
        s.load(28, RBX, LAST_ROWS, false);
        return outputs(s, () -> {
            divide(s, 4, 5, 0, 2, 27, 28);
            divide(s, 6, 7, 1, 3, 27, 28);
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
    private static byte[] pairsOfOutputs() {
        Avx512Assembler s = begin();
        return outputs(s, () -> {
            for (int i = 0; i < 2; i++) {
                divide(s, 4, 5, 2 * i, 2 * i + 1);
                s.storeMasked(4, PLACES[i], 0, 1);
                s.storeMasked(5, PLACES[2 + i], 0, 1);
            }
        });
    }

    /** The code after {@link #begin} for four places; to be stored are rows of Y in two vectors each, from 0 on. */
    private static byte[] outputs(Avx512Assembler s, Runnable store) {
        s.push(R12);
        s.load(30, RBX, LOW, false);
        s.load(31, RBX, HIGH, false);
        loadCounts(s, 4, 1);
        s.loadWord(R12, RDI, Call.MORE);
        s.align(64);
        int loop = s.position();
        s.broadcast(29, R12, 0);
        sumsOfColumns(s);
        for (int i = 0; i < 2; i++) {
            int row = 16 + 4 * i;
            sums(s, 2 * i, 2 * i + 1, row, row + 1, row + 2, row + 3);
            s.plus(2 * i, 2 * i, 29);
            s.plus(2 * i + 1, 2 * i + 1, 29);
        }
        store.run();
        s.addWord(R12, RDI, Call.MORE + 8);
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
    private static void sums(Avx512Assembler s, int first, int second, int x0, int x1, int x2, int x3) {
        s.plus(first, x0, x1);
        s.plus(first, first, x2);
        s.minus(second, x1, x2);
        s.minus(second, second, x3);
    }

    /** U = G g Gᵀ. Place 0 is the first of the nine elements, which lie one after the other at the step of place 1. */
    private static byte[] filters() {
        Avx512Assembler s = begin();
        s.broadcast(31, RBX, HALF);
        loadCounts(s, 2, 0);
        s.loadWord(PLACES[2], RDI, 40);
        s.loadMask(5, RDI, Call.MASKS + 8);
        s.align(64);
        int loop = s.position();
        s.move(RBX, PLACES[0]);
        for (int e = 0; e < 9; e++) {
            s.load(e, RBX, 0, false);
            s.add(RBX, PLACES[2]);
        }
        int[] rows = new int[12]; // G g
        for (int q = 0; q < 3; q++) {
            halves(s, rows, q, 3, q, 3 + q, 6 + q, 9 + 2 * q, 10 + 2 * q);
        }
        int[] u = new int[16];
        int[] spare = {3, 4, 5, 15, 16, 17, 18, 19};
        for (int a = 0; a < 4; a++) {
            halves(s, u, 4 * a, 1, rows[3 * a], rows[3 * a + 1], rows[3 * a + 2], spare[2 * a], spare[2 * a + 1]);
        }
        storeAll(s, u);
        repeat(s, 1, loop);
        return s.code();
    }

    /** G x: x0, (x0 + x2)/2 + x1/2, (x0 + x2)/2 − x1/2, x2; x1 is lost. */
    private static void halves(
            Avx512Assembler s, int[] to, int at, int step, int x0, int x1, int x2, int sum, int difference) {
        s.plus(sum, x0, x2);
        s.times(sum, sum, 31);
        s.times(x1, x1, 31);
        s.minus(difference, sum, x1);
        s.plus(sum, sum, x1);
        to[at] = x0;
        to[at + step] = sum;
        to[at + 2 * step] = difference;
        to[at + 3 * step] = x2;
    }

    /**
     * M̄ = A ȳ Aᵀ, the adjoint of {@link #outputs}. Places 0 and 1 are two rows of the cotangents at the first tile's column; masks 0 and 1 say
     * which of the floats 0 … and 16 … after them there are, mask 4 which tiles.
     */
    private static byte[] cotangents() {
        Avx512Assembler s = begin();
        s.load(30, RBX, 0, false);
        s.load(31, RBX, ODD, false);
        loadCounts(s, 2, 5);
        s.align(64);
        int loop = s.position();
        for (int i = 0; i < 2; i++) {
            s.loadMasked(20, PLACES[i], 0, 1);
            s.loadMasked(21, PLACES[i], 64, 2);
            divide(s, 2 * i, 2 * i + 1, 20, 21);
        }
        s.zero(29);
        storeSpread(s);
        repeat(s, 2, loop);
        return s.code();
    }

    /**
     * M̄ = A ȳ Aᵀ of sixteen tiles that are a plane of 8 × 8 cotangents or four of 4 × 4. Places are four vectors of cotangents, mask 4 says which
     * tiles there are.
     */
    private static byte[] planesOfCotangents() {
        Avx512Assembler s = begin();
        s.load(27, RBX, UPPER_ROWS, false);
        s.load(28, RBX, LOWER_ROWS, false);
        s.load(30, RBX, 0, false);
        s.load(31, RBX, ODD, false);
        s.zero(29);
        loadCounts(s, 4, 5);
        s.align(64);
        int loop = s.position();
        phases(s, 0, 1, 2, 3, 27, 28);
        storeSpread(s);
        repeat(s, 4, loop);
        return s.code();
    }

    /**
     * M̄ = A ȳ Aᵀ of two rows of eight tiles, one below the other. Places are their four rows of cotangents, mask 0 says which columns there are, mask 4
     * which tiles.
     */
    private static byte[] pairsOfCotangents() {
        Avx512Assembler s = begin();
        s.load(30, RBX, 0, false);
        s.load(31, RBX, ODD, false);
        s.zero(29);
        loadCounts(s, 4, 5);
        s.align(64);
        int loop = s.position();
        for (int i = 0; i < 2; i++) {
            s.loadMasked(20, PLACES[i], 0, 1);
            s.loadMasked(21, PLACES[2 + i], 0, 1);
            divide(s, 2 * i, 2 * i + 1, 20, 21);
        }
        storeSpread(s);
        repeat(s, 4, loop);
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
        s.minus(free + 2, 29, x1);
        to[at] = x0;
        to[at + step] = free;
        to[at + 2 * step] = free + 1;
        to[at + 3 * step] = free + 2;
    }

    /** ḡ = Gᵀ Ū G, the adjoint of {@link #filters}: nine vectors to place 0, one after the other. Goes on to the next sixteen channels. */
    private static byte[] gradients() {
        Avx512Assembler s = begin();
        s.broadcast(31, RBX, HALF);
        loadCounts(s, 1, 0);
        int loop = s.position();
        loadAll(s);
        int[] rows = new int[12]; // Gᵀ Ū: three rows of four
        for (int j = 0; j < 4; j++) {
            gather(s, rows, j, 4, j, 4 + j, 8 + j, 12 + j, 16 + j);
        }
        for (int p = 0; p < 3; p++) {
            int[] g = new int[3];
            gather(s, g, 0, 1, rows[4 * p], rows[4 * p + 1], rows[4 * p + 2], rows[4 * p + 3], 20 + p);
            for (int q = 0; q < 3; q++) {
                s.store(g[q], PLACES[0], 64 * (3 * p + q), false);
            }
        }
        repeat(s, 1, loop);
        return s.code();
    }

    /** Gᵀ x: x0 + (x1 + x2)/2, (x1 − x2)/2, (x1 + x2)/2 + x3; all of x are lost. */
    private static void gather(
            Avx512Assembler s, int[] to, int at, int step, int x0, int x1, int x2, int x3, int free) {
        s.plus(free, x1, x2);
        s.times(free, free, 31);
        s.minus(x1, x1, x2);
        s.times(x1, x1, 31);
        s.plus(x0, x0, free);
        s.plus(x3, x3, free);
        to[at] = x0;
        to[at + step] = x1;
        to[at + 2 * step] = x3;
    }
}
