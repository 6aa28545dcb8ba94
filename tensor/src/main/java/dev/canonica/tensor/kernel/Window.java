package dev.canonica.tensor.kernel;

/**
 * A window that slides over a plane. At position (i, j), its element (p, q) lies on row i · stride + p · dilation − top and column
 * j · stride + q · dilation − left of the plane; what lies outside is padding.
 *
 * @param height rows of the plane
 * @param width columns of the plane
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param top rows of padding above the plane
 * @param left columns of padding before the plane
 * @param rows positions of the window from top to bottom
 * @param columns positions of the window from left to right
 */
public record Window(
        int height,
        int width,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int dilation,
        int top,
        int left,
        int rows,
        int columns) {
    /** Elements of the plane. */
    public long planeSize() {
        return (long) height * width;
    }

    /** Elements of the window. */
    public int kernelSize() {
        return kernelHeight * kernelWidth;
    }

    /** Positions of the window. */
    public long positions() {
        return (long) rows * columns;
    }

    /** Whether this is a single element that visits each of the plane once, so that the patch matrix of a plane is the plane. */
    public boolean isPlain() {
        return kernelSize() == 1 && stride == 1 && top == 0 && left == 0 && rows == height && columns == width;
    }

    /** The plane's row under row p of the window at row i of its positions. */
    public int row(int i, int p) {
        return i * stride + p * dilation - top;
    }

    /** The plane's column under column q of the window at column j of its positions. */
    public int column(int j, int q) {
        return j * stride + q * dilation - left;
    }

    /** Whether the plane has this row. */
    public boolean hasRow(int row) {
        return row >= 0 && row < height;
    }

    /** The first j for which column q of the window lies on the plane; {@link #columns} if there is none. */
    public int firstColumn(int q) {
        return Math.clamp(Math.ceilDiv(left - q * dilation, stride), 0, columns);
    }

    /** One past the last j for which column q of the window lies on the plane; at least {@link #firstColumn}. */
    public int endColumn(int q) {
        return Math.clamp(Math.floorDiv(width - 1 + left - q * dilation, stride) + 1, firstColumn(q), columns);
    }
}
