package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.store;

import dev.canonica.tensor.vector.code.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The rows of a left operand A cut into strips no higher than a {@link Microkernel}'s tile. The first {@code taller}
 * strips have one row more than the others, so that none is computed in vain.
 *
 * @param kernels that multiply them
 * @param pairs whether the elements of A and B are pairs of bfloat16 numbers; A then lies in rows
 */
public record Strips(Microkernels kernels, int count, int height, int taller, boolean pairs) {
    /** How strips of A lie in memory. */
    enum Form {
        /** Each in a buffer of its own, a column after the other; their distance is the step. */
        PACKED,
        /** In the rows of a matrix, whose distance is the step. */
        ROWS,
        /** In the columns of a matrix, the transpose of A; the distance of its rows is the step. */
        COLUMNS
    }

    public static Strips of(Microkernels kernels, int rows) {
        return of(kernels, rows, false);
    }

    public static Strips of(Microkernels kernels, int rows, boolean pairs) {
        int count = Math.ceilDiv(rows, kernels.tallest());
        return count == 0
                ? new Strips(kernels, 0, 0, 0, pairs)
                : new Strips(kernels, count, rows / count, rows % count, pairs);
    }

    /** Rows of a strip. */
    public int rows(int strip) {
        return strip < taller ? height + 1 : height;
    }

    /** The first row of a strip. */
    public int row(int strip) {
        return strip * height + Math.min(strip, taller);
    }

    /** Bytes of a packed strip of this many columns. */
    public long packedBytes(int columns) {
        return 4L * (height + 1L) * columns + 4L * Packing.SLACK + 63 & -64;
    }

    /**
     * Some strips times one panel: C (+)= A · B.
     *
     * @param a the first of these strips
     * @param panel B in rows of {@link Microkernels#COLUMNS}
     * @param c the first of these strips' rows of C
     */
    public void multiply(
            int first,
            int n,
            int k,
            long a,
            long stripBytes,
            long panel,
            long c,
            long stepC,
            int columns,
            boolean add) {
        multiply(Form.PACKED, first, n, k, a, stripBytes, panel, 4L * Microkernels.COLUMNS, 0, c, stepC, columns, add);
    }

    /**
     * Some strips times one panel: C (+)= A · B.
     *
     * @param a the first of these strips
     * @param panel B in rows at a distance of {@code stepB} bytes
     * @param row the address of what is added to every row of the result, where nothing is added to C; or 0
     * @param c the first of these strips' rows of C
     */
    public void multiply(
            Form form,
            int first,
            int n,
            int k,
            long a,
            long stepA,
            long panel,
            long stepB,
            long row,
            long c,
            long stepC,
            int columns,
            boolean add) {
        int tall = Math.clamp(taller - first, 0, n);
        if (tall > 0) {
            sweep(form, height + 1, tall, k, a, stepA, panel, stepB, row, c, stepC, columns, add);
        }
        if (n > tall) {
            long next = a + tall * next(form, height + 1, stepA);
            long nextC = c + tall * (height + 1) * stepC;
            sweep(form, height, n - tall, k, next, stepA, panel, stepB, row, nextC, stepC, columns, add);
        }
    }

    private void sweep(
            Form form,
            int rows,
            int n,
            int k,
            long a,
            long stepA,
            long panel,
            long stepB,
            long row,
            long c,
            long stepC,
            int columns,
            boolean add) {
        Microkernel kernel = pairs
                ? EmittedMicrokernels.ofPairs(rows, columns)
                : form == Form.ROWS ? kernels.ofRows(rows, columns) : kernels.of(rows, columns);
        long step = form == Form.PACKED ? 4L * rows : stepA;
        long next = next(form, rows, stepA);
        long begin = add ? Microkernel.OWN : Microkernel.ZERO;
        if (row != 0 && kernels.beginWithRows()) {
            begin = row;
        } else if (row != 0) {
            repeat(row, c, stepC, n * rows, columns);
            begin = Microkernel.OWN;
        }
        kernel.sweep(begin, n, next, 0, rows * stepC, k, a, step, panel, stepB, c, stepC);
    }

    private static void repeat(long x, long y, long step, int rows, int columns) {
        for (int i = 0; i < columns; i += L) {
            VectorMask<Float> m = Lanes.S.indexInRange(i, columns);
            FloatVector v = load(x + 4L * i, m);
            long to = y + 4L * i;
            for (int r = 0; r < rows; r++, to += step) {
                store(v, to, m);
            }
        }
    }

    /** Bytes from one strip of so many rows to the next. */
    private static long next(Form form, int rows, long stepA) {
        return switch (form) {
            case PACKED -> stepA;
            case ROWS -> rows * stepA;
            case COLUMNS -> 4L * rows;
        };
    }
}
