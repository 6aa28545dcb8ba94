package dev.canonica.data.corruption;

import dev.canonica.data.image.Image;

/** The five measures of the golden cases, of a corrupted image against the clean one, on levels 0 … 255. */
final class Likeness {
    static final int MEASURES = 5;
    private static final int WINDOW = 7;
    private static final double C1 = 6.5025;
    private static final double C2 = 58.5225;

    private Likeness() {}

    /** mean_change, std_change, changed_fraction, mse, ssim. */
    static double[] of(Image clean, Image corrupted) {
        int n = clean.pixels().length;
        double sum = 0;
        double squares = 0;
        int changed = 0;
        for (int i = 0; i < n; i++) {
            int d = (corrupted.pixels()[i] & 0xff) - (clean.pixels()[i] & 0xff);
            sum += d;
            squares += (double) d * d;
            changed += d == 0 ? 0 : 1;
        }
        double mean = sum / n;
        double mse = squares / n;
        return new double[] {mean, Math.sqrt(mse - mean * mean), (double) changed / n, mse, ssim(clean, corrupted)};
    }

    /** By sums over the rectangles above and left of each pixel. */
    private static double ssim(Image a, Image b) {
        int height = a.height();
        int width = a.width();
        int stride = width + 1;
        double total = 0;
        for (int c = 0; c < a.channels(); c++) {
            double[][] sums = new double[5][(height + 1) * stride];
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double p = a.at(y, x, c);
                    double q = b.at(y, x, c);
                    double[] values = {p, q, p * p, q * q, p * q};
                    int at = (y + 1) * stride + x + 1;
                    for (int k = 0; k < values.length; k++) {
                        sums[k][at] = values[k] + sums[k][at - 1] + sums[k][at - stride] - sums[k][at - stride - 1];
                    }
                }
            }
            for (int y = 0; y + WINDOW <= height; y++) {
                for (int x = 0; x + WINDOW <= width; x++) {
                    double[] m = new double[5];
                    int from = y * stride + x;
                    int to = from + WINDOW * stride;
                    for (int k = 0; k < m.length; k++) {
                        double[] s = sums[k];
                        m[k] = (s[to + WINDOW] - s[from + WINDOW] - s[to] + s[from]) / (WINDOW * WINDOW);
                    }
                    double va = m[2] - m[0] * m[0];
                    double vb = m[3] - m[1] * m[1];
                    double cov = m[4] - m[0] * m[1];
                    total += (2 * m[0] * m[1] + C1)
                            * (2 * cov + C2)
                            / ((m[0] * m[0] + m[1] * m[1] + C1) * (va + vb + C2));
                }
            }
        }
        return total / ((height - WINDOW + 1) * (width - WINDOW + 1) * a.channels());
    }
}
