package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Target;
import dev.canonica.tensor.Philox;

/**
 * The Square attack's changes by L2 (arXiv 1912.00049, Section 3.4). A pattern η of side s is two pyramids of opposite sign side by side, ‖η‖ = 1. At first the image is tiled with
 * patterns, five a side. Then mass moves between two windows W₁ and W₂ of a size:
 *
 * <pre>
 *   ν = ±η + δ|W₁ / ‖δ|W₁‖  in each channel, scaled to the length  √(max(ε² − ‖δ‖², 0) / C + ‖δ|W₁∪W₂‖²)
 *   δ ← 0 in W₂, ν in W₁, and then all of it to length ε
 * </pre>
 */
record SquareL2(Target target) implements SquareWindows {
    private static final double TINY = 1e-12;
    private static final int TILES = 5;
    private static final int LEAST_SIDE = 3;

    /** Words of a query's stream that signs of channels begin at; corners and the way a pattern lies come before. */
    private static final long SIGNS = 16;

    @Override
    public float[] first(Philox random) {
        int h = target.height();
        int w = target.width();
        int side = Math.max(1, Math.min(h, w) / TILES);
        double[] delta = new double[target.image().length];
        int tile = 0;
        for (int top = margin(h, side); top + side <= h; top += side) {
            for (int left = margin(w, side); left + side <= w; left += side) {
                Philox own = random.child(tile++);
                double[][] eta = eta(side, own.word(0) < 0);
                for (int c = 0; c < target.channels(); c++) {
                    double sign = SquareLinf.sign(own, SIGNS + c);
                    for (int i = 0; i < side; i++) {
                        for (int j = 0; j < side; j++) {
                            delta[at(c, top + i, left + j)] += sign * eta[i][j];
                        }
                    }
                }
            }
        }
        return point(delta);
    }

    @Override
    public float[] changed(float[] best, double share, Philox random) {
        int h = target.height();
        int w = target.width();
        int channels = target.channels();
        int side = side(share);
        int top = SquareLinf.corner(random, 0, h - side);
        int left = SquareLinf.corner(random, 1, w - side);
        int top2 = SquareLinf.corner(random, 2, h - side);
        int left2 = SquareLinf.corner(random, 3, w - side);
        double[] delta = delta(best);
        double squares = 0;
        for (double d : delta) {
            squares += d * d;
        }
        double eps = target.budget().eps();
        double free = Math.max(eps * eps - squares, 0) / channels;
        double[][] eta = eta(side, random.word(8) < 0);
        double[][] changes = new double[channels][side * side];
        for (int c = 0; c < channels; c++) {
            double first = squares(delta, c, top, left, side);
            double both = first + squares(delta, c, top2, left2, side) - common(delta, c, top, left, top2, left2, side);
            double sign = SquareLinf.sign(random, SIGNS + c);
            double length = 0;
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++) {
                    double old = delta[at(c, top + i, left + j)] / (TINY + Math.sqrt(first));
                    double change = sign * eta[i][j] + old;
                    changes[c][i * side + j] = change;
                    length += change * change;
                }
            }
            double scale = Math.sqrt(free + Math.max(both, 0)) / (TINY + Math.sqrt(length));
            for (int k = 0; k < side * side; k++) {
                changes[c][k] *= scale;
            }
        }
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++) {
                    delta[at(c, top2 + i, left2 + j)] = 0;
                }
            }
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++) {
                    delta[at(c, top + i, left + j)] = changes[c][i * side + j];
                }
            }
        }
        return point(delta);
    }

    /** Where the first tile begins on an axis of n values: five tiles lie in the middle of the shorter axis, as in the reference, and as many as there is room for on a longer one. */
    private int margin(int n, int side) {
        int tiles = n == Math.min(target.height(), target.width()) ? TILES : n / side;
        return Math.max(0, (n - side * tiles) / 2);
    }

    /** Odd, so that a pattern has a middle, and at least 3. */
    private int side(double share) {
        int side = (int) Math.max(Math.rint(Math.sqrt(share * target.height() * target.width())), LEAST_SIDE);
        side += side % 2 == 0 ? 1 : 0;
        return Math.min(side, Math.min(target.height(), target.width()));
    }

    private int at(int c, int i, int j) {
        return (c * target.height() + i) * target.width() + j;
    }

    private double[] delta(float[] z) {
        double[] delta = new double[z.length];
        for (int i = 0; i < z.length; i++) {
            delta[i] = (double) z[i] - target.image()[i];
        }
        return delta;
    }

    private double squares(double[] delta, int c, int top, int left, int side) {
        return common(delta, c, top, left, top, left, side);
    }

    /** Σ δ² where two windows overlap. */
    private double common(double[] delta, int c, int top, int left, int top2, int left2, int side) {
        double squares = 0;
        for (int i = Math.max(top, top2); i < Math.min(top, top2) + side; i++) {
            for (int j = Math.max(left, left2); j < Math.min(left, left2) + side; j++) {
                double d = delta[at(c, i, j)];
                squares += d * d;
            }
        }
        return squares;
    }

    /** x + ε δ / ‖δ‖, in the box. */
    private float[] point(double[] delta) {
        double squares = 0;
        for (double d : delta) {
            squares += d * d;
        }
        double scale = target.budget().eps() / (Math.sqrt(squares) + TINY);
        float[] z = new float[delta.length];
        for (int i = 0; i < z.length; i++) {
            z[i] = (float) Math.min(1, Math.max(0, target.image()[i] + scale * delta[i]));
        }
        return z;
    }

    /** The pattern of a side, or the same with rows and columns exchanged; of side 1 it is 1. */
    static double[][] eta(int side, boolean transposed) {
        int half = side / 2;
        double[][] upper = pyramid(half, side);
        double[][] lower = pyramid(side - half, side);
        double[][] eta = new double[side][side];
        double squares = 0;
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                double v = i < half ? upper[i][j] : -lower[i - half][j];
                squares += v * v;
                if (transposed) {
                    eta[j][i] = v;
                } else {
                    eta[i][j] = v;
                }
            }
        }
        double scale = 1 / Math.sqrt(squares);
        for (double[] row : eta) {
            for (int j = 0; j < side; j++) {
                row[j] *= scale;
            }
        }
        return eta;
    }

    /** Σ of 1 / (m + 1)² over rectangles of 2m + 1 around a middle, m = 0, 1, …, of length 1. */
    private static double[][] pyramid(int height, int width) {
        double[][] sum = new double[height][width];
        if (height == 0) {
            return sum;
        }
        int reach = Math.max(height / 2, width / 2) + 1;
        double squares = 0;
        for (int i = 0; i < height; i++) {
            for (int j = 0; j < width; j++) {
                int ring = Math.max(Math.abs(i - height / 2), Math.abs(j - width / 2));
                for (int m = ring; m < reach; m++) {
                    sum[i][j] += 1.0 / ((m + 1) * (m + 1));
                }
                squares += sum[i][j] * sum[i][j];
            }
        }
        for (double[] row : sum) {
            for (int j = 0; j < width; j++) {
                row[j] /= Math.sqrt(squares);
            }
        }
        return sum;
    }
}
