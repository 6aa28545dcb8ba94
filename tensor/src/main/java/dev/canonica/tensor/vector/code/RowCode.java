package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.vector.code.Avx512Assembler.Operation;
import dev.canonica.tensor.vector.code.Formula.Value;

/**
 * The machine code of passes over rows, with the arguments of {@link RowLoop}. Sums run in four vectors, a partial vector goes to the second, and the four
 * are added in order, then the lanes by halves, as {@link Lanes#sum} does; so sums do not depend on how rows are split into calls.
 */
public final class RowCode {
    private static final int AT_ONCE = 4;

    // registers of sums, and of the vectors at work
    private static final int SUM = 0;
    private static final int SECOND_SUM = SUM + AT_ONCE;
    private static final int X = SECOND_SUM + AT_ONCE;
    private static final int Y = X + AT_ONCE;

    // numbers of a row or of all rows, in every lane
    private static final int A = 31;
    private static final int B = 30;
    private static final int MEAN = 29;
    private static final int SCALE = 28;
    private static final int ONE = 27;
    private static final int TEMPORARY = 26;

    private final Avx512Assembler s = new Avx512Assembler();
    private final RowLoop loop;

    private RowCode(int... parameters) {
        loop = new RowLoop(s, parameters);
    }

    /** y[0] = Σ x. Arrays x, y. */
    public static byte[] sum() {
        RowCode c = new RowCode();
        c.loop.rows(2, () -> {
            c.sum(0);
            c.loop.storeFirst(SUM, 1);
        });
        return c.s.code();
    }

