package dev.canonica.tensor.vector;

/**
 * The innermost loop of matrix multiplication: one tile of C, kept in registers while k runs.
 *
 * <pre>
 *   C[i, j] = Σ_p A[p, i] · B[p, j]  (+ C[i, j])     i &lt; rows, j &lt; columns
 * </pre>
 *
 * <p>Each element is one chain of fused multiply-adds in the order of p, begun with C[i, j] or 0. Splitting p over
 * several calls therefore changes no bit of the result, nor does the size of the tiles.
 */
abstract class Microkernel {
    /**
     * Computes one tile. Addresses are of 32-bit floats; steps are in bytes, from one p to the next in A and B and from
     * one row to the next in C. Nothing outside the tile and its operands is read or written.
     *
     * @param columns the width of the tile, for kernels that are not made for just one
     */
    abstract void run(
            int k, long a, long stepA, long b, long stepB, long c, long stepC, int columns, boolean accumulate);
}
