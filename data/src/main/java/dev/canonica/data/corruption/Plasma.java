package dev.canonica.data.corruption;

/**
 * Plasma by diamonds and squares on a torus (A. Fournier, D. Fussell, L. Carpenter, "Computer rendering of stochastic models", 1982): each new point is
 * the mean of its four neighbours and w² u, u uniform on [−1, 1]; w is 100 at first and divided by the decay after each step, so that the wobble falls by
 * the square of the decay, as in the published code.
 */
final class Plasma {
    private Plasma() {}

    /** The upper left [height, width] of a plasma, scaled to [0, 1] as a whole. */
    static double[] of(Fields fields, double decay, int height, int width) {
        int side = Integer.highestOneBit(Math.max(height, width) - 1) << 1;
        double[] map = map(fields.signed("wobble", side * side - 1), decay, side);
        double[] cut = new double[height * width];
        for (int y = 0; y < height; y++) {
            System.arraycopy(map, y * side, cut, y * width, width);
        }
        return cut;
    }

    /**
     * A plasma [side, side] in [0, 1].
     *
     * @param u in their order: for each step the middles of the squares, the points above them, the points left of them, each row by row
     * @param side a power of two
     */
    static double[] map(double[] u, double decay, int side) {
        double[] m = new double[side * side];
        int next = 0;
        double wobble = 100;
        for (int step = side; step >= 2; step /= 2, wobble /= decay) {
            int half = step / 2;
            double size = wobble * wobble;
            for (int y = half; y < side; y += step) {
                for (int x = half; x < side; x += step) {
                    double corners = at(m, side, y - half, x - half)
                            + at(m, side, y + half, x - half)
                            + at(m, side, y - half, x + half)
                            + at(m, side, y + half, x + half);
                    m[y * side + x] = corners / 4 + size * u[next++];
                }
            }
            next = edges(m, side, half, 0, half, size, u, next);
            next = edges(m, side, half, half, 0, size, u, next);
        }
        return scaled(m);
    }

    /** The points at (top + i step, left + j step): between two corners and two middles. */
    private static int edges(double[] m, int side, int half, int top, int left, double size, double[] u, int first) {
        int next = first;
        for (int y = top; y < side; y += 2 * half) {
            for (int x = left; x < side; x += 2 * half) {
                double around = at(m, side, y - half, x)
                        + at(m, side, y + half, x)
                        + at(m, side, y, x - half)
                        + at(m, side, y, x + half);
                m[y * side + x] = around / 4 + size * u[next++];
            }
        }
        return next;
    }

    private static double at(double[] m, int side, int y, int x) {
        return m[(y & side - 1) * side + (x & side - 1)];
    }

    private static double[] scaled(double[] m) {
        double least = Double.POSITIVE_INFINITY;
        for (double v : m) {
            least = Math.min(least, v);
        }
        double most = 0;
        for (int i = 0; i < m.length; i++) {
            m[i] -= least;
            most = Math.max(most, m[i]);
        }
        for (int i = 0; i < m.length; i++) {
            m[i] /= most;
        }
        return m;
    }
}