    /** y[0] = max x, NaN if any number is. Arrays x, y. */
    public static byte[] max() {
        RowCode c = new RowCode();
        Avx512Assembler s = c.s;
        c.loop.rows(2, () -> {
            for (int j = 0; j < AT_ONCE; j++) {
                s.constant(SUM + j, Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));
                s.zero(SECOND_SUM + j); // NaN once a number was
            }
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.apply(Operation.MAX, SUM + j, SUM + j, X + j, masked);
                    s.compare(Avx512Assembler.Comparison.UNORDERED, X + j, X + j);
                    s.keep(Y + j, X + j);
                    s.apply(Operation.ADD, SECOND_SUM + j, SECOND_SUM + j, Y + j);
                }
            });
            c.gather(Operation.MAX, SUM);
            c.gather(Operation.ADD, SECOND_SUM);
            s.compare(Avx512Assembler.Comparison.UNORDERED, SECOND_SUM, SECOND_SUM);
            s.select(SUM, SECOND_SUM, SUM);
            c.loop.storeFirst(SUM, 1);
        });
        return s.code();
    }

    /** y = softmax(a x); top[0] = max a x, sum[0] = Σ exp(a x − top). Arrays x, y, top, sum. */
    public static byte[] softmax() {
        RowCode c = new RowCode(A);
        Avx512Assembler s = c.s;
        Formula f = new Formula();
        int sums = TEMPORARY - AT_ONCE; // four below the numbers
        FormulaCode exp =
                new FormulaCode(s, f, Formulas.expBelow(f, f.input(0).fma(f.invariant(A), f.invariant(B))), sums);
        exp.loadConstants();
        s.constant(ONE, Float.floatToRawIntBits(1));
        c.loop.rows(4, () -> {
            c.top(sums);
            c.loop.storeFirst(sums, 2);
            s.zero(TEMPORARY);
            s.apply(Operation.SUBTRACT, B, TEMPORARY, sums);
            c.clear(sums);
            c.loop.pass(exp.copies(), (vectors, masked) -> {
                int[] e = exp.emit(vectors, (register, _, j) -> c.loop.load(register, 0, j, masked));
                for (int j = 0; j < vectors; j++) {
                    c.loop.store(e[j], 1, j, masked);
                    s.apply(Operation.ADD, sums + (masked ? 1 : j), sums + (masked ? 1 : j), e[j], masked);
                }
            });
            c.gather(Operation.ADD, sums);
            c.loop.storeFirst(sums, 3);
            s.apply(Operation.DIVIDE, B, ONE, sums);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                for (int j = 0; j < vectors; j++) {
                    c.loop.load(j, 1, j, masked);
                    s.apply(Operation.MULTIPLY, j, j, B);
                    c.loop.store(j, 1, j, masked);
                }
            });
        });
        return s.code();
    }

    /** r = a y ⊙ (d − ⟨y, d⟩). Arrays y, d, r. */
    public static byte[] softmaxDerivative() {
        RowCode c = new RowCode(A);
        Avx512Assembler s = c.s;
        c.loop.rows(3, () -> {
            c.clear(SUM);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                c.load(Y, 1, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.multiplyAdd(SUM + (masked ? 1 : j), X + j, Y + j);
                }
            });
            c.gather(Operation.ADD, SUM);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                c.load(Y, 1, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.apply(Operation.MULTIPLY, X + j, X + j, A);
                    s.apply(Operation.SUBTRACT, Y + j, Y + j, SUM);
                    s.apply(Operation.MULTIPLY, X + j, X + j, Y + j);
                    c.loop.store(X + j, 2, j, masked);
                }
            });
        });
        return s.code();
    }

    /** y = (x − mean) · s, s[0] = 1/√(variance + b), with a = 1/n. Arrays x, y, s. */
    public static byte[] normalize() {
        RowCode c = new RowCode(A, B);
        Avx512Assembler s = c.s;
        s.constant(ONE, Float.floatToRawIntBits(1));
        c.loop.rows(3, () -> {
            c.sum(0);
            s.apply(Operation.MULTIPLY, MEAN, SUM, A);
            c.squares(MEAN);
            s.multiplyThenAdd(SUM, A, B);
            s.squareRoot(SUM, SUM);
            s.apply(Operation.DIVIDE, SCALE, ONE, SUM);
            c.loop.storeFirst(SCALE, 2);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.apply(Operation.SUBTRACT, X + j, X + j, MEAN);
                    s.apply(Operation.MULTIPLY, X + j, X + j, SCALE);
                    c.loop.store(X + j, 1, j, masked);
                }
            });
        });
        return s.code();
    }

    /** r = s[0] (d − mean(d) − y · mean(y ⊙ d)), with a = 1/n. Arrays y, s, d, r. */
    public static byte[] normalizeDerivative() {
        RowCode c = new RowCode(A);
        Avx512Assembler s = c.s;
        c.loop.rows(4, () -> {
            c.clear(SUM);
            c.clear(SECOND_SUM);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                c.load(Y, 2, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.apply(Operation.ADD, SUM + (masked ? 1 : j), SUM + (masked ? 1 : j), Y + j);
                    s.multiplyAdd(SECOND_SUM + (masked ? 1 : j), X + j, Y + j);
                }
            });
            c.gather(Operation.ADD, SUM);
            c.gather(Operation.ADD, SECOND_SUM);
            s.apply(Operation.MULTIPLY, MEAN, SUM, A);
            s.apply(Operation.MULTIPLY, B, SECOND_SUM, A);
            c.loop.splat(SCALE, 1);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                c.load(Y, 2, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.apply(Operation.SUBTRACT, Y + j, Y + j, MEAN);
                    s.multiplySubtract(Y + j, X + j, B);
                    s.apply(Operation.MULTIPLY, Y + j, Y + j, SCALE);
                    c.loop.store(Y + j, 3, j, masked);
                }
            });
        });
        return s.code();
    }

    /** y[0] = Σ (x − a)². Arrays x, y. */
    public static byte[] centredSquares() {
        RowCode c = new RowCode(A);
        c.loop.rows(2, () -> {
            c.squares(A);
            c.loop.storeFirst(SUM, 1);
        });
        return c.s.code();
    }

    /** y[0] = Σ d, z[0] = Σ (x − a) d. Arrays x, d, y, z. */
    public static byte[] centredDots() {
        RowCode c = new RowCode(A);
        Avx512Assembler s = c.s;
        c.loop.rows(4, () -> {
            c.clear(SUM);
            c.clear(SECOND_SUM);
            c.loop.pass(AT_ONCE, (vectors, masked) -> {
                c.load(X, 0, vectors, masked);
                c.load(Y, 1, vectors, masked);
                for (int j = 0; j < vectors; j++) {
                    s.apply(Operation.ADD, SUM + (masked ? 1 : j), SUM + (masked ? 1 : j), Y + j);
                    s.apply(Operation.SUBTRACT, X + j, X + j, A);
                    s.multiplyAdd(SECOND_SUM + (masked ? 1 : j), X + j, Y + j);
                }
            });
            c.gather(Operation.ADD, SUM);
            c.gather(Operation.ADD, SECOND_SUM);
            c.loop.storeFirst(SUM, 2);
            c.loop.storeFirst(SECOND_SUM, 3);
        });
        return s.code();
    }

    /** y = exp(a x − l[0]) as a function of elements x and one number l a row. */
    public static Value softmaxFrom(Formula f, Value x, Value l, Value a) {
        return Formulas.exp(f, x.fma(a, l.negate()));
    }

    private void load(int to, int array, int vectors, boolean masked) {
        for (int j = 0; j < vectors; j++) {
            loop.load(to + j, array, j, masked);
        }
    }

    private void clear(int first) {
        for (int j = 0; j < AT_ONCE; j++) {
            s.zero(first + j);
        }
    }

    /** Every lane of SUM ← the sum of an array's row. */
    private void sum(int array) {
        clear(SUM);
        loop.pass(AT_ONCE, (vectors, masked) -> {
            load(X, array, vectors, masked);
            for (int j = 0; j < vectors; j++) {
                s.apply(Operation.ADD, SUM + (masked ? 1 : j), SUM + (masked ? 1 : j), X + j);
            }
        });
        gather(Operation.ADD, SUM);
    }

    /** Every lane of SUM ← Σ (x − mean)² over the first array's row. */
    private void squares(int mean) {
        clear(SUM);
        loop.pass(AT_ONCE, (vectors, masked) -> {
            load(X, 0, vectors, masked);
            for (int j = 0; j < vectors; j++) {
                s.apply(Operation.SUBTRACT, X + j, X + j, mean);
                if (masked) { // outside the mask is −mean
                    s.apply(Operation.MULTIPLY, X, X, X);
                    s.apply(Operation.ADD, SUM + 1, SUM + 1, X, true);
                } else {
                    s.multiplyAdd(SUM + j, X + j, X + j);
                }
            }
        });
        gather(Operation.ADD, SUM);
    }

    /** Every lane of a register, the first of four ← the greatest of a · the first array's row; NaN may be passed over. */
    private void top(int first) {
        for (int j = 0; j < AT_ONCE; j++) {
            s.constant(first + j, Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));
        }
        loop.pass(AT_ONCE, (vectors, masked) -> {
            load(0, 0, vectors, masked);
            for (int j = 0; j < vectors; j++) {
                s.apply(Operation.MULTIPLY, j, j, A);
                s.apply(Operation.MAX, first + j, first + j, j, masked);
            }
        });
        gather(Operation.MAX, first);
    }

    /** Every lane of a register ← all lanes of it and of the three that follow. */
    private void gather(Operation operation, int first) {
        for (int j = 1; j < AT_ONCE; j++) {
            s.apply(operation, first, first, first + j);
        }
        for (int distance = 8; distance > 0; distance /= 2) {
            s.exchange(TEMPORARY, first, distance);
            s.apply(operation, first, first, TEMPORARY);
        }
    }
}
