package dev.canonica.data.corruption;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/** What several corruptions are made of: blurs and resampling in double precision. */
final class Filters {
    private Filters() {}

    /** Taps exp(−i² / 2σ²) of −r … r, of sum 1, with r = ⌊truncate · σ + ½⌋; a single one where that is 0. */
    static double[] gaussian(double sigma, double truncate) {
        return gaussianOfRadius(sigma, (int) (truncate * sigma + 0.5));
    }

    static double[] gaussianOfRadius(double sigma, int radius) {
        double[] taps = new double[2 * radius + 1];
        double sum = 0;
        for (int i = 0; i < taps.length; i++) {
            double t = (i - radius) / sigma;
            taps[i] = radius == 0 ? 1 : StrictMath.exp(-0.5 * t * t);
            sum += taps[i];
        }
        for (int i = 0; i < taps.length; i++) {
            taps[i] /= sum;
        }
        return taps;
    }

    /** A separable Gaussian blur of four standard deviations, the edge repeated. */
    static Pixels blur(Pixels x, double sigma) {
        return separable(x, gaussian(sigma, 4), Border.EDGE);
    }

    /** The correlation with the same odd number of taps along both axes, down first. */
    static Pixels separable(Pixels x, double[] taps, Border border) {
        if (taps.length == 1) {
            return x;
        }
        int radius = taps.length / 2;
        int row = x.width() * x.channels();
        Pixels down = x.like();
        for (int y = 0; y < x.height(); y++) {
            for (int j = 0; j < taps.length; j++) {
                int from = border.at(y + j - radius, x.height()) * row;
                add(down.values(), y * row, taps[j], x.values(), from, row);
            }
        }
        Pixels across = x.like();
        double[] padded = new double[row + 2 * radius * x.channels()];
        int[] columns = border.from(-radius, x.width() + 2 * radius, x.width());
        for (int y = 0; y < x.height(); y++) {
            pad(down, y, columns, padded);
            for (int j = 0; j < taps.length; j++) {
                add(across.values(), y * row, taps[j], padded, j * x.channels(), row);
            }
        }
        return across;
    }

    /** A row with what lies left and right of it. */
    private static void pad(Pixels x, int y, int[] columns, double[] padded) {
        for (int i = 0, to = 0; i < columns.length; i++) {
            int from = x.index(y, columns[i]);
            for (int c = 0; c < x.channels(); c++) {
                padded[to++] = x.values()[from + c];
            }
        }
    }

    /** Adds w times {@code length} neighbouring numbers to as many others. */
    private static void add(double[] sums, int to, double w, double[] x, int from, int length) {
        for (int i = 0; i < length; i++) {
            sums[to + i] += w * x[from + i];
        }
    }

    /** The correlation with a square kernel of an odd side. */
    static Pixels correlate(Pixels x, double[][] kernel, Border border) {
        int radius = kernel.length / 2;
        int[] rows = border.from(-radius, x.height() + 2 * radius, x.height());
        int[] columns = border.from(-radius, x.width() + 2 * radius, x.width());
        int row = x.width() * x.channels();
        double[][] padded = new double[rows.length][row + 2 * radius * x.channels()];
        for (int y = 0; y < rows.length; y++) {
            pad(x, rows[y], columns, padded[y]);
        }
        Pixels out = x.like();
        for (int y = 0; y < x.height(); y++) {
            for (int a = 0; a < kernel.length; a++) {
                for (int b = 0; b < kernel.length; b++) {
                    if (kernel[a][b] != 0) {
                        add(out.values(), y * row, kernel[a][b], padded[y + a], b * x.channels(), row);
                    }
                }
            }
        }
        return out;
    }

