package dev.canonica.clarid.metrics;

/**
 * How much an image varies inside a mask, which weighs each pixel: a strong pattern has much of both, a plain
 * background has little.
 */
public final class Variation {
    private Variation() {}

    /**
     * Total variation: the mean of |x_p − x_q| over the pairs p, q of pixels side by side or one above the other, each
     * weighted by m_p m_q, and over channels; 0 if the mask has no pair.
     *
     * @param mask [H, W] the weight of each pixel, 0 … 1, not all 0
     */
    public static double total(Pixels image, float[] mask) {
        image.requireMask("total variation", mask);
        double sum = 0;
        double weights = 0;
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < image.height(); y++) {
                for (int x = 0; x < image.width(); x++) {
                    int p = y * image.width() + x;
                    if (x + 1 < image.width()) {
                        double weight = (double) mask[p] * mask[p + 1];
                        sum += weight * step(image, c, p, p + 1);
                        weights += weight;
                    }
                    if (y + 1 < image.height()) {
                        double weight = (double) mask[p] * mask[p + image.width()];
                        sum += weight * step(image, c, p, p + image.width());
                        weights += weight;
                    }
                }
            }
        }
        return weights == 0 ? 0 : sum / weights;
    }

    private static double step(Pixels image, int channel, int p, int q) {
        int offset = channel * image.area();
        return Math.abs((double) image.values()[offset + p] - image.values()[offset + q]);
    }

    /**
     * The variance of the values under the mask's weights, around the mean of each channel, averaged over channels.
     *
     * @param mask [H, W] the weight of each pixel, 0 … 1, not all 0
     */
    public static double variance(Pixels image, float[] mask) {
        double weights = image.requireMask("variance", mask);
        double sum = 0;
        for (int c = 0; c < image.channels(); c++) {
            int offset = c * image.area();
            double mean = 0;
            for (int p = 0; p < mask.length; p++) {
                mean += (double) mask[p] * image.values()[offset + p];
            }
            mean /= weights;
            for (int p = 0; p < mask.length; p++) {
                double difference = image.values()[offset + p] - mean;
                sum += mask[p] * difference * difference;
            }
        }
        return sum / (weights * image.channels());
    }
}
