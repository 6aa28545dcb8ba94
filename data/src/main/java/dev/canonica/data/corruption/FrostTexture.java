package dev.canonica.data.corruption;

import dev.canonica.tensor.Philox;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Frost on a window, computed: the published corruption lays photographs over the images, which are not ours to ship. Ice needles grow from seeds, six
 * arms with side branches at 60 degrees, over a cloudy ground, on a torus, so that every place of it is as good a corner as any other. It is the same
 * for every seed, image and severity.
 *
 * <p>Its mean over pixels and channels is {@link #MEAN}, by construction. The standard deviation of all its values is 0.155, of the texture a quarter the
 * size 0.143.
 */
final class FrostTexture {
    /** The mean μ of all values. */
    static final double MEAN = 0.5;

    private static final int SIDE = 512;
    private static final int CRYSTALS = 70;
    private static final Philox RANDOM = new Philox(0x46524f5354L);

    /** What each channel has of the brightness: bluish white. */
    private static final double[] TINT = {0.95, 1.0, 1.05};

    private static final ConcurrentMap<Integer, FrostTexture> TEXTURES = new ConcurrentHashMap<>();

    private final int side;
    private final double[] brightness;

    private FrostTexture(int side, double[] brightness) {
        this.side = side;
        this.brightness = brightness;
    }

    /** The texture, made smaller so many times (1, 2, 4, …) by means of squares. */
    static FrostTexture shrunk(int times) {
        return TEXTURES.computeIfAbsent(times, t -> new FrostTexture(SIDE / t, means(grown(), SIDE, t)));
    }

    /** Its height and width, after which it repeats. */
    int side() {
        return side;
    }

    /** The value in [0, 1] of a channel at any place. */
    double at(int y, int x, int channel) {
        return TINT[channel] * brightness[Math.floorMod(y, side) * side + Math.floorMod(x, side)];
    }

    private static double[] means(double[] all, int side, int times) {
        int small = side / times;
        double[] means = new double[small * small];
        for (int y = 0; y < small * times; y++) {
            for (int x = 0; x < small * times; x++) {
                means[y / times * small + x / times] += all[y * side + x] / (times * times);
            }
        }
        return means;
    }

    private static double[] grown() {
        double[] u = new double[SIDE * SIDE - 1];
        RANDOM.stream(0).uniforms(0, u);
        for (int i = 0; i < u.length; i++) {
            u[i] = 2 * u[i] - 1;
        }
        double[] cloud = Plasma.map(u, 1.4, SIDE);
        double[] needles = new double[SIDE * SIDE];
        Philox places = RANDOM.stream(1);
        for (int i = 0; i < CRYSTALS; i++) {
            double y = SIDE * places.uniformDouble(4L * i);
            double x = SIDE * places.uniformDouble(4L * i + 1);
            double turn = StrictMath.PI * places.uniformDouble(4L * i + 2);
            double length = SIDE * (0.06 + 0.12 * places.uniformDouble(4L * i + 3));
            for (int arm = 0; arm < 6; arm++) {
                branch(needles, y, x, turn + arm * StrictMath.PI / 3, length, 1, 2);
            }
        }
        double[] all = new double[SIDE * SIDE];
        double sum = 0;
        for (int i = 0; i < all.length; i++) {
            all[i] = Math.min(1, 0.15 + 0.6 * cloud[i] + 0.55 * needles[i]);
            sum += all[i];
        }
        // 1/1.05 is the most that the bluest channel allows; towards it or towards 0, so that the mean is MEAN
        double mean = sum / all.length;
        double most = 1 / TINT[2];
        for (int i = 0; i < all.length; i++) {
            all[i] = mean > MEAN ? all[i] * MEAN / mean : most - (most - all[i]) * (most - MEAN) / (most - mean);
        }
        return all;
    }

    /** A needle that fades towards its tip, with side branches. */
    private static void branch(
            double[] needles, double y, double x, double direction, double length, double strength, int order) {
        double dy = StrictMath.sin(direction);
        double dx = StrictMath.cos(direction);
        int steps = (int) (2 * length);
        int between = Math.max(6, steps / 7);
        for (int s = 0; s < steps; s++) {
            double left = 1 - (double) s / steps;
            double atY = y + s * dy / 2;
            double atX = x + s * dx / 2;
            dot(needles, atY, atX, strength * (0.35 + 0.65 * left));
            if (order > 0 && s > 0 && s % between == 0) {
                for (int side = -1; side <= 1; side += 2) {
                    double turned = direction + side * StrictMath.PI / 3;
                    branch(needles, atY, atX, turned, 0.45 * left * length, 0.8 * strength, order - 1);
                }
            }
        }
    }

    /** A soft dot of three pixels across. */
    private static void dot(double[] needles, double y, double x, double strength) {
        int top = (int) Math.floor(y) - 1;
        int left = (int) Math.floor(x) - 1;
        for (int row = top; row < top + 4; row++) {
            for (int column = left; column < left + 4; column++) {
                double square = (row - y) * (row - y) + (column - x) * (column - x);
                double light = strength * Math.max(0, 1 - square / 2.25);
                int at = Math.floorMod(row, SIDE) * SIDE + Math.floorMod(column, SIDE);
                needles[at] = Math.max(needles[at], light);
            }
        }
    }
}
