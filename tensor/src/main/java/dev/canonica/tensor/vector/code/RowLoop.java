package dev.canonica.tensor.vector.code;

/**
 * The loops of emitted code that works on rows of up to four arrays. Arguments by the System V convention: the arrays' addresses in rdi, rsi, rdx and rcx,
 * the number n of floats in a row in r8 and of rows in r9; on the stack the four distances of rows in bytes, the mask of the lanes of a row's last,
 * partial vector, and the bits of two parameters. In a row, rax counts the bytes from its beginning, and operands are at [base + rax + 64 j].
 */
public final class RowLoop {
    private static final int[] POINTERS = {Assembler.RDI, Assembler.RSI, Assembler.RDX, Assembler.RCX};
    private static final int LENGTH = Assembler.R8;
    private static final int ROWS = Assembler.R9;
    private static final int LEFT = Assembler.R10;
    private static final int OFFSET = Assembler.RAX;

    // by their distance from the stack's pointer
    private static final int STEPS = 8;
    private static final int MASK = STEPS + 8 * POINTERS.length;
    private static final int PARAMETERS = MASK + 8;

    private static final int VECTOR_BYTES = 64;
    private static final int LANES = 16;

    private final Avx512Assembler s;

    /** What is done at each step. */
    @FunctionalInterface
    public interface Body {
        /** Writes the work on so many vectors, of which a masked one is alone. */
        void emit(int vectors, boolean masked);
    }

    /** Writes what must be done first: the mask to k1, and the parameters to every lane of these vectors. */
    public RowLoop(Avx512Assembler s, int... parameters) {
        this.s = s;
        s.loadArgument(Assembler.RAX, MASK);
        s.maskFromRax();
        for (int i = 0; i < parameters.length; i++) {
            s.loadArgument(Assembler.RAX, PARAMETERS + 8 * i);
            s.spread(parameters[i], Assembler.RAX);
        }
    }

    /** The lanes of the last n mod 16 floats of a row. */
    public static long mask(long n) {
        return (1L << (n & (LANES - 1))) - 1;
    }

    /** Writes the loop over rows of so many arrays, and the return. */
    public void rows(int arrays, Runnable row) {
        int begin = s.position();
        row.run();
        for (int i = 0; i < arrays; i++) {
            s.addArgument(POINTERS[i], STEPS + 8 * i);
        }
        s.addConstant(ROWS, -1);
        s.jump(Assembler.NOT_ZERO, begin);
        s.leave();
    }

    /** Writes a pass over a row: {@code vectors} at a time, then one at a time, then the rest under the mask. */
    public void pass(int vectors, Body body) {
        s.clear(OFFSET);
        s.move(LEFT, LENGTH);
        if (vectors > 1) {
            s.addConstant(LEFT, -vectors * LANES);
            int few = s.jumpForwards(Assembler.LESS);
            int main = s.position();
            body.emit(vectors, false);
            s.addConstant(OFFSET, vectors * VECTOR_BYTES);
            s.addConstant(LEFT, -vectors * LANES);
            s.jump(Assembler.NOT_LESS, main);
            s.land(few);
            s.addConstant(LEFT, vectors * LANES);
        }
        s.addConstant(LEFT, -LANES);
        int rest = s.jumpForwards(Assembler.LESS);
        int single = s.position();
        body.emit(1, false);
        s.addConstant(OFFSET, VECTOR_BYTES);
        s.addConstant(LEFT, -LANES);
        s.jump(Assembler.NOT_LESS, single);
        s.land(rest);
        s.addConstant(LEFT, LANES);
        int none = s.jumpForwards(Assembler.ZERO);
        body.emit(1, true);
        s.land(none);
    }

    /** Vector {@code j} of this step ← that of an array. */
    public void load(int zmm, int array, int j, boolean masked) {
        s.load(zmm, POINTERS[array], OFFSET, VECTOR_BYTES * j, masked);
    }

    /** Vector {@code j} of this step of an array ← zmm. */
    public void store(int zmm, int array, int j, boolean masked) {
        s.store(zmm, POINTERS[array], OFFSET, VECTOR_BYTES * j, masked);
    }

    /** Every lane of zmm ← the first float of an array's row. */
    public void splat(int zmm, int array) {
        s.broadcast(zmm, POINTERS[array], 0);
    }

    /** The first float of an array's row ← the first lane of zmm. */
    void storeFirst(int zmm, int array) {
        s.storeFirst(zmm, POINTERS[array], 0);
    }
}
