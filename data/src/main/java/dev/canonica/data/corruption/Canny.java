package dev.canonica.data.corruption;

import java.util.ArrayDeque;

/**
 * Edges by J. Canny, "A computational approach to edge detection" (1986): Sobel's derivatives of 3 × 3 (the edge pixel repeated), magnitude |gx| + |gy|,
 * kept where it is the greatest across the edge, in one of four directions; above the upper threshold, and above the lower one where it touches such.
 */
final class Canny {
    /** tan 22.5°. */
    private static final double SHALLOW = 0.41421356237309503;

    /** tan 67.5°. */
    private static final double STEEP = 2.414213562373095;

    private Canny() {}

    /** Which pixels of [H, W] levels are edges. */
    static boolean[] edges(int[] levels, int height, int width, int low, int high) {
        int[] gx = new int[levels.length];
        int[] gy = new int[levels.length];
        int[] size = new int[levels.length];
        for (int y = 0; y < height; y++) {
            int above = Border.EDGE.at(y - 1, height) * width;
            int here = y * width;
            int below = Border.EDGE.at(y + 1, height) * width;
            for (int x = 0; x < width; x++) {
                int left = Border.EDGE.at(x - 1, width);
                int right = Border.EDGE.at(x + 1, width);
                int i = here + x;
                gx[i] = levels[above + right]
                        - levels[above + left]
                        + 2 * (levels[here + right] - levels[here + left])
                        + levels[below + right]
                        - levels[below + left];
                gy[i] = levels[below + left]
                        - levels[above + left]
                        + 2 * (levels[below + x] - levels[above + x])
                        + levels[below + right]
                        - levels[above + right];
                size[i] = Math.abs(gx[i]) + Math.abs(gy[i]);
            }
        }
        boolean[] candidates = new boolean[levels.length];
        boolean[] edges = new boolean[levels.length];
        ArrayDeque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < levels.length; i++) {
            candidates[i] = size[i] > low && greatest(size, i, height, width, gx[i], gy[i]);
            if (candidates[i] && size[i] > high) {
                edges[i] = true;
                open.add(i);
            }
        }
        while (!open.isEmpty()) {
            int i = open.remove();
            for (int y = Math.max(i / width - 1, 0); y <= Math.min(i / width + 1, height - 1); y++) {
                for (int x = Math.max(i % width - 1, 0); x <= Math.min(i % width + 1, width - 1); x++) {
                    int j = y * width + x;
                    if (candidates[j] && !edges[j]) {
                        edges[j] = true;
                        open.add(j);
                    }
                }
            }
        }
        return edges;
    }

    /** Whether no neighbour across the edge is greater; of equal ones, the first in reading order counts. */
    private static boolean greatest(int[] size, int i, int height, int width, int gx, int gy) {
        int y = i / width;
        int x = i % width;
        double across = Math.abs(gx);
        double down = Math.abs(gy);
        if (down < across * SHALLOW) {
            return size[i] > at(size, y, x - 1, height, width) && size[i] >= at(size, y, x + 1, height, width);
        }
        if (down > across * STEEP) {
            return size[i] > at(size, y - 1, x, height, width) && size[i] >= at(size, y + 1, x, height, width);
        }
        int side = (gx ^ gy) < 0 ? -1 : 1;
        return size[i] > at(size, y - 1, x - side, height, width) && size[i] > at(size, y + 1, x + side, height, width);
    }

    /** Nothing outside. */
    private static int at(int[] size, int y, int x, int height, int width) {
        return y < 0 || y >= height || x < 0 || x >= width ? 0 : size[y * width + x];
    }
}
