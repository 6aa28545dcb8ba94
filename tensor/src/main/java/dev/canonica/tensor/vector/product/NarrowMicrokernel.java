package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;

import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.code.Workspace;
import java.lang.foreign.MemorySegment;

/** A tile whose columns do not fill its vectors, computed in a buffer by the kernel for whole vectors. */
final class NarrowMicrokernel extends Microkernel {
    private final Microkernels kernels;
    private final int rows;
    private final int columns;

    NarrowMicrokernel(Microkernels kernels, int rows, int columns) {
        this.kernels = kernels;
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, boolean accumulate) {
        int wide = Math.ceilDiv(columns, L) * L;
        long step = 4L * wide;
        long tile = Workspace.own().tile(rows * step);
        if (accumulate) {
            copy(c, stepC, tile, step);
        }
        kernels.of(rows, wide).run(k, a, stepA, b, stepB, tile, step, accumulate);
        copy(tile, step, c, stepC);
    }

    private void copy(long source, long sourceStep, long target, long targetStep) {
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(
                    NativeMemory.ALL, source + i * sourceStep, NativeMemory.ALL, target + i * targetStep, 4L * columns);
        }
    }
}
