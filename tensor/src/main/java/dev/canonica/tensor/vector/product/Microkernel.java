package dev.canonica.tensor.vector.product;

/**
 * The innermost loop of matrix multiplication: one tile of C, kept in registers while p runs.
 *
 * <pre>
 *   C[i, j] = Σ_p A[p, i] · B[p, j]  (+ C[i, j])
 * </pre>
 *
 * <p>Each element is one chain of fused multiply-adds in the order of p, begun with C[i, j], a number of column j, or 0. Splitting p over
 * several calls therefore changes no bit of the result, nor does the size of the tiles.
 */
public abstract class Microkernel {
    /** What the sums of {@link #sweep} begin with: 0. */
    static final long ZERO = 0;

    /** What the sums of {@link #sweep} begin with: the elements of C. */
    static final long OWN = 1;

    Microkernel() {}

    /**
     * Computes one tile, whose size is the kernel's own.
     *
     * @param k the number of p
     * @param a the address of A, 32-bit floats, like B and C
     * @param stepA bytes from one p to the next in A; for kernels that read A in rows, from one row i to the next
     * @param stepB bytes from one p to the next in B
     * @param stepC bytes from one row i to the next in C
     */
    abstract void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, boolean accumulate);

    /**
     * Where the tiles of an operand lie, one after the other.
     *
     * @param first the address of the first
     * @param step bytes as in {@link #run}
     * @param next bytes from one tile to the next; 0 where all see the same
     */
    record Tiles(long first, long step, long next) {}

    /**
     * What is fetched into the second-level cache while tiles are computed, if the kernel can: a row of two vectors for every {@link EmittedMicrokernels#FETCHING} p.
     *
     * @param step bytes from one row to the next; 0 fetches nothing else
     */
    record Ahead(long address, long step) {}

    /** Computes several tiles in a row, and fetches nothing. */
    final void sweep(long begin, int tiles, int k, Tiles a, Tiles b, Tiles c) {
        sweep(begin, tiles, k, a, b, c, new Ahead(b.first, 0));
    }

    /**
     * Computes several tiles, at least one, in a row.
     *
     * @param begin {@link #ZERO}, {@link #OWN}, or, if {@link Microkernels#beginWithRows}, the address of a row of numbers with which all rows begin
     */
    void sweep(long begin, int tiles, int k, Tiles a, Tiles b, Tiles c, Ahead ahead) {
        if (begin != ZERO && begin != OWN) {
            throw new UnsupportedOperationException("this kernel begins with C or 0");
        }
        for (int t = 0; t < tiles; t++) {
            run(
                    k,
                    a.first + t * a.next,
                    a.step,
                    b.first + t * b.next,
                    b.step,
                    c.first + t * c.next,
                    c.step,
                    begin == OWN);
        }
    }
}
