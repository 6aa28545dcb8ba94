package dev.canonica.tensor.kernel;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;

/** {@link Epilogue} as one kernel after the other: for devices that have no better way, and the twin of those that have. */
final class Epilogues {
    private Epilogues() {}

    /** y[i] = bias for all m rows. */
    static void begin(Kernels f, Epilogue e, int m, int n, long y) {
        f.copy(Walk.of(new long[] {m, n}, new long[] {0, 1}, new long[] {n, 1}), e.bias(), y);
    }

    /** What follows the bias, on the whole of Y [m, n]. */
    static void finish(Kernels f, Epilogue e, int m, int n, long y) {
        long size = (long) m * n;
        if (e.derivative() != 0 && e.f() != null) {
            f.unary(e.f().derivative(), y, e.derivative(), size);
        }
        if (e.f() != null) {
            f.unary(e.f(), y, y, size);
        }
        if (e.ungated() != 0) {
            f.affine(1, 0, y, e.ungated(), size);
        }
        if (e.gate() == 0) {
            if (e.residual() != 0) {
                f.axpy(1, e.residual(), y, size);
            }
            return;
        }
        long group = (long) e.gates() * e.repeat();
        long[] extents = {m / group, e.gates(), e.repeat(), n};
        long[] dense = {group * n, (long) e.repeat() * n, n, 1};
        long[] gates = {0, n, 0, 1};
        if (e.residual() == 0) {
            f.binary(Binary.MULTIPLY, Walk.of(extents, dense, gates), y, e.gate(), y);
        } else {
            f.ternary(Ternary.MULTIPLY_ADD, Walk.of(extents, dense, gates, dense), y, e.gate(), e.residual(), y);
        }
    }
}
