package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.store;
import static dev.canonica.tensor.vector.code.Lanes.tail;
import static dev.canonica.tensor.vector.code.Lanes.whole;

import dev.canonica.tensor.vector.code.Lanes;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The loop of {@link Loops.TernaryLoop}, defined anew for each function by {@link Loops}. */
final class TernaryTemplate implements Loops.TernaryLoop {
    private static final Loops.TernaryLane F = Loops.classData(MethodHandles.lookup(), Loops.TernaryLane.class);

    TernaryTemplate() {}

    @Override
    public void rows(
            long x,
            long sx,
            long stepX,
            long y,
            long sy,
            long stepY,
            long z,
            long sz,
            long stepZ,
            long r,
            long n,
            long rows) {
        for (long i = 0; i < rows; i++) {
            row(x + i * stepX, sx, y + i * stepY, sy, z + i * stepZ, sz, r + 4 * i * n, n);
        }
    }

    private static void row(long x, long sx, long y, long sy, long z, long sz, long r, long n) {
        if (sx == 1 && sy == 1 && sz == 1) {
            long i = 0;
            for (long end = whole(n); i < end; i += L) {
                store(F.apply(load(x + 4 * i), load(y + 4 * i), load(z + 4 * i)), r + 4 * i);
            }
            if (i < n) {
                VectorMask<Float> m = tail(n);
                store(F.apply(load(x + 4 * i, m), load(y + 4 * i, m), load(z + 4 * i, m)), r + 4 * i, m);
            }
        } else {
            for (long i = 0; i < n; i += L) {
                VectorMask<Float> m = Lanes.S.indexInRange(i, n);
                FloatVector a = sx == 1 ? load(x + 4 * i, m) : RowKernels.splatAt(x);
                FloatVector b = sy == 1 ? load(y + 4 * i, m) : RowKernels.splatAt(y);
                FloatVector c = sz == 1 ? load(z + 4 * i, m) : RowKernels.splatAt(z);
                store(F.apply(a, b, c), r + 4 * i, m);
            }
        }
    }
}