    /**
     * ImageMagick's motion blur: 2⌈radius⌉ + 1 taps on one side alone, exp(−i² / 2σ²), each at the nearest pixel (half down) on a line, the edge repeated.
     *
     * @param angle in degrees; 0 smears what is right of a pixel to the left
     */
    static Pixels motion(Pixels x, double radius, double sigma, double angle) {
        int n = 2 * (int) Math.ceil(radius) + 1;
        double[] taps = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            taps[i] = StrictMath.exp(-(double) (i * i) / (2 * sigma * sigma));
            sum += taps[i];
        }
        double radians = StrictMath.toRadians(angle);
        double dx = n * StrictMath.cos(radians);
        double dy = n * StrictMath.sin(radians);
        double length = StrictMath.hypot(dx, dy);
        Pixels out = x.like();
        double[] moved = new double[x.width() * x.channels()];
        for (int i = 0; i < n; i++) {
            double weight = taps[i] / sum;
            int[] rows = Border.EDGE.from((int) Math.ceil(i * dy / length - 0.5), x.height(), x.height());
            int[] columns = Border.EDGE.from((int) Math.ceil(i * dx / length - 0.5), x.width(), x.width());
            for (int y = 0; y < x.height(); y++) {
                pad(x, rows[y], columns, moved);
                add(out.values(), y * moved.length, weight, moved, 0, moved.length);
            }
        }
        return out;
    }

    /** What ImageMagick stores of a level: ⌊(⌊257 v + ½⌋) / 257⌋, which is ⌊v + 1/514⌋. */
    static final double SIXTEEN_BITS = 1.0 / 514;

    /**
     * The middle of the image, enlarged to its size by linear interpolation: of n pixels along an axis the middle ⌈n/z⌉ become ⌊⌈n/z⌉ z⌉, corners on
     * corners, of which the middle n are kept.
     */
    static Pixels zoom(Pixels x, double factor) {
        ZoomAxis down = ZoomAxis.of(x.height(), factor);
        ZoomAxis across = ZoomAxis.of(x.width(), factor);
        Pixels out = x.like();
        for (int y = 0; y < x.height(); y++) {
            double fy = down.weights[y];
            for (int column = 0; column < x.width(); column++) {
                double fx = across.weights[column];
                int upper = x.index(down.lefts[y], across.lefts[column]);
                int lower = x.index(down.lefts[y] + 1, across.lefts[column]);
                int to = x.index(y, column);
                for (int c = 0; c < x.channels(); c++) {
                    double left = x.values()[upper + c] * (1 - fy) + x.values()[lower + c] * fy;
                    double right =
                            x.values()[upper + x.channels() + c] * (1 - fy) + x.values()[lower + x.channels() + c] * fy;
                    out.values()[to + c] = left * (1 - fx) + right * fx;
                }
            }
        }
        return out;
    }

    /** For each of n outputs: the left of the two pixels that it lies between, and the weight of the right one. */
    private record ZoomAxis(int[] lefts, double[] weights) {
        static ZoomAxis of(int n, double factor) {
            int crop = (int) Math.ceil(n / factor);
            int top = (n - crop) / 2;
            int enlarged = (int) Math.rint(crop * factor);
            int trim = Math.floorDiv(enlarged - n, 2);
            int[] lefts = new int[n];
            double[] weights = new double[n];
            for (int o = 0; o < n; o++) {
                double at = (o + trim) * ((crop - 1.0) / (enlarged - 1));
                int left = Math.min((int) at, crop - 2);
                lefts[o] = top + left;
                weights[o] = at - left;
            }
            return new ZoomAxis(lefts, weights);
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /** Writes the pixel at a real position, linear between its four neighbours, to {@code to}. */
    static void bilinear(Pixels x, double y, double column, Border border, double[] out, int to) {
        int top = (int) Math.floor(y);
        int left = (int) Math.floor(column);
        double fy = y - top;
        double fx = column - left;
        int y0 = border.at(top, x.height());
        int y1 = border.at(top + 1, x.height());
        int x0 = border.at(left, x.width());
        int x1 = border.at(left + 1, x.width());
        for (int c = 0; c < x.channels(); c++) {
            double upper = x.values()[x.index(y0, x0) + c] * (1 - fx) + x.values()[x.index(y0, x1) + c] * fx;
            double lower = x.values()[x.index(y1, x0) + c] * (1 - fx) + x.values()[x.index(y1, x1) + c] * fx;
            out[to + c] = upper * (1 - fy) + lower * fy;
        }
    }
}
