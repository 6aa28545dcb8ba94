package dev.canonica.tensor.vector;

/**
 * Rows cut into strips no higher than a {@link Microkernel}'s tile. The first {@code taller} strips have one row more than the others, so
 * that none is computed in vain.
 */
record Strips(int count, int height, int taller) {
    static Strips of(int rows) {
        int count = Math.ceilDiv(rows, Microkernels.ROWS);
        return count == 0 ? new Strips(0, 0, 0) : new Strips(count, rows / count, rows % count);
    }

    /** Rows of a strip. */
    int rows(int strip) {
        return strip < taller ? height + 1 : height;
    }

    /** The first row of a strip. */
    int row(int strip) {
        return strip * height + Math.min(strip, taller);
    }

    /** Bytes of a packed strip of this many columns. */
    long packedBytes(int columns) {
        return 4L * (height + 1L) * columns + 4L * Packing.SLACK + 63 & -64;
    }

    /**
     * Some strips times one panel: C (+)= A · B.
     *
     * @param packed A's strips, {@code stripBytes} apart
     * @param panel B in rows of {@link Microkernels#COLUMNS}
     * @param c the first of these strips' rows of C
     */
    void multiply(
            int first,
            int n,
            int k,
            long packed,
            long stripBytes,
            long panel,
            long c,
            long stepC,
            int columns,
            boolean add) {
        Microkernel low = Microkernels.of(height, columns);
        Microkernel tall = taller > 0 ? Microkernels.of(height + 1, columns) : low;
        for (int i = first; i < first + n; i++, packed += stripBytes) {
            int rows = rows(i);
            Microkernel kernel = rows == height ? low : tall;
            kernel.run(k, packed, 4L * rows, panel, 4L * Microkernels.COLUMNS, c, stepC, add);
            c += rows * stepC;
        }
    }
}
