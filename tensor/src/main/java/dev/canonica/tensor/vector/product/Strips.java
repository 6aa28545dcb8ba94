package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.store;

import dev.canonica.tensor.vector.code.Lanes;
import dev.canonica.tensor.vector.product.EmittedMicrokernels.End;
import dev.canonica.tensor.vector.product.Microkernel.Ahead;
import dev.canonica.tensor.vector.product.Microkernel.Tiles;
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
    public enum Form {
        /** Each in a buffer of its own, a column after the other; their distance is the step. */
        PACKED,
        /** In the rows of a matrix, whose distance is the step. */
        ROWS,
        /** In the columns of a matrix, the transpose of A; the distance of its rows is the step. */
        COLUMNS
    }

    /**
     * Some of A's strips.
     *
     * @param first the address of the first of them
     * @param step bytes: see {@link Form}
     */
    public record Left(Form form, long first, long step) {
        /** Packed, so many bytes from one to the next. */
        public static Left packed(long first, long bytes) {
            return new Left(Form.PACKED, first, bytes);
        }

        /** From one strip of so many rows to the next, in bytes. */
        private long next(int rows) {
            return switch (form) {
                case PACKED -> step;
                case ROWS -> rows * step;
                case COLUMNS -> 4L * rows;
            };
        }

        /** What follows some strips, of so many rows in all. */
        private Left after(int strips, int rows) {
            return new Left(form, first + (form == Form.PACKED ? strips * step : next(rows)), step);
        }
    }

    /**
     * A panel of B.
     *
     * @param step bytes from one row to the next
     * @param next the address of what is multiplied or packed next, to be fetched into the second-level cache meanwhile; 0 for nothing
     * @param nextStep bytes from one row of it to the next
     */
    public record Panel(long address, long step, int columns, long next, long nextStep) {
        /** A panel after which nothing is fetched. */
        public Panel(long address, long step, int columns) {
            this(address, step, columns, 0, 0);
        }

        /** This, before what lies there with rows so far apart. */
        Panel before(long following, long stepOfFollowing) {
            return new Panel(address, step, columns, following, stepOfFollowing);
        }

        /** This, before a packed panel. */
        public Panel before(long following) {
            return before(following, 4L * Microkernels.COLUMNS);
        }

        /** Packed. */
        public static Panel packed(long address, int columns) {
            return new Panel(address, 4L * Microkernels.COLUMNS, columns);
        }
    }

    /**
     * What becomes of the products: C (+)= A · B.
     *
     * @param address the first of the strips' rows of C
     * @param step bytes from one row to the next
     * @param row the address of what is added to every row, where nothing is added to C; or 0
     * @param add whether they are added to C
     * @param end what becomes of each tile in the end; other than PLAIN on AVX-512 alone
     * @param residual bytes from C to what is added in the end
     */
    public record Result(long address, long step, long row, boolean add, End end, long residual) {
        /** C = A · B, or C += A · B. */
        public Result(long address, long step, boolean add) {
            this(address, step, 0, add);
        }

        /** C = A · B + row, or C += A · B. */
        public Result(long address, long step, long row, boolean add) {
            this(address, step, row, add, End.PLAIN, 0);
        }

        private Result below(int rows) {
            return new Result(address + rows * step, step, row, add, end, residual);
        }
    }

    /** The strips of so many rows of floats, none of which is higher than the kernels' tallest tile. */
    public static Strips of(Microkernels kernels, int rows) {
        return of(kernels, rows, false);
    }

    /** The strips of so many rows, of floats or of {@code pairs} of bfloat16 numbers. */
    public static Strips of(Microkernels kernels, int rows, boolean pairs) {
        return of(kernels, rows, kernels.tallest(), pairs);
    }

    private static Strips of(Microkernels kernels, int rows, int tallest, boolean pairs) {
        int count = Math.ceilDiv(rows, tallest);
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

    /** Some strips, so many from the {@code first} on, times one panel, over a sum of k. For a panel of more columns than {@link Microkernels#COLUMNS}, A is not packed. */
    public void multiply(int first, int n, int k, Left a, Panel b, Result c) {
        if (b.columns > Microkernels.COLUMNS) { // lower ones, since more of a row is kept in registers
            Strips lower = of(kernels, row(first + n) - row(first), kernels.tallest(b.columns), pairs);
            lower.evenly(0, lower.count, k, a, b, c);
            return;
        }
        int fetching = EmittedMicrokernels.FETCHING;
        if (b.next != 0 && n > fetching && kernels.emission().any()) { // so many fetch all of what is next
            int rows = row(first + fetching) - row(first);
            Panel alone = new Panel(b.address, b.step, b.columns);
            evenly(first, fetching, k, a, b, c);
            evenly(first + fetching, n - fetching, k, a.after(fetching, rows), alone, c.below(rows));
        } else {
            evenly(first, n, k, a, b, c);
        }
    }

    private void evenly(int first, int n, int k, Left a, Panel b, Result c) {
        int tall = Math.clamp(taller - first, 0, n);
        if (tall > 0) {
            sweep(height + 1, tall, k, a, b, c);
        }
        if (n > tall) {
            int rows = tall * (height + 1);
            sweep(height, n - tall, k, a.after(tall, rows), b, c.below(rows));
        }
    }

    private void sweep(int rows, int n, int k, Left a, Panel b, Result c) {
        Microkernel kernel = pairs
                ? EmittedMicrokernels.ofPairs(rows, b.columns)
                : c.end != End.PLAIN
                        ? EmittedMicrokernels.ending(rows, b.columns, a.form == Form.ROWS, c.end)
                        : a.form == Form.ROWS ? kernels.ofRows(rows, b.columns) : kernels.of(rows, b.columns);
        long begin = c.add ? Microkernel.OWN : Microkernel.ZERO;
        if (c.row != 0 && kernels.beginWithRows()) {
            begin = c.row;
        } else if (c.row != 0) {
            repeat(c.row, c.address, c.step, n * rows, b.columns);
            begin = Microkernel.OWN;
        }
        kernel.sweep(
                begin,
                n,
                k,
                new Tiles(a.first, a.form == Form.PACKED ? 4L * rows : a.step, a.next(rows)),
                new Tiles(b.address, b.step, c.residual),
                new Tiles(c.address, c.step, rows * c.step),
                new Ahead(b.next == 0 ? b.address : b.next, b.nextStep));
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
}
