package dev.canonica.data.corruption;

/** Blurs: Gaussian, defocus, glass, motion and zoom. */
final class Blur {
    private Blur() {}

    static Pixels gaussian(Pixels x, double[] c, Fields fields) {
        return Filters.blur(x, c[0]).map(v -> v * 255);
    }

    /** The correlation with a disc of radius c₀ whose edge is smoothed by c₁; not normalised again after that, as published. */
    static Pixels defocus(Pixels x, double[] c, Fields fields) {
        return Filters.correlate(x, disc(c[0], c[1]), Border.MIRROR).map(v -> v * 255);
    }

    /** The disc on a grid of at least 17 × 17, of sum 1, then a Gaussian of 3 × 3 or, beyond radius 8, 5 × 5. */
    static double[][] disc(double radius, double sigma) {
        int r = radius <= 8 ? 8 : (int) radius;
        Pixels disc = Pixels.of(1, 2 * r + 1, 2 * r + 1);
        int inside = 0;
        for (int y = -r; y <= r; y++) {
            for (int x = -r; x <= r; x++) {
                if (y * y + x * x <= radius * radius) {
                    disc.values()[disc.index(y + r, x + r)] = 1;
                    inside++;
                }
            }
        }
        double share = 1.0 / inside;
        Pixels smooth = Filters.separable(
                disc.map(v -> v * share), Filters.gaussianOfRadius(sigma, radius <= 8 ? 1 : 2), Border.MIRROR);
        double[][] kernel = new double[disc.height()][disc.width()];
        for (int y = 0; y < kernel.length; y++) {
            System.arraycopy(smooth.values(), y * kernel.length, kernel[y], 0, kernel.length);
        }
        return kernel;
    }

    /**
     * Blurred by c₀ and truncated to levels; then, c₂ times and from the lower right on, each pixel becomes one of those around it, at most c₁ away;
     * blurred again. The published code means to exchange the two and copies: its assignment reads a pixel that it has just written.
     */
    static Pixels glass(Pixels x, double[] c, Fields fields) {
        int d = (int) c[1];
        int passes = (int) c[2];
        int loops = passes * (x.height() - 2 * d) * (x.width() - 2 * d);
        int[] shifts = fields.shifts("shifts", 2 * loops, d);
        Pixels q = Filters.blur(x, c[0]).map(v -> Pixels.level(v * 255));
        int next = 0;
        for (int pass = 0; pass < passes; pass++) {
            for (int y = x.height() - d; y > d; y--) {
                for (int column = x.width() - d; column > d; column--) {
                    int dx = shifts[next++];
                    int dy = shifts[next++];
                    System.arraycopy(
                            q.values(), q.index(y + dy, column + dx), q.values(), q.index(y, column), q.channels());
                }
            }
        }
        return Filters.blur(q.map(v -> v / 255), c[0]).map(v -> v * 255);
    }

    /** ImageMagick's, of radius c₀ and σ c₁, at an angle of up to 45 degrees. */
    static Pixels motion(Pixels x, double[] c, Fields fields) {
        double angle = 45 * fields.signed("angle", 1)[0];
        return Filters.motion(x.map(v -> v * 255), c[0], c[1], angle).map(v -> v + Filters.SIXTEEN_BITS);
    }

    /** The mean of the image and of its enlargements by 1, 1 + c₁, … below c₀. */
    static Pixels zoom(Pixels x, double[] c, Fields fields) {
        // as numpy's arange(1, stop, step) counts in double: rounding lets the stop in at some severities
        int count = (int) Math.ceil((c[0] - 1) / c[1]);
        double step = 1 + c[1] - 1;
        Pixels sum = x.like();
        for (int i = 0; i < count; i++) {
            Pixels zoomed = Filters.zoom(x, 1 + i * step);
            for (int j = 0; j < sum.values().length; j++) {
                sum.values()[j] += zoomed.values()[j];
            }
        }
        Pixels y = x.like();
        for (int j = 0; j < sum.values().length; j++) {
            y.values()[j] = (x.values()[j] + sum.values()[j]) / (count + 1) * 255;
        }
        return y;
    }
}
