package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;

import dev.canonica.tensor.vector.code.EmittedCode;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The {@link Microkernel}s of this machine, made when first asked for. */
public final class Microkernels {
    /** Vectors in a row of a full tile: each broadcast of A then serves two multiply-adds. */
    static final int VECTORS = 2;

    /** Columns of a full tile. */
    public static final int COLUMNS = VECTORS * L;

    /** Rows of the tallest tile. */
    static final int ROWS = EmittedCode.available() ? EmittedMicrokernels.tallest(L) : GeneratedMicrokernels.ROWS;

    /** Whether there are kernels {@link #ofRows}. */
    static final boolean READ_ROWS = EmittedCode.available();

    /** Whether there is {@link Microkernel#sweepFrom}. */
    static final boolean BEGIN_WITH_ROWS = EmittedCode.available();

    private static final AtomicReferenceArray<@Nullable Microkernel> KERNELS =
            new AtomicReferenceArray<>(2 * ROWS * COLUMNS);

    private Microkernels() {}

    /** The kernel for tiles of so many rows and columns. */
    static Microkernel of(int rows, int columns) {
        int slot = (rows - 1) * COLUMNS + columns - 1;
        Microkernel kernel = KERNELS.get(slot);
        return kernel != null ? kernel : make(slot, rows, columns, false);
    }

    /**
     * The kernel for tiles of so many rows and columns that reads A in rows as they lie: element A[p, i] at a + i ·
     * stepA + 4 p, instead of a + p · stepA + 4 i. If {@link #READ_ROWS}.
     */
    static Microkernel ofRows(int rows, int columns) {
        int slot = (ROWS + rows - 1) * COLUMNS + columns - 1;
        Microkernel kernel = KERNELS.get(slot);
        return kernel != null ? kernel : make(slot, rows, columns, true);
    }

    /** Whether a kernel for so many columns loads more of B than these, up to a whole vector, and needs B packed. */
    static boolean loadsBeyond(int columns) {
        return !EmittedCode.available() && columns % L != 0;
    }

    private static Microkernel make(int slot, int rows, int columns, boolean rowsOfA) {
        Microkernel kernel;
        if (EmittedCode.available()) {
            kernel = EmittedMicrokernels.of(rows, columns, rowsOfA);
        } else {
            kernel = columns % L != 0 ? new NarrowMicrokernel(rows, columns) : new ScalarMicrokernel(rows, columns);
        }
        if (!KERNELS.compareAndSet(slot, null, kernel)) {
            return kernel; // another thread was faster
        }
        if (kernel instanceof ScalarMicrokernel) {
            GeneratedMicrokernels.compile(rows, columns / L, better -> KERNELS.set(slot, better));
        }
        return kernel;
    }
}
