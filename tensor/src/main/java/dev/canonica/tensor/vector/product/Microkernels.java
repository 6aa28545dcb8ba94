package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;

import dev.canonica.tensor.vector.code.Emission;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The {@link Microkernel}s of one form, made when first asked for, and what packing needs. */
public final class Microkernels {
    /** Vectors in a row of a full tile: each broadcast of A then serves two multiply-adds. */
    static final int VECTORS = 2;

    /** Columns of a full tile. */
    public static final int COLUMNS = VECTORS * L;

    private static final Map<Emission, Microkernels> MADE = new ConcurrentHashMap<>();

    private final Emission emission;
    private final int tallest;
    private final int widest;
    private final Transposer.Chosen transposer;
    private final AtomicReferenceArray<@Nullable Microkernel> kernels;

    private Microkernels(Emission emission) {
        this.emission = emission;
        tallest = emission.any() ? EmittedTile.tallest(L) : GeneratedMicrokernels.ROWS;
        transposer = Transposer.of(emission);
        widest = emission.avx512() ? EmittedTile.widest(L) : COLUMNS;
        kernels = new AtomicReferenceArray<>(2 * tallest * widest);
    }

    /** Those that run on this. */
    public static Microkernels of(Emission emission) {
        return MADE.computeIfAbsent(emission, Microkernels::new);
    }

    /** The instructions that these are made of, or that none may be emitted. */
    public Emission emission() {
        return emission;
    }

    /** Rows of the tallest tile of up to {@link #COLUMNS} columns. */
    int tallest() {
        return tallest;
    }

    /** Rows of the tallest tile of so many columns, up to the {@link #widest}. */
    int tallest(int columns) {
        return columns > COLUMNS ? EmittedTile.tallest(L, columns) : tallest;
    }

    /** Columns of the widest tile, at least {@link #COLUMNS}. */
    int widest() {
        return widest;
    }

    /** Whether there are kernels {@link #ofRows}. */
    boolean readRows() {
        return emission.any();
    }

    /** Whether kernels can begin with a row of numbers. */
    boolean beginWithRows() {
        return emission.any();
    }

    /** The transposer to use: machine code, or else plain loops at first, then vector code. */
    public Transposer transposer() {
        return transposer.get();
    }

    /** The kernel for tiles of so many rows and columns. */
    Microkernel of(int rows, int columns) {
        int slot = (rows - 1) * widest + columns - 1;
        Microkernel kernel = kernels.get(slot);
        return kernel != null ? kernel : make(slot, rows, columns, false);
    }

    /**
     * The kernel for tiles of so many rows and columns that reads A in rows as they lie: element A[p, i] at a + i ·
     * stepA + 4 p, instead of a + p · stepA + 4 i. If {@link #readRows}.
     */
    Microkernel ofRows(int rows, int columns) {
        int slot = (tallest + rows - 1) * widest + columns - 1;
        Microkernel kernel = kernels.get(slot);
        return kernel != null ? kernel : make(slot, rows, columns, true);
    }

    /** Whether a kernel for so many columns loads more of B than these, up to a whole vector, and needs B packed. */
    boolean loadsBeyond(int columns) {
        return !emission.any() && columns % L != 0;
    }

    private Microkernel make(int slot, int rows, int columns, boolean rowsOfA) {
        Microkernel kernel;
        if (emission.any()) {
            kernel = EmittedMicrokernels.of(rows, columns, rowsOfA);
        } else {
            kernel = columns % L != 0
                    ? new NarrowMicrokernel(this, rows, columns)
                    : new ScalarMicrokernel(rows, columns);
        }
        if (!kernels.compareAndSet(slot, null, kernel)) {
            return kernel; // another thread was faster
        }
        if (kernel instanceof ScalarMicrokernel) {
            GeneratedMicrokernels.compile(rows, columns / L, better -> kernels.set(slot, better));
        }
        return kernel;
    }
}
