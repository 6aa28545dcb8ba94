package dev.canonica.tensor.vector;

/**
 * Loops over a row of floats in emitted code: several vectors at a time, then one at a time, then the rest under the mask in k1. rax counts the bytes
 * from the row's beginning; operands are at [base + rax + 64 j].
 */
final class RowLoop {
    static final int OFFSET = Assembler.RAX;
    private static final int VECTOR_BYTES = 64;
    private static final int LANES = 16;

    private final Avx512Assembler s;
    private final int length;
    private final int left;

    /** What is done at each step. */
    @FunctionalInterface
    interface Body {
        /** Writes the work on so many vectors, of which a masked one is alone. */
        void emit(int vectors, boolean masked);
    }

    /**
     * @param length the register that holds the number of floats
     * @param left a register for what is left of them
     */
    RowLoop(Avx512Assembler s, int length, int left) {
        this.s = s;
        this.length = length;
        this.left = left;
    }

    /** Writes a pass over the row, {@code vectors} at a time. */
    void pass(int vectors, Body body) {
        s.clear(OFFSET);
        s.move(left, length);
        if (vectors > 1) {
            s.addConstant(left, -vectors * LANES);
            int few = s.jumpForwards(Assembler.LESS);
            int main = s.position();
            body.emit(vectors, false);
            s.addConstant(OFFSET, vectors * VECTOR_BYTES);
            s.addConstant(left, -vectors * LANES);
            s.jump(Assembler.NOT_LESS, main);
            s.land(few);
            s.addConstant(left, vectors * LANES);
        }
        s.addConstant(left, -LANES);
        int rest = s.jumpForwards(Assembler.LESS);
        int single = s.position();
        body.emit(1, false);
        s.addConstant(OFFSET, VECTOR_BYTES);
        s.addConstant(left, -LANES);
        s.jump(Assembler.NOT_LESS, single);
        s.land(rest);
        s.addConstant(left, LANES);
        int none = s.jumpForwards(Assembler.ZERO);
        body.emit(1, true);
        s.land(none);
    }

    /** Writes the load of vector {@code j} of this step. */
    void load(int zmm, int base, int j, boolean masked) {
        s.load(zmm, base, OFFSET, VECTOR_BYTES * j, masked);
    }

    /** Writes the store to vector {@code j} of this step. */
    void store(int zmm, int base, int j, boolean masked) {
        s.store(zmm, base, OFFSET, VECTOR_BYTES * j, masked);
    }
}
