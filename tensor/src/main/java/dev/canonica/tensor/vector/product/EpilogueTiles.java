package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;

import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.Lanes;
import dev.canonica.tensor.vector.elements.EmittedLoops;
import dev.canonica.tensor.vector.elements.Loops;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/** An {@link Epilogue} without its bias, done with each tile of a product Y [m, n] while it is in the cache. */
final class EpilogueTiles implements Product.Ends {
    private final boolean emitted;
    private final Epilogue e;
    private final long y;
    private final long step; // bytes from one row to the next in Y, and in all else of its shape

    private final Loops.@Nullable UnaryLoop f;
    private final Loops.@Nullable UnaryLoop derivative;

    EpilogueTiles(Emission emission, Epilogue e, int n, long y) {
        emitted = emission.avx512();
        this.e = e;
        this.y = y;
        step = 4L * n;
        f = e.f() == null ? null : Loops.of(emission, e.f());
        derivative = e.f() == null || e.derivative() == 0 ? null : Loops.of(emission, e.f().derivative());
    }

    /** Whether there is nothing to do. */
    static boolean isEmpty(Epilogue e) {
        return e.f() == null && e.ungated() == 0 && e.gate() == 0 && e.residual() == 0;
    }

    @Override
    public void end(int row, int rows, int column, int columns) {
        long tile = at(y, row, column);
        if (derivative != null) {
            derivative.rows(tile, at(e.derivative(), row, column), step, rows, columns);
        }
        if (f != null) {
            f.rows(tile, tile, step, rows, columns);
        }
        if (e.ungated() != 0) {
            copy(tile, at(e.ungated(), row, column), step, rows, columns);
        }
        if (e.gate() != 0) {
            int same;
            for (int i = 0; i < rows; i += same) {
                int first = Math.toIntExact(e.gateRow(row + i));
                boolean own = e.repeat() == 1; // each row has a gate of its own, until they begin again
                int last =
                        own ? e.gates() - first : e.repeat() - (row + i) % e.repeat(); // else rows that meet one gate
                same = Math.min(rows - i, last);
                long gate = e.gate() + first * step + 4L * column;
                long residual = e.residual() == 0 ? 0 : at(e.residual(), row + i, column);
                gate(tile + i * step, gate, own ? step : 0, residual, same, columns);
            }
        } else if (e.residual() != 0) {
            add(at(e.residual(), row, column), tile, step, rows, columns);
        }
    }

    private long at(long matrix, int row, int column) {
        return matrix + row * step + 4L * column;
    }

    private void copy(long x, long y, long step, int rows, int columns) {
        if (emitted) {
            EmittedLoops.copy(x, step, y, step, rows, columns);
            return;
        }
        for (int r = 0; r < rows; r++, x += step, y += step) {
            for (int i = 0; i < columns; i += L) {
                VectorMask<Float> m = Lanes.S.indexInRange(i, columns);
                store(load(x + 4L * i, m), y + 4L * i, m);
            }
        }
    }

    /** As {@code axpy} by 1 does. */
    private void add(long x, long y, long step, int rows, int columns) {
        if (emitted) {
            EmittedLoops.axpy(1, x, y, step, rows, columns);
            return;
        }
        FloatVector one = splat(1);
        for (int r = 0; r < rows; r++, x += step, y += step) {
            for (int i = 0; i < columns; i += L) {
                VectorMask<Float> m = Lanes.S.indexInRange(i, columns);
                store(load(x + 4L * i, m).fma(one, load(y + 4L * i, m)), y + 4L * i, m);
            }
        }
    }

    /** y = y ⊙ gate + residual, in one rounding; without a residual, a product. The gate is one row where {@code stepGate} is 0. */
    private void gate(long y, long gate, long stepGate, long residual, int rows, int columns) {
        if (emitted) {
            EmittedLoops.gate(y, gate, stepGate, residual, step, rows, columns);
            return;
        }
        for (int r = 0; r < rows; r++, y += step, gate += stepGate, residual += residual == 0 ? 0 : step) {
            for (int i = 0; i < columns; i += L) {
                VectorMask<Float> m = Lanes.S.indexInRange(i, columns);
                FloatVector v = load(y + 4L * i, m);
                FloatVector g = load(gate + 4L * i, m);
                store(residual == 0 ? v.mul(g) : v.fma(g, load(residual + 4L * i, m)), y + 4L * i, m);
            }
        }
    }
}
