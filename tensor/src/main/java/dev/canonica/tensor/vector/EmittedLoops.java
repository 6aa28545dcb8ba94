package dev.canonica.tensor.vector;

import dev.canonica.tensor.kernel.Binary;
import dev.canonica.tensor.kernel.Ternary;
import dev.canonica.tensor.kernel.Unary;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The loops of {@link Loops} as machine code, each emitted when it is first asked for. If two threads ask at once, either's code serves. */
final class EmittedLoops {
    private static final AtomicReferenceArray<EmittedElements> UNARY =
            new AtomicReferenceArray<>(Unary.values().length);
    private static final AtomicReferenceArray<EmittedElements> BINARY =
            new AtomicReferenceArray<>(4 * Binary.values().length);
    private static final AtomicReferenceArray<EmittedElements> TERNARY =
            new AtomicReferenceArray<>(8 * Ternary.values().length);

    private EmittedLoops() {}

    static Loops.UnaryLoop of(Unary op) {
        return new OfOne(code(UNARY, op.ordinal(), (f, x) -> Formulas.of(op, f, x[0]), false));
    }

    static Loops.BinaryLoop of(Binary op) {
        return (x, sx, stepX, y, sy, stepY, z, n, rows) -> {
            int kind = 4 * op.ordinal() + (int) (2 * sx + sy);
            EmittedElements code = code(BINARY, kind, (f, v) -> Formulas.of(op, f, v[0], v[1]), sx == 0, sy == 0);
            code.run(x, stepX, y, stepY, z, 4 * n, 0, 0, n, rows, 0, 0);
        };
    }

    static Loops.TernaryLoop of(Ternary op) {
        return (x, sx, stepX, y, sy, stepY, z, sz, stepZ, r, n, rows) -> {
            int kind = 8 * op.ordinal() + (int) (4 * sx + 2 * sy + sz);
            EmittedElements code =
                    code(TERNARY, kind, (f, v) -> Formulas.of(op, v[0], v[1], v[2]), sx == 0, sy == 0, sz == 0);
            code.run(x, stepX, y, stepY, z, stepZ, r, 4 * n, n, rows, 0, 0);
        };
    }

    private static EmittedElements code(
            AtomicReferenceArray<EmittedElements> emitted, int at, Formulas.Lane function, boolean... splat) {
        EmittedElements code = emitted.get(at);
        if (code == null) {
            code = new EmittedElements(function, 0, splat);
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
