package dev.canonica.tensor.vector;

/**
 * The innermost loop of matrix multiplication: one tile of C, kept in registers while p runs.
 *
 * <pre>
 *   C[i, j] = Σ_p A[p, i] · B[p, j]  (+ C[i, j])
 * </pre>
 *
 * <p>Each element is one chain of fused multiply-adds in the order of p, begun with C[i, j] or 0. Splitting p over
 * several calls therefore changes no bit of the result, nor does the size of the tiles.
 */
abstract class Microkernel {
    /**
     * Computes one tile, whose size is the kernel's own.
     *
     * @param k the number of p
     * @param a the address of A, 32-bit floats, like B and C
     * @param stepA bytes from one p to the next in A
     * @param stepB bytes from one p to the next in B
     * @param stepC bytes from one row i to the next in C
     */
    abstract void run(int k, long a, long stepA, long b, long stepB, long c, long stepC, boolean accumulate);
}
