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

/** The loop of {@link Loops.BinaryLoop}, defined anew for each function by {@link Loops}. */
final class BinaryTemplate implements Loops.BinaryLoop {
    private static final Loops.BinaryLane F = Loops.classData(MethodHandles.lookup(), Loops.BinaryLane.class);

    BinaryTemplate() {}

    @Override
    public void rows(long x, long sx, long stepX, long y, long sy, long stepY, long z, long n, long rows) {
        for (long r = 0; r < rows; r++) {
            row(x + r * stepX, sx, y + r * stepY, sy, z + 4 * r * n, n);
        }
    }

    private static void row(long x, long sx, long y, long sy, long z, long n) {
        if (sx == 1 && sy == 1) {
            long i = 0;
            for (long end = whole(n); i < end; i += L) {
                store(F.apply(load(x + 4 * i), load(y + 4 * i)), z + 4 * i);
            }
            if (i < n) {
                VectorMask<Float> m = tail(n);
                store(F.apply(load(x + 4 * i, m), load(y + 4 * i, m)), z + 4 * i, m);
            }
        } else if (sx == 1) {
            right(x, RowKernels.splatAt(y), z, n);
        } else if (sy == 1) {
            left(RowKernels.splatAt(x), y, z, n);
        } else {
            FloatVector v = F.apply(RowKernels.splatAt(x), RowKernels.splatAt(y));
            for (long i = 0; i < n; i += L) {
                store(v, z + 4 * i, Lanes.S.indexInRange(i, n));
            }
        }
    }

    private static void right(long x, FloatVector y, long z, long n) {
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(F.apply(load(x + 4 * i), y), z + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(F.apply(load(x + 4 * i, m), y), z + 4 * i, m);
        }
    }

    private static void left(FloatVector x, long y, long z, long n) {
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            store(F.apply(x, load(y + 4 * i)), z + 4 * i);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            store(F.apply(x, load(y + 4 * i, m)), z + 4 * i, m);
        }
    }
}
