package dev.canonica.tensor.vector.product;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.store;

import dev.canonica.tensor.vector.code.Lanes;
import dev.canonica.tensor.vector.product.EmittedMicrokernels.End;
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
    }

    /**
     * A panel of B.
     *
     * @param step bytes from one row to the next
     * @param followed whether the panel that lies behind it, packed as this one, is the next to be used, and worth fetching from memory; on AVX-512 alone
     */
    public record Panel(long address, long step, int columns, boolean followed) {
        /** Of which nothing is known. */
        public Panel(long address, long step, int columns) {
            this(address, step, columns, false);
        }

        /** Packed, with what is used next behind it. */
        public static Panel followed(long address, int columns) {
            return new Panel(address, 4L * Microkernels.COLUMNS, columns, true);
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

        private Result at(long other) {
            return new Result(other, step, row, add, end, residual);
        }
    }

    /** The strips of so many rows of floats, none of which is higher than the kernels' tallest tile. */
    public static Strips of(Microkernels kernels, int rows) {
        return of(kernels, rows, false);
    }

    /** The strips of so many rows, of floats or of {@code pairs} of bfloat16 numbers. */
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

    /** Some strips, so many from the {@code first} on, times one panel, over a sum of k. */
    public void multiply(int first, int n, int k, Left a, Panel b, Result c) {
        int tall = Math.clamp(taller - first, 0, n);
        if (tall > 0) {
            sweep(height + 1, tall, k, a, b, c);
        }
        if (n > tall) {
            long next = a.first + tall * a.next(height + 1);
            long nextC = c.address + (long) tall * (height + 1) * c.step;
            Left others = new Left(a.form, next, a.step);
            sweep(height, n - tall, k, others, b, c.at(nextC));
        }
    }

    private void sweep(int rows, int n, int k, Left a, Panel b, Result c) {
        Microkernel kernel = pairs
                ? EmittedMicrokernels.ofPairs(rows, b.columns)
                : c.end != End.PLAIN || b.followed
                        ? EmittedMicrokernels.ending(rows, b.columns, a.form == Form.ROWS, c.end, fetched(n))
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
                new Tiles(c.address, c.step, rows * c.step));
    }

    /** Cache lines of a panel, of 128 bytes for each p, to fetch for every four p by each of so many tiles, so that all are. */
    private static int fetched(int tiles) {
        return tiles <= 2 ? 4 : tiles <= 4 ? 2 : 1;
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
