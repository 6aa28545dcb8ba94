package dev.canonica.data.corruption;

/**
 * The distance of each pixel from the nearest edge, by two passes of a 5 × 5 mask (G. Borgefors, "Distance transformations in digital images", 1986): 1
 * for a step to the side, 1.4 diagonally, 2.1969 as a knight moves.
 */
final class EdgeDistance {
    private static final int[][] BEFORE = {{0, -1}, {-1, -1}, {-1, 0}, {-1, 1}, {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}};
    private static final double[] STEPS = {1, 1.4, 1, 1.4, 2.1969, 2.1969, 2.1969, 2.1969};

    /** Farther than any pixel. */
    private static final double FAR = 1e6;

    private EdgeDistance() {}

    /** [H, W]: 0 on an edge; very large everywhere where there is none. */
    static double[] of(boolean[] edges, int height, int width) {
        double[] d = new double[edges.length];
        for (int i = 0; i < d.length; i++) {
            d[i] = edges[i] ? 0 : FAR;
        }
        for (int i = 0; i < d.length; i++) {
            relax(d, i, height, width, 1);
        }
        for (int i = d.length - 1; i >= 0; i--) {
            relax(d, i, height, width, -1);
        }
        return d;
    }

    private static void relax(double[] d, int i, int height, int width, int direction) {
        int y = i / width;
        int x = i % width;
        for (int k = 0; k < BEFORE.length; k++) {
            int row = y + direction * BEFORE[k][0];
            int column = x + direction * BEFORE[k][1];
            if (row >= 0 && row < height && column >= 0 && column < width) {
                d[i] = Math.min(d[i], d[row * width + column] + STEPS[k]);
            }
        }
    }
}
