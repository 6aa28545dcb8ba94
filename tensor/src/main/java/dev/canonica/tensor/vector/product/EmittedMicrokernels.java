package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;

import dev.canonica.tensor.vector.code.Assembler;
import dev.canonica.tensor.vector.code.Avx2Assembler;
import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.EmittedCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * {@link Microkernel}s as machine code for AVX-512 or for AVX2 with FMA, written into executable memory when first asked for: the same loop
 * as that of {@link GeneratedMicrokernels}, at full speed from its first call, where vector code in Java is
 * interpreted, some hundred times slower, until the compiler has noticed it.
 */
public final class EmittedMicrokernels {
    private static final int UNROLL = 4;

    /** Values of p for which a row of what is needed next is fetched: so many tiles fetch as many rows as they read of B. */
    static final int FETCHING = 2;

    private static final int LINE_BYTES = 64; // of the caches

    /** From this many p on, C is fetched while a tile is computed, see {@link #loop}: for a shorter loop it would take too long. */
    private static final int PREFETCH = 128;

    /** What becomes of a tile before it is stored. */
    public enum End {
        /** Nothing. */
        PLAIN,
        /** max(C, 0). */
        RECTIFIED,
        /** max(C + R, 0) for an R of C's shape; the distance from C to R stands in the place of that of B's tiles. */
        ADDED_AND_RECTIFIED
    }

    private static final AtomicLongArray ENTRIES = new AtomicLongArray(EmittedTile.NUMBERS);

