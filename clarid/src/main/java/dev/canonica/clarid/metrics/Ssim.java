package dev.canonica.clarid.metrics;

import java.util.Arrays;

/**
 * Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004, doi 10.1109/TIP.2003.819861): 1 for the same image,
 *
 * <pre>
 *   ssim = (2 μ_x μ_y + C₁)(2 σ_xy + C₂) / ((μ_x² + μ_y² + C₁)(σ_x² + σ_y² + C₂)),   C₁ = (0.01 L)², C₂ = (0.03 L)²
 * </pre>
 *
 * with means, variances and covariance under a Gaussian window of 11 × 11 pixels, σ = 1.5, around each pixel, L the
 * range of the values; averaged over pixels and channels.
 *
 * <p>Inside a mask, the windows and the average count each pixel by its weight. Nothing outside of the mask has an
 * influence: a garment that stays the same has 1 whatever becomes of the background. Windows that reach over the
 * image's border are taken as far as the image goes.
 */
public final class Ssim {
    private static final int RADIUS = 5;
    private static final double SIGMA = 1.5;
    private static final double[] WINDOW = window();

    private Ssim() {}

    /**
     * Over the whole image.
     *
     * @param range the greatest minus the smallest possible value: 2 for images in [−1, 1]
     */
    public static double of(Pixels x, Pixels y, double range) {
        float[] everywhere = new float[x.area()];
        Arrays.fill(everywhere, 1);
        return inside(x, y, everywhere, range);
    }

    /**
     * Inside a mask.
     *
     * @param mask [H, W] the weight of each pixel, 0 … 1, not all 0
     * @param range the greatest minus the smallest possible value: 2 for images in [−1, 1]
     */
    public static double inside(Pixels x, Pixels y, float[] mask, double range) {
        x.requireLike("ssim", y);
        double weights = x.requireMask("ssim", mask);
        double[] covered = new double[x.area()];
        Arrays.setAll(covered, p -> mask[p]);
        covered = blur(covered, x.height(), x.width());
        double sum = 0;
        for (int c = 0; c < x.channels(); c++) {
            sum += channel(x, y, c * x.area(), mask, covered, range);
        }
        return sum / (weights * x.channels());
    }

    /** Σ_p mask_p ssim_p of one channel, which starts at {@code offset}. */
    private static double channel(Pixels x, Pixels y, int offset, float[] mask, double[] covered, double range) {
        int area = x.area();
        double[] meanX = new double[area];
        double[] meanY = new double[area];
        double[] meanXx = new double[area];
        double[] meanYy = new double[area];
        double[] meanXy = new double[area];
        for (int p = 0; p < area; p++) {
            double u = x.values()[offset + p];
            double v = y.values()[offset + p];
            meanX[p] = mask[p] * u;
            meanY[p] = mask[p] * v;
            meanXx[p] = mask[p] * u * u;
            meanYy[p] = mask[p] * v * v;
            meanXy[p] = mask[p] * u * v;
        }
        meanX = blur(meanX, x.height(), x.width());
        meanY = blur(meanY, x.height(), x.width());
        meanXx = blur(meanXx, x.height(), x.width());
        meanYy = blur(meanYy, x.height(), x.width());
        meanXy = blur(meanXy, x.height(), x.width());

        double c1 = Math.pow(0.01 * range, 2);
        double c2 = Math.pow(0.03 * range, 2);
        double sum = 0;
        for (int p = 0; p < area; p++) {
            if (mask[p] > 0) {
                double muX = meanX[p] / covered[p];
                double muY = meanY[p] / covered[p];
                double varianceX = meanXx[p] / covered[p] - muX * muX;
                double varianceY = meanYy[p] / covered[p] - muY * muY;
                double covariance = meanXy[p] / covered[p] - muX * muY;
                sum += mask[p]
                        * ((2 * muX * muY + c1) * (2 * covariance + c2))
                        / ((muX * muX + muY * muY + c1) * (varianceX + varianceY + c2));
            }
        }
        return sum;
    }

    /**
     * The sums under the window around each pixel, with nothing outside of the image: along rows, then along columns.
     */
    private static double[] blur(double[] plane, int height, int width) {
        double[] alongRows = new double[plane.length];
        double[] blurred = new double[plane.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int k = Math.max(-RADIUS, -x); k <= Math.min(RADIUS, width - 1 - x); k++) {
                    alongRows[y * width + x] += WINDOW[RADIUS + k] * plane[y * width + x + k];
                }
            }
        }
        for (int y = 0; y < height; y++) {
            for (int k = Math.max(-RADIUS, -y); k <= Math.min(RADIUS, height - 1 - y); k++) {
                for (int x = 0; x < width; x++) {
                    blurred[y * width + x] += WINDOW[RADIUS + k] * alongRows[(y + k) * width + x];
                }
            }
        }
        return blurred;
    }

    private static double[] window() {
        double[] window = new double[2 * RADIUS + 1];
        Arrays.setAll(window, i -> Math.exp(-(i - RADIUS) * (i - RADIUS) / (2 * SIGMA * SIGMA)));
        double sum = Arrays.stream(window).sum();
        Arrays.setAll(window, i -> window[i] / sum);
        return window;
    }
}
