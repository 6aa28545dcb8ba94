package dev.canonica.tensor.kernel;

/**
 * An operand of {@link Kernels#gemm}, or its result: one matrix for each product, all of one shape, as they take part in the product. Element [i, j] lies at
 * i · rowStride + j in memory, that of a transposed matrix at j · rowStride + i.
 *
 * @param address of the first matrix
 * @param rowStride from one row in memory to the next, in elements
 * @param count of matrices; an operand of one is shared by all products
 * @param stride from one matrix to the next, in elements
 */
public record MatrixBatch(
        long address, int rows, int columns, boolean transposed, int rowStride, int count, long stride) {
    /** Rows whose distance in bytes is a multiple of this compete for the same places in the first-level cache. */
    public static final int ALIAS_BYTES = 4096;

    /** One matrix; {@code rows} and {@code columns} are those after the transposition. */
    public MatrixBatch(long address, int rows, int columns, boolean transposed, int rowStride) {
        this(address, rows, columns, transposed, rowStride, 1, 0);
    }

    /** One matrix, dense. */
    public static MatrixBatch of(long address, int rows, int columns) {
        return new MatrixBatch(address, rows, columns, false, columns);
    }

    /** The same memory as [columns, rows]. */
    public MatrixBatch transpose() {
        return new MatrixBatch(address, columns, rows, !transposed, rowStride, count, stride);
    }

    /** So many matrices of this kind, so many elements apart. */
    public MatrixBatch times(int matrices, long apart) {
        return new MatrixBatch(address, rows, columns, transposed, rowStride, matrices, apart);
    }

    /** The matrix of product i, of elements of so many bytes. */
    public MatrixBatch at(int i, int bytes) {
        long place = count == 1 ? address : address + stride * i * bytes;
        return new MatrixBatch(place, rows, columns, transposed, rowStride);
    }

    /** A matrix as this one that lies elsewhere. */
    public MatrixBatch in(long place) {
        return new MatrixBatch(place, rows, columns, transposed, rowStride, count, stride);
    }

    /** From one matrix to the next, 0 where all products share one. */
    public long step() {
        return count == 1 ? 0 : stride;
    }

    /**
     * Checks that C = A B has a meaning for each matrix of C.
     *
     * @throws IllegalArgumentException if it has none, or C is transposed
     */
    public static void check(MatrixBatch a, MatrixBatch b, MatrixBatch c) {
        boolean fits = a.columns == b.rows && a.rows == c.rows && b.columns == c.columns && !c.transposed;
        if (!fits || a.count != 1 && a.count != c.count || b.count != 1 && b.count != c.count) {
            throw new IllegalArgumentException("gemm: " + a + " times " + b + " is not " + c);
        }
    }
}
