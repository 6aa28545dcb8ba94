package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Target;
import dev.canonica.tensor.Philox;

/**
 * The Square attack's changes by L∞ (arXiv 1912.00049, Section 3.3): vertical stripes of ±ε at first; then a window that all its values, channel by channel, go to
 * +ε or −ε in.
 */
record SquareLinf(Target target) implements SquareWindows {
    @Override
    public float[] first(Philox random) {
        float[] x = target.image();
        int h = target.height();
        int w = target.width();
        float eps = (float) target.budget().eps();
        float[] z = new float[x.length];
        for (int c = 0; c < target.channels(); c++) {
            for (int j = 0; j < w; j++) {
                float change = sign(random, (long) c * w + j) * eps;
                for (int i = 0; i < h; i++) {
                    int at = (c * h + i) * w + j;
                    z[at] = Math.min(1, Math.max(0, x[at] + change));
                }
            }
        }
        return z;
    }

    @Override
    public float[] changed(float[] best, double share, Philox random) {
        float[] x = target.image();
        int h = target.height();
        int w = target.width();
        int side = side(share);
        int top = corner(random, 0, h - side);
        int left = corner(random, 1, w - side);
        float eps = (float) target.budget().eps();
        float[] z = best.clone();
        for (int c = 0; c < target.channels(); c++) {
            float change = 2 * eps * sign(random, 4L + c);
            for (int i = top; i < top + side; i++) {
                for (int j = left; j < left + side; j++) {
                    int at = (c * h + i) * w + j;
                    float inBall = Math.min(x[at] + eps, Math.max(x[at] - eps, best[at] + change));
                    z[at] = Math.min(1, Math.max(0, inBall));
                }
            }
        }
        return z;
    }

    private int side(double share) {
        int side = (int) Math.max(Math.rint(Math.sqrt(share * target.height() * target.width())), 1);
        return Math.min(side, Math.min(target.height(), target.width()));
    }

    /** A corner in [0, room), or 0 where there is no room; from words 2i and 2i + 1 of the stream. */
    static int corner(Philox random, int i, int room) {
        return room < 1 ? 0 : random.bounded(i, room);
    }

    /** 1 or −1, from a word of the stream. */
    static float sign(Philox random, long word) {
        return random.word(word) < 0 ? -1 : 1;
    }
}