    /** AVX2's masks: that of n lanes begins 8 − n lanes from here. */
    private static final MemorySegment MASKS =
            Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0);

    // registers of the first six arguments; k lies on the stack once the tiles begin
    private static final int K = Assembler.RDI;
    private static final int A = Assembler.RSI;
    private static final int STEP_A = Assembler.RDX;
    private static final int B = Assembler.RCX;
    private static final int STEP_B = Assembler.R8;
    private static final int C = Assembler.R9;

    // registers within a tile: the distance of C's rows, one of them, what is left of k, the place in B and in A
    private static final int STEP_C = Assembler.R10;
    private static final int ROW_C = Assembler.R11;
    private static final int AHEAD = ROW_C; // what is fetched, while no row of C is asked for
    private static final int OWN_ROW = K; // rows of C that are fetched: of this tile and of the next
    private static final int NEXT_ROW = Assembler.R15;
    private static final int LEFT = Assembler.RAX;
    private static final int PLACE_B = Assembler.RBX;
    private static final int PLACE_A = Assembler.RBP;

    // for rows of A as they lie: rows 5 and 10 of the tile in A, and three times the distance of rows
    private static final int PLACE_A_5 = Assembler.R12;
    private static final int PLACE_A_10 = Assembler.R13;
    private static final int STEP_A_3 = Assembler.R14;

    private EmittedMicrokernels() {}

    /**
     * A kernel for tiles of this machine's vectors: of 1 to 14 rows and 1 to 32 columns or 1 to 9 and up to 48, or 1 to 6 and 1 to 16.
     *
     * @param rowsOfA whether A is read in rows as they lie, see {@link Microkernels#ofRows}
     */
    static Microkernel of(int rows, int columns, boolean rowsOfA) {
        return of(rows, columns, rowsOfA, false, End.PLAIN);
    }

    /** A kernel that ends so; for AVX-512 alone. */
    static Microkernel ending(int rows, int columns, boolean rowsOfA, End end) {
        return of(rows, columns, rowsOfA, false, end);
    }

    /** A kernel that reads A in rows as they lie; its elements of A and B are pairs of bfloat16 numbers, if {@link Emission#bf16}. */
    static Microkernel ofPairs(int rows, int columns) {
        return of(rows, columns, true, true, End.PLAIN);
    }

    private static Microkernel of(int rows, int columns, boolean rowsOfA, boolean pairs, End end) {
        int rest = columns % L;
        EmittedTile tile = EmittedTile.of(L, rows, columns, rowsOfA, pairs, end);
        int slot = tile.number();
        if (ENTRIES.get(slot) == 0) { // if two threads come here, either's code serves
            ENTRIES.set(slot, EmittedCode.install(tile.name(), code(tile)));
        }
        return new Emitted(ENTRIES.get(slot), L == 16 ? (1L << rest) - 1 : MASKS.address() + 4L * (8 - rest));
    }

    /**
     * The code. Arguments by the System V convention: k, a, stepA, b, stepB, c in registers; stepC, what rows begin with, see {@link Microkernel#sweep}, the mask of the last vector's lanes, the number of tiles, the distances to the next tile in A,
     * B and C, and what is fetched and the distance of its rows on the stack. For AVX-512 the tile is in zmm0 … zmm27, a row of B ends with zmm29, broadcasts of A alternate between
     * zmm30 and zmm31, and the mask is bits. For AVX2 they are in ymm0 … ymm11, ymm12 and ymm13, ymm14, and the mask is the address of a vector.
     */
    private static byte[] code(EmittedTile tile) {
        int rows = tile.rows();
        int vectors = tile.vectors();
        boolean rowsOfA = tile.rowsOfA();
        End end = tile.end();
        int[] saved = rowsOfA
                ? new int[] {PLACE_B, PLACE_A, NEXT_ROW, PLACE_A_5, PLACE_A_10, STEP_A_3}
                : new int[] {PLACE_B, PLACE_A, NEXT_ROW};
        int arguments = 8 * (saved.length + 1); // beyond what is pushed and the return address
        Assembler s = tile.lanes() == 16 ? new Avx512Assembler() : new Avx2Assembler();
        for (int register : saved) {
            s.push(register);
        }
        s.loadArgument(STEP_C, arguments);
        s.storeArgument(K, arguments);
        if (tile.masked()) {
            s.loadArgument(Assembler.RAX, arguments + 16);
            s.maskFromRax();
        }
        if (rowsOfA) {
            s.move(STEP_A_3, STEP_A);
            s.add(STEP_A_3, STEP_A);
            s.add(STEP_A_3, STEP_A);
        }

        int next = s.position();
        s.move(ROW_C, C);
        s.loadArgument(Assembler.RAX, arguments + 8);
        s.test(Assembler.RAX);
        int fresh = s.jumpForwards(Assembler.ZERO);
        s.addConstant(Assembler.RAX, (int) -Microkernel.OWN);
        int sameRow = s.jumpForwards(Assembler.NOT_ZERO);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                tile.load(s, i * vectors + j, ROW_C, j, 0);
            }
            s.add(ROW_C, STEP_C);
        }
        int begin = s.jumpForwards();
        s.land(sameRow);
        for (int i = 0; i < rows * vectors; i++) {
            int j = i % vectors;
            tile.load(s, i, Assembler.RAX, j, (int) Microkernel.OWN);
        }
        int beginWithRow = s.jumpForwards();
        s.land(fresh);
        for (int i = 0; i < rows * vectors; i++) {
            s.zero(i);
        }
        s.land(begin);
        s.land(beginWithRow);

        s.move(PLACE_B, B);
        s.move(PLACE_A, A);
        if (rowsOfA) {
            fiveRowsOn(s, PLACE_A_5, PLACE_A);
            fiveRowsOn(s, PLACE_A_10, PLACE_A_5);
        }
        int last = UNROLL * rows; // of the p, during which C is fetched
        s.loadArgument(LEFT, arguments);
        s.addConstant(LEFT, -PREFETCH);
        int near = s.jumpForwards(Assembler.LESS);
        s.addConstant(LEFT, PREFETCH - last - UNROLL);
        int far = s.jumpForwards();
        s.land(near);
        s.addConstant(LEFT, PREFETCH - UNROLL);
        int few = s.jumpForwards(Assembler.LESS);
        s.land(far);
        s.loadArgument(AHEAD, arguments + 56);
        loop(s, tile, arguments, false);
        s.loadArgument(NEXT_ROW, arguments);
        s.addConstant(NEXT_ROW, -PREFETCH);
        int fetched = s.jumpForwards(Assembler.LESS);
        s.addConstant(LEFT, last);
        s.move(OWN_ROW, C);
        s.move(NEXT_ROW, C);
        s.addArgument(NEXT_ROW, arguments + 48);
        loop(s, tile, arguments, true);
        s.land(fetched);
        s.storeArgument(AHEAD, arguments + 56);
        s.land(few);
        s.addConstant(LEFT, UNROLL);
        int none = s.jumpForwards(Assembler.ZERO);
        int rest = s.position();
        steps(s, 1, tile);
        s.addConstant(LEFT, -1);
        s.jump(Assembler.NOT_ZERO, rest);
        s.land(none);

        if (end != End.PLAIN && s instanceof Avx512Assembler wide) {
            rectify(wide, tile, arguments);
        }
        s.move(ROW_C, C);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < vectors; j++) {
                tile.store(s, i * vectors + j, ROW_C, j);
            }
            s.add(ROW_C, STEP_C);
        }
        s.addArgument(A, arguments + 32);
        if (end != End.ADDED_AND_RECTIFIED) {
            s.addArgument(B, arguments + 40);
        }
        s.addArgument(C, arguments + 48);
        s.addToArgument(arguments + 24, -1);
        s.jump(Assembler.NOT_ZERO, next);
        for (int i = saved.length - 1; i >= 0; i--) {
            s.pop(saved[i]);
        }
        s.leave();
        return s.code();
    }

    /**
     * Turns of {@link #UNROLL} p, until fewer are left.
     *
     * @param fetchingRows whether a row of C of this tile and of the next are fetched in each: those of the next are on their way when it begins, those of this one are in
     *     the first-level cache again, which A and B have passed through, when it is stored. One after the other, for many at once would keep A and B from coming.
     */
    private static void loop(Assembler s, EmittedTile tile, int arguments, boolean fetchingRows) {
        s.align(64);
        int loop = s.position();
        for (int p = 0; p < UNROLL; p += FETCHING) {
            for (int line = 0; line < Microkernels.VECTORS * s.vectorBytes(); line += LINE_BYTES) {
                s.prefetch(AHEAD, line);
            }
            s.addArgument(AHEAD, arguments + 64);
            steps(s, FETCHING, tile);
            if (fetchingRows) {
                int row = p < UNROLL - FETCHING ? OWN_ROW : NEXT_ROW;
                for (int j = 0; j < tile.vectors(); j++) {
                    s.prefetchForWriting(row, s.vectorBytes() * j);
                }
                s.add(row, STEP_C);
            }
        }
        s.addConstant(LEFT, -UNROLL);
        s.jump(Assembler.NOT_LESS, loop);
    }

    /** The tile's elements, with what is added to them, where they are positive or NaN, else 0. */
    private static void rectify(Avx512Assembler s, EmittedTile tile, int arguments) {
        int vectors = tile.vectors();
        int added = tile.rowOfB();
        int zero = tile.splats();
        boolean adds = tile.end() == End.ADDED_AND_RECTIFIED;
        s.zero(zero);
        s.move(PLACE_B, C);
        if (adds) {
            s.addArgument(PLACE_B, arguments + 40);
        }
        for (int i = 0; i < tile.rows(); i++) {
            for (int j = 0; j < vectors; j++) {
                int element = i * vectors + j;
                if (adds) {
                    tile.load(s, added + j, PLACE_B, j, 0);
                    s.plus(element, element, added + j);
                }
                s.keepPositive(element, zero);
            }
            s.add(PLACE_B, STEP_C);
        }
    }

    private static void fiveRowsOn(Assembler s, int to, int from) {
        s.move(to, from);
        s.add(to, STEP_A_3);
        s.add(to, STEP_A);
        s.add(to, STEP_A);
    }

    /** Some p: for each, a row of B, and for each row of the tile a broadcast of A. */
    private static void steps(Assembler s, int count, EmittedTile tile) {
        int vectors = tile.vectors();
        boolean rowsOfA = tile.rowsOfA();
        int rowOfB = tile.rowOfB();
        int splats = tile.splats();
        boolean narrow = tile.half(0);
        int alternatives = s instanceof Avx512Assembler ? 2 : 1;
        for (int p = 0; p < count; p++) {
            for (int j = 0; j < vectors; j++) {
                tile.load(s, rowOfB + j, PLACE_B, j, 0);
            }
            s.add(PLACE_B, STEP_B);
            for (int i = 0; i < tile.rows(); i++) {
                int splat = splats + i % alternatives;
                EmittedTile.halves(s, narrow);
                if (rowsOfA) {
                    broadcastRow(s, splat, i, 4 * p);
                } else {
                    s.broadcast(splat, PLACE_A, 4 * i);
                }
                for (int j = 0; j < vectors; j++) {
                    EmittedTile.halves(s, tile.half(j));
                    if (tile.pairs() && s instanceof Avx512Assembler wide) {
                        wide.multiplyAddPairs(i * vectors + j, splat, rowOfB + j);
                    } else {
                        s.multiplyAdd(i * vectors + j, splat, rowOfB + j);
                    }
                }
                EmittedTile.halves(s, false);
            }
            if (!rowsOfA) {
                s.add(PLACE_A, STEP_A);
            }
        }
        if (rowsOfA) {
            for (int place : new int[] {PLACE_A, PLACE_A_5, PLACE_A_10}) {
                s.addConstant(place, 4 * count);
            }
        }
    }

    /** Broadcasts from row i of the tile in A: row 0, 5 or 10 and up to four times the distance of rows. */
    private static void broadcastRow(Assembler s, int splat, int i, int displacement) {
        int base = i < 5 ? PLACE_A : i < 10 ? PLACE_A_5 : PLACE_A_10;
        switch (i % 5) {
            case 0 -> s.broadcast(splat, base, displacement);
            case 1 -> s.broadcast(splat, base, STEP_A, 0, displacement);
            case 2 -> s.broadcast(splat, base, STEP_A, 1, displacement);
            case 3 -> s.broadcast(splat, base, STEP_A_3, 0, displacement);
            default -> s.broadcast(splat, base, STEP_A, 2, displacement);
        }
    }

    /** A kernel in executable memory. */
    private static final class Emitted extends Microkernel {
        private final long entry;
        private final long mask;

        Emitted(long entry, long mask) {
            this.entry = entry;
            this.mask = mask;
        }

        @Override
        void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, boolean accumulate) {
            EmittedCode.call(entry, k, a, stepA, b, stepB, c, stepC, accumulate ? OWN : ZERO, mask, 1, 0, 0, 0, b, 0);
        }

        @Override
        void sweep(long begin, int tiles, int k, Tiles a, Tiles b, Tiles c, Ahead ahead) {
            EmittedCode.call(
                    entry,
                    k,
                    a.first(),
                    a.step(),
                    b.first(),
                    b.step(),
                    c.first(),
                    c.step(),
                    begin,
                    mask,
                    tiles,
                    a.next(),
                    b.next(),
                    c.next(),
                    ahead.address(),
                    ahead.step());
        }
    }
}
