package dev.canonica.data.corruption;

import dev.canonica.data.image.JpegCompression;

/** What happens to images on machines: contrast, saturation, distortion, coarse pixels and JPEG. */
final class Digital {
    private Digital() {}

    /** (x − m) c₀ + m, with m the mean of each channel. */
    static Pixels contrast(Pixels x, double[] c, Fields fields) {
        double[] mean = new double[3];
        for (int i = 0; i < x.values().length; i++) {
            mean[i % 3] += x.values()[i];
        }
        for (int k = 0; k < 3; k++) {
            mean[k] /= x.area();
        }
        Pixels y = x.like();
        for (int i = 0; i < y.values().length; i++) {
            y.values()[i] = ((x.values()[i] - mean[i % 3]) * c[0] + mean[i % 3]) * 255;
        }
        return y;
    }

    /** S of HSV becomes S c₀ + c₁; grey has hue 0 there, so that it turns red where c₁ is not 0. */
    static Pixels saturate(Pixels x, double[] c, Fields fields) {
        Pixels y = x.like();
        for (int i = 0; i < y.values().length; i += 3) {
            double v = Math.max(x.values()[i], Math.max(x.values()[i + 1], x.values()[i + 2]));
            double least = Math.min(x.values()[i], Math.min(x.values()[i + 1], x.values()[i + 2]));
            double s = v == least ? 0 : (v - least) / v;
            double saturated = Math.clamp(s * c[0] + c[1], 0, 1);
            for (int k = 0; k < 3; k++) {
                double value =
                        s == 0 ? (k == 0 ? v : v * (1 - saturated)) : v - (v - x.values()[i + k]) * saturated / s;
                y.values()[i + k] = value * 255;
            }
        }
        return y;
    }

    /** An affine map that moves three points by up to c₂, then a displacement of size c₀, smooth by c₁; linear interpolation both times. */
    static Pixels elastic(Pixels x, double[] c, Fields fields) {
        Affine map = Affine.of(x, c[2], fields.signed("affine_unit", 6));
        Pixels moved = x.like();
        for (int row = 0; row < x.height(); row++) {
            for (int column = 0; column < x.width(); column++) {
                Filters.bilinear(
                        x,
                        map.sourceY(column, row),
                        map.sourceX(column, row),
                        Border.MIRROR,
                        moved.values(),
                        x.index(row, column));
            }
        }
        Pixels[] d = displacement(x, c, fields);
        Pixels y = x.like();
        for (int row = 0; row < x.height(); row++) {
            for (int column = 0; column < x.width(); column++) {
                int i = row * x.width() + column;
                double atY = row + d[1].values()[i];
                double atX = column + d[0].values()[i];
                Filters.bilinear(moved, atY, atX, Border.REFLECT, y.values(), x.index(row, column));
            }
        }
        return y.map(v -> v * 255);
    }

    /** (dx, dy) in pixels: uniform numbers, smoothed, cut off at three standard deviations. */
    static Pixels[] displacement(Pixels x, double[] c, Fields fields) {
        double[] unit = fields.signed("unit", 2 * x.area());
        Pixels[] d = new Pixels[2];
        for (int k = 0; k < 2; k++) {
            double[] half = new double[x.area()];
            System.arraycopy(unit, k * half.length, half, 0, half.length);
            Pixels raw = new Pixels(1, x.height(), x.width(), half);
            d[k] = Filters.separable(raw, Filters.gaussian(c[1], 3), Border.REFLECT)
                    .map(v -> v * c[0]);
        }
        return d;
    }

    /**
     * The affine map (x, y) ↦ A (x, y) + t that moves three corners of a square around the middle.
     *
     * @param xx A's rows: x from x, x from y, y from x, y from y
     */
    record Affine(double xx, double xy, double yx, double yy, double tx, double ty) {
        static Affine of(Pixels image, double far, double[] unit) {
            int middleX = image.width() / 2; // whole pixels, as the corruption was published
            int middleY = image.height() / 2;
            int side = Math.min(image.width(), image.height()) / 3;
            double right = middleX + side;
            double lower = middleY + side;
            double[] to = {
                right + far * unit[0],
                lower + far * unit[1],
                right + far * unit[2],
                middleY - side + far * unit[3],
                middleX - side + far * unit[4],
                middleY - side + far * unit[5]
            };
            double xx = (to[2] - to[4]) / (2 * side);
            double yx = (to[3] - to[5]) / (2 * side);
            double xy = (to[0] - to[2]) / (2 * side);
            double yy = (to[1] - to[3]) / (2 * side);
            return new Affine(xx, xy, yx, yy, to[0] - xx * right - xy * lower, to[1] - yx * right - yy * lower);
        }

        private double determinant() {
            return xx * yy - xy * yx;
        }

        double sourceX(double x, double y) {
            return (yy * (x - tx) - xy * (y - ty)) / determinant();
        }

        double sourceY(double x, double y) {
            return (xx * (y - ty) - yx * (x - tx)) / determinant();
        }
    }

    /** Shrunk to c₀ of its size and enlarged again, both by Pillow's box filter on 8 bits: columns first, rounded, then rows, rounded. */
    static Pixels pixelate(Pixels x, double[] c, Fields fields) {
        Pixels levels = x.map(v -> Math.rint(v * 255));
        Pixels small = box(levels, (int) (x.height() * c[0]), (int) (x.width() * c[0]));
        return box(small, x.height(), x.width());
    }

    private static Pixels box(Pixels x, int height, int width) {
        return boxRows(turned(boxRows(turned(x), width)), height);
    }

    /** Rows become columns and columns rows: what works down the rows works along them, too. */
    private static Pixels turned(Pixels x) {
        Pixels t = Pixels.of(x.channels(), x.width(), x.height());
        for (int row = 0; row < x.height(); row++) {
            for (int column = 0; column < x.width(); column++) {
                System.arraycopy(x.values(), x.index(row, column), t.values(), t.index(column, row), x.channels());
            }
        }
        return t;
    }

    /** From n rows to m: the mean, rounded half up, of the rows whose middles lie in a row's share, at least one. */
    private static Pixels boxRows(Pixels x, int m) {
        int n = x.height();
        int row = x.width() * x.channels();
        double scale = (double) n / m;
        double support = Math.max(scale, 1);
        Pixels y = Pixels.of(x.channels(), m, x.width());
        for (int o = 0; o < m; o++) {
            double centre = (o + 0.5) * scale;
            int low = Math.max((int) (centre - support / 2 + 0.5), 0);
            int high = Math.min((int) (centre + support / 2 + 0.5), n);
            int count = 0;
            for (int j = low; j < high; j++) {
                double at = (j - centre + 0.5) / support;
                if (at > -0.5 && at <= 0.5) {
                    count++;
                    for (int i = 0; i < row; i++) {
                        y.values()[o * row + i] += x.values()[j * row + i];
                    }
                }
            }
            for (int i = 0; i < row; i++) {
                y.values()[o * row + i] = Math.floor(y.values()[o * row + i] / count + 0.5 + 1e-9);
            }
        }
        return y;
    }

    /** JPEG of quality c₀ and back. */
    static Pixels jpeg(Pixels x, double[] c, Fields fields) {
        return Pixels.of(JpegCompression.apply(x.map(v -> Math.rint(v * 255)).truncated(), (int) c[0]))
                .map(v -> v * 255);
    }
}
