package dev.canonica.tensor.vector.product;

import dev.canonica.tensor.vector.code.Assembler;
import dev.canonica.tensor.vector.code.Avx512Assembler;
import dev.canonica.tensor.vector.product.EmittedMicrokernels.End;

/**
 * What an emitted {@link Microkernel} is made for, and its vectors.
 *
 * @param lanes 16 for AVX-512, 8 for AVX2
 * @param half whether the last vector of a row is the lower half of one: processors that compute 256 bits at a time load and multiply it in half the time; AVX-512 alone
 * @param masked whether the last vector has fewer lanes
 * @param rowsOfA whether A is read in rows as they lie
 * @param pairs whether elements of A and B are pairs of bfloat16 numbers; AVX-512 alone
 * @param end other than PLAIN on AVX-512 alone
 */
record EmittedTile(
        int lanes, int rows, int vectors, boolean half, boolean masked, boolean rowsOfA, boolean pairs, End end) {
    /** Vectors in a row of the widest tile, on AVX-512. */
    private static final int WIDEST = 3;

    private static final int TALLEST = 14;

    /** How many numbers there are. */
    static final int NUMBERS = TALLEST * WIDEST * 16 * End.values().length;

    /** A tile of so many columns. */
    static EmittedTile of(int lanes, int rows, int columns, boolean rowsOfA, boolean pairs, End end) {
        int rest = columns % lanes;
        boolean half = lanes == 16 && rest > 0 && rest <= lanes / 2;
        boolean masked = half ? rest < lanes / 2 : rest > 0;
        return new EmittedTile(lanes, rows, Math.ceilDiv(columns, lanes), half, masked, rowsOfA, pairs, end);
    }

    /** A number of its own, below {@link #NUMBERS}. */
    int number() {
        int last = (half ? 2 : 0) + (masked ? 1 : 0);
        int shape = (((rows - 1) * WIDEST + vectors - 1) * 4 + last) * 4 + (rowsOfA ? 2 : 0) + (pairs ? 1 : 0);
        return shape * End.values().length + end.ordinal();
    }

    /** By which a profiler knows its kernel. */
    String name() {
        return "product " + rows + "x" + vectors + (half ? " half" : "") + (masked ? " masked" : "")
                + (rowsOfA ? " rows" : "") + (pairs ? " bf16" : "") + (end == End.PLAIN ? "" : " " + end);
    }

    /** Rows of the tallest tile: with two vectors in each, 28 of 32 registers, or 12 of 16. */
    static int tallest(int lanes) {
        return lanes == 16 ? TALLEST : 6;
    }

    /** Rows of the tallest tile of so many columns: with three vectors in each, 27 of 32 registers. */
    static int tallest(int lanes, int columns) {
        return columns > Microkernels.VECTORS * lanes ? 9 : tallest(lanes);
    }

    /** Columns of the widest tile. */
    static int widest(int lanes) {
        return lanes * (lanes == 16 ? WIDEST : Microkernels.VECTORS);
    }

    /** The register of the first broadcast of A. */
    int splats() {
        return lanes == 16 ? 30 : 14;
    }

    /** The register of the first vector of a row of B. */
    int rowOfB() {
        return splats() - vectors;
    }

    /** Whether a vector is half of one. */
    boolean half(int vector) {
        return half && vector == vectors - 1;
    }

    private boolean masked(int vector) {
        return masked && vector == vectors - 1;
    }

    /** The register ← a vector of a row that begins at [base + displacement]. */
    void load(Assembler s, int register, int base, int vector, int displacement) {
        halves(s, half(vector));
        s.load(register, base, s.vectorBytes() * vector + displacement, masked(vector));
        halves(s, false);
    }

    /** A vector of a row that begins at [base] ← the register. */
    void store(Assembler s, int register, int base, int vector) {
        halves(s, half(vector));
        s.store(register, base, s.vectorBytes() * vector, masked(vector));
        halves(s, false);
    }

    /** Has what follows done on lower halves of registers, or on whole ones again. */
    static void halves(Assembler s, boolean lower) {
        if (s instanceof Avx512Assembler wide) {
            wide.onHalves(lower);
        }
    }
}
