package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Assembler.NOT_ZERO;
import static dev.canonica.tensor.vector.Assembler.R10;
import static dev.canonica.tensor.vector.Assembler.R11;
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
import java.util.stream.IntStream;

/**
 * The linear maps of {@link Winograd} as machine code for AVX-512. All are of the form M X Mᵀ with a small matrix M, and X a square of
 * vectors: sixteen tiles, or filters, are transformed at once. An image's columns 2 t, 2 t + 1, … for neighbouring tiles t are taken from its
 * rows by two permutations.
 *
 * <p>A function has one argument, the address of a {@link Call}, so that it can be told of many places. It repeats its work for many
 * channels.
 */
final class WinogradCode {
    private static final MemorySegment TABLES = tables();
    private static final int ODD = 64;
    private static final int LOW = 128;
    private static final int HIGH = 192;
    private static final int HALF = 256;

    private static final int[] PLACES = {RAX, RCX, RDX, RSI};
    private static final int TARGET = R8;
    private static final int STEP = R9;
    private static final int NEXT = R10; // to the next of the sixteen matrices
    private static final int LEFT = R11;

    static final long IMAGES = EmittedCode.install("winograd images", images());
    static final long OUTPUTS = EmittedCode.install("winograd outputs", outputs());
    static final long FILTERS = EmittedCode.install("winograd filters", filters());
    static final long COTANGENTS = EmittedCode.install("winograd cotangents", cotangents());
    static final long GRADIENTS = EmittedCode.install("winograd gradients", gradients());

    private WinogradCode() {}

    private static MemorySegment tables() {
        MemorySegment t = Arena.global().allocate(HALF + 4, 64);
        fill(t, 0, IntStream.range(0, 16).map(i -> 2 * i));
        fill(t, ODD, IntStream.range(0, 16).map(i -> 2 * i + 1));
        fill(t, LOW, IntStream.range(0, 16).map(i -> i / 2 + 16 * (i % 2)));
        fill(t, HIGH, IntStream.range(0, 16).map(i -> 8 + i / 2 + 16 * (i % 2)));
        t.set(ValueLayout.JAVA_FLOAT, HALF, 0.5f);
        return t;
    }

    private static void fill(MemorySegment t, int at, IntStream values) {
        MemorySegment.copy(MemorySegment.ofArray(values.toArray()), 0, t, at, 64);
    }

    /** What a function is told, in native memory of the thread. */
    static final class Call {
        private static final ThreadLocal<Call> OWN = ThreadLocal.withInitial(Call::new);

        private static final int MASKS = 96;
        private static final int TABLE = 112;
        private static final int ZEROS = 128;
        private static final int SINK = 384;

        private final MemorySegment memory = Arena.ofAuto().allocate(SINK + 256, 64);
        private final long address = memory.address();

        private Call() {
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + TABLE, TABLES.address());
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

        /** Place i, 0 to 3, and the bytes from there to the next channel's. */
        Call place(int i, long place, long step) {
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 8 * i, place);
            NativeMemory.ALL.set(ValueLayout.JAVA_LONG, address + 32 + 8 * i, step);
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
        for (int i = 0; i < places; i++) {
            s.addWord(PLACES[i], RDI, 32 + 8 * i);
        }
        s.add(TARGET, STEP);
        s.addConstant(LEFT, -1);
        s.jump(NOT_ZERO, loop);
        s.pop(RBX);
        s.leave();
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
        s.copy(even, 30);
        s.choose(even, x, y);
        s.copy(odd, 31);
        s.choose(odd, x, y);
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
        int[] free = {16, 17};
        for (int b = 0; b < 4; b++) {
            differences(s, d, b, 4, free);
        }
        for (int a = 0; a < 4; a++) {
            differences(s, d, 4 * a, 1, free);
        }
        storeAll(s, d);
        repeat(s, 4, loop);
        return s.code();
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
        loadAll(s);
        s.broadcast(29, PLACES[2], 0);
        for (int j = 0; j < 4; j++) { // rows to 16 + j and 20 + j
            sums(s, 16 + j, 20 + j, j, 4 + j, 8 + j, 12 + j);
        }
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
        int[] columns = new int[8]; // A ȳ: four rows of two
        for (int j = 0; j < 2; j++) {
            spread(s, columns, j, 2, j, 2 + j, 4 + 3 * j);
        }
        int[] m = new int[16];
        for (int a = 0; a < 4; a++) {
            spread(s, m, 4 * a, 1, columns[2 * a], columns[2 * a + 1], 10 + 3 * a);
        }
        storeAll(s, m);
        repeat(s, 2, loop);
        return s.code();
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
