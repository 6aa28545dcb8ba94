package dev.canonica.tensor.vector.elements;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.tail;
import static dev.canonica.tensor.vector.code.Lanes.whole;

import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.code.Lanes;
import dev.canonica.tensor.vector.code.NormalLanes;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.VectorMask;

/**
 * The loop of {@link Loops.UnaryLoop}, defined anew for each function by {@link Loops}. It stores without {@link Lanes#store}, which is not inlined any more
 * after a long function: see {@link NormalLanes}.
 */
final class UnaryTemplate implements Loops.UnaryLoop {
    private static final Loops.UnaryLane F = Loops.classData(MethodHandles.lookup(), Loops.UnaryLane.class);

    UnaryTemplate() {}

    @Override
    public void run(long x, long y, long n) {
        long i = 0;
        for (long end = whole(n); i < end; i += L) {
            F.apply(load(x + 4 * i)).intoMemorySegment(NativeMemory.ALL, y + 4 * i, Lanes.ORDER);
        }
        if (i < n) {
            VectorMask<Float> m = tail(n);
            F.apply(load(x + 4 * i, m)).intoMemorySegment(NativeMemory.ALL, y + 4 * i, Lanes.ORDER, m);
        }
    }

    @Override
    public void rows(long x, long y, long step, int rows, int columns) {
        for (int r = 0; r < rows; r++, x += step, y += step) {
            int i = 0;
            for (int end = (int) whole(columns); i < end; i += L) {
                F.apply(load(x + 4L * i)).intoMemorySegment(NativeMemory.ALL, y + 4L * i, Lanes.ORDER);
            }
            if (i < columns) {
                VectorMask<Float> m = tail(columns);
                F.apply(load(x + 4L * i, m)).intoMemorySegment(NativeMemory.ALL, y + 4L * i, Lanes.ORDER, m);
            }
        }
    }
}
