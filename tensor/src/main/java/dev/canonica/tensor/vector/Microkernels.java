package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Lanes.L;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The {@link Microkernel}s of this machine, made when first asked for. */
final class Microkernels {
    /** Vectors in a row of a full tile: each broadcast of A then serves two multiply-adds. */
    static final int VECTORS = 2;

    /** Columns of a full tile. */
    static final int COLUMNS = VECTORS * L;

    /** Rows of the tallest tile. */
    static final int ROWS = EmittedCode.available() ? EmittedMicrokernels.ROWS : GeneratedMicrokernels.ROWS;

    private static final AtomicReferenceArray<@Nullable Microkernel> KERNELS =
            new AtomicReferenceArray<>(ROWS * COLUMNS);

    private Microkernels() {}

    /** The kernel for tiles of so many rows and columns. */
    static Microkernel of(int rows, int columns) {
        int slot = (rows - 1) * COLUMNS + columns - 1;
        Microkernel kernel = KERNELS.get(slot);
        return kernel != null ? kernel : make(slot, rows, columns);
    }

    /** Whether a kernel for so many columns loads more of B than these, up to a whole vector, and needs B packed. */
    static boolean loadsBeyond(int columns) {
        return !EmittedCode.available() && columns % L != 0;
    }

    private static Microkernel make(int slot, int rows, int columns) {
        if (EmittedCode.available()) {
            KERNELS.compareAndSet(slot, null, EmittedMicrokernels.of(rows, columns));
        } else if (columns % L != 0) {
            KERNELS.compareAndSet(slot, null, new NarrowMicrokernel(rows, columns));
        } else if (KERNELS.compareAndSet(slot, null, new ScalarMicrokernel(rows, columns))) {
            GeneratedMicrokernels.compile(rows, columns / L, kernel -> KERNELS.set(slot, kernel));
        }
        return of(rows, columns);
    }
}
