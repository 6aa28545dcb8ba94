package dev.canonica.tensor.vector.elements;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.vector.code.Formulas;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The loops of {@link Loops}, and some with numbers in them, as machine code, each emitted when it is first asked for. If two threads ask at once, either's code serves. */
public final class EmittedLoops {
    private static final AtomicReferenceArray<EmittedElements> UNARY =
            new AtomicReferenceArray<>(Unary.values().length);
    private static final AtomicReferenceArray<EmittedElements> BINARY =
            new AtomicReferenceArray<>(4 * Binary.values().length);
    private static final AtomicReferenceArray<EmittedElements> TERNARY =
            new AtomicReferenceArray<>(8 * Ternary.values().length);

    private EmittedLoops() {}

    static Loops.UnaryLoop of(Unary op) {
        return new OfOne(code(op, UNARY, op.ordinal(), (f, x) -> Formulas.of(op, f, x[0]), false));
    }

    static Loops.BinaryLoop of(Binary op) {
        return (x, sx, stepX, y, sy, stepY, z, n, rows) -> {
            int kind = 4 * op.ordinal() + (int) (2 * sx + sy);
            EmittedElements code = code(op, BINARY, kind, (f, v) -> Formulas.of(op, f, v[0], v[1]), sx == 0, sy == 0);
            code.run(x, stepX, y, stepY, z, 4 * n, 0, 0, n, rows, 0, 0);
        };
    }

    static Loops.TernaryLoop of(Ternary op) {
        return (x, sx, stepX, y, sy, stepY, z, sz, stepZ, r, n, rows) -> {
            int kind = 8 * op.ordinal() + (int) (4 * sx + 2 * sy + sz);
            EmittedElements code =
                    code(op, TERNARY, kind, (f, v) -> Formulas.of(op, v[0], v[1], v[2]), sx == 0, sy == 0, sz == 0);
            code.run(x, stepX, y, stepY, z, stepZ, r, 4 * n, n, rows, 0, 0);
        };
    }

    /** y = scale · x + shift for n floats. */
    static void affine(float scale, float shift, long x, long y, long n) {
        Affine.CODE.run(x, 0, y, 0, n, 1, scale, shift);
    }

    /** y += scale · x on rows that lie {@code step} bytes apart. */
    public static void axpy(float scale, long x, long y, long step, long rows, long n) {
        Axpy.CODE.run(x, step, y, step, y, step, 0, 0, n, rows, scale, 0);
    }

    /** Rows of y = rows of x; {@code stepX} may be 0. */
    public static void copy(long x, long stepX, long y, long stepY, long rows, long n) {
        Copy.CODE.run(x, stepX, y, stepY, n, rows, 0, 0);
    }

    /** y += the sum of rows of x that lie {@code step} bytes apart, one after the other. */
    static void accumulate(long x, long step, long y, long rows, long n) {
        Axpy.CODE.run(x, step, y, 0, y, 0, 0, 0, n, rows, 1, 0);
    }

    /** Rows of y = y ⊙ gate + residual, in one rounding, or y ⊙ gate if the residual is 0; the gate is one row where its step is 0. */
    public static void gate(long y, long gate, long stepGate, long residual, long step, long rows, long n) {
        if (residual == 0) {
            Gate.CODE.run(y, step, gate, stepGate, y, step, 0, 0, n, rows, 0, 0);
        } else {
            GateAndAdd.CODE.run(y, step, gate, stepGate, residual, step, y, step, n, rows, 0, 0);
        }
    }

    private static final class Gate {
        static final EmittedElements CODE = new EmittedElements("gate", (_, v) -> v[0].mul(v[1]), 0, false, false);
    }

    private static final class GateAndAdd {
        static final EmittedElements CODE =
                new EmittedElements("gateAndAdd", (_, v) -> v[0].fma(v[1], v[2]), 0, false, false, false);
    }

    private static final class Affine {
        static final EmittedElements CODE = new EmittedElements("affine", (_, v) -> v[0].fma(v[1], v[2]), 2, false);
    }

    private static final class Axpy {
        static final EmittedElements CODE =
                new EmittedElements("axpy", (_, v) -> v[0].fma(v[2], v[1]), 1, false, false);
    }

    private static final class Copy {
        static final EmittedElements CODE = new EmittedElements("copy", (_, v) -> v[0], 0, false);
    }

    private static EmittedElements code(
            Enum<?> op,
            AtomicReferenceArray<EmittedElements> emitted,
            int at,
            Formulas.Lane function,
            boolean... splat) {
        EmittedElements code = emitted.get(at);
        if (code == null) {
            code = new EmittedElements(op.name(), function, 0, splat);
            emitted.set(at, code);
        }
        return code;
    }

    private record OfOne(EmittedElements code) implements Loops.UnaryLoop {
        @Override
        public void run(long x, long y, long n) {
            code.run(x, 0, y, 0, n, 1, 0, 0);
        }

        @Override
        public void rows(long x, long y, long step, int rows, int columns) {
            code.run(x, step, y, step, columns, rows, 0, 0);
        }
    }
}
