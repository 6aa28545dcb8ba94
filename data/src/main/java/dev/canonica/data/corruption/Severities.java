package dev.canonica.data.corruption;

/** The parameters of each corruption at severities 1 … 5, as published for CIFAR-10-C and for ImageNet-C. */
final class Severities {
    private Severities() {}

    /**
     * A copy of the parameters of a severity, in the published order.
     *
     * @param severity 1 … 5
     */
    static double[] parameters(Table table, Corruption corruption, int severity) {
        if (severity < 1 || severity > Corruption.SEVERITIES) {
            throw new IllegalArgumentException("a severity of 1 to " + Corruption.SEVERITIES + ", not " + severity);
        }
        double[][] all = switch (table) {
            case CIFAR -> cifar(corruption);
            case IMAGENET -> imagenet(corruption);
        };
        return all[severity - 1];
    }

    private static double[][] cifar(Corruption corruption) {
        return switch (corruption) {
            case GAUSSIAN_NOISE -> each(0.04, 0.06, 0.08, 0.09, 0.10); // σ
            case SHOT_NOISE -> each(500, 250, 100, 75, 50); // photons at 1
            case IMPULSE_NOISE -> each(0.01, 0.02, 0.03, 0.05, 0.07); // share of values
            case SPECKLE_NOISE -> each(0.06, 0.10, 0.12, 0.16, 0.20); // σ
            case GAUSSIAN_BLUR -> each(0.4, 0.6, 0.7, 0.8, 1); // σ
            // σ, greatest shift, passes
            case GLASS_BLUR -> new double[][] {{0.05, 1, 1}, {0.25, 1, 1}, {0.4, 1, 1}, {0.25, 1, 2}, {0.4, 1, 2}};
            // radius, σ of its edge
            case DEFOCUS_BLUR -> new double[][] {{0.3, 0.4}, {0.4, 0.5}, {0.5, 0.6}, {1, 0.2}, {1.5, 0.1}};
            // radius, σ
            case MOTION_BLUR -> new double[][] {{6, 1}, {6, 1.5}, {6, 2}, {8, 2}, {9, 2.5}};
            // end and step of the factors
            case ZOOM_BLUR -> new double[][] {{1.06, 0.01}, {1.11, 0.01}, {1.16, 0.01}, {1.21, 0.01}, {1.26, 0.01}};
            // mean, σ, zoom, threshold, radius and σ of the motion, what is left of the image
            case SNOW ->
                new double[][] {
                    {0.1, 0.2, 1, 0.6, 8, 3, 0.95},
                    {0.1, 0.2, 1, 0.5, 10, 4, 0.9},
                    {0.15, 0.3, 1.75, 0.55, 10, 4, 0.9},
                    {0.25, 0.3, 2.25, 0.6, 12, 6, 0.85},
                    {0.3, 0.3, 1.25, 0.65, 14, 12, 0.8}
                };
            // weights of image and frost; how many times smaller the texture is
            case FROST -> new double[][] {{1, 0.2, 4}, {1, 0.3, 4}, {0.9, 0.4, 4}, {0.85, 0.4, 4}, {0.75, 0.45, 4}};
            // strength, decay of the wobble
            case FOG -> new double[][] {{0.2, 3}, {0.5, 3}, {0.75, 2.5}, {1, 2}, {1.5, 1.75}};
            case BRIGHTNESS -> each(0.05, 0.10, 0.15, 0.20, 0.30); // added to V
            case CONTRAST -> each(0.75, 0.5, 0.4, 0.3, 0.15); // factor
            // displacement: size and σ; how far three points move
            case ELASTIC_TRANSFORM ->
                new double[][] {
                    {0, 0, 32 * 0.08},
                    {32 * 0.05, 32 * 0.2, 32 * 0.07},
                    {32 * 0.08, 32 * 0.06, 32 * 0.06},
                    {32 * 0.1, 32 * 0.04, 32 * 0.05},
                    {32 * 0.1, 32 * 0.03, 32 * 0.03}
                };
            case PIXELATE -> each(0.95, 0.9, 0.85, 0.75, 0.65); // scale
            case JPEG_COMPRESSION -> each(80, 65, 58, 50, 40); // quality
            // mean, σ, σ of the blur, threshold, strength (water) or σ (mud), 0 water or 1 mud
            case SPATTER ->
                new double[][] {
                    {0.62, 0.1, 0.7, 0.7, 0.5, 0},
                    {0.65, 0.1, 0.8, 0.7, 0.5, 0},
                    {0.65, 0.3, 1, 0.69, 0.5, 0},
                    {0.65, 0.1, 0.7, 0.69, 0.6, 1},
                    {0.65, 0.1, 0.5, 0.68, 0.6, 1}
                };
            // factor of S, added to S
            case SATURATE -> new double[][] {{0.3, 0}, {0.1, 0}, {1.5, 0}, {2, 0.1}, {2.5, 0.2}};
        };
    }

    private static double[][] imagenet(Corruption corruption) {
        return switch (corruption) {
            case GAUSSIAN_NOISE -> each(0.08, 0.12, 0.18, 0.26, 0.38);
            case SHOT_NOISE -> each(60, 25, 12, 5, 3);
            case IMPULSE_NOISE -> each(0.03, 0.06, 0.09, 0.17, 0.27);
            case SPECKLE_NOISE -> each(0.15, 0.2, 0.35, 0.45, 0.6);
            case GAUSSIAN_BLUR -> each(1, 2, 3, 4, 6);
            case GLASS_BLUR -> new double[][] {{0.7, 1, 2}, {0.9, 2, 1}, {1, 2, 3}, {1.1, 3, 2}, {1.5, 4, 2}};
            case DEFOCUS_BLUR -> new double[][] {{3, 0.1}, {4, 0.5}, {6, 0.5}, {8, 0.5}, {10, 0.5}};
            case MOTION_BLUR -> new double[][] {{10, 3}, {15, 5}, {15, 8}, {15, 12}, {20, 15}};
            case ZOOM_BLUR -> new double[][] {{1.11, 0.01}, {1.16, 0.01}, {1.21, 0.02}, {1.26, 0.02}, {1.31, 0.03}};
            case SNOW ->
                new double[][] {
                    {0.1, 0.3, 3, 0.5, 10, 4, 0.8},
                    {0.2, 0.3, 2, 0.5, 12, 4, 0.7},
                    {0.55, 0.3, 4, 0.9, 12, 8, 0.7},
                    {0.55, 0.3, 4.5, 0.85, 12, 8, 0.65},
                    {0.55, 0.3, 2.5, 0.85, 12, 12, 0.55}
                };
            case FROST -> new double[][] {{1, 0.4, 1}, {0.8, 0.6, 1}, {0.7, 0.7, 1}, {0.65, 0.7, 1}, {0.6, 0.75, 1}};
            case FOG -> new double[][] {{1.5, 2}, {2, 2}, {2.5, 1.7}, {2.5, 1.5}, {3, 1.4}};
            case BRIGHTNESS -> each(0.1, 0.2, 0.3, 0.4, 0.5);
            case CONTRAST -> each(0.4, 0.3, 0.2, 0.1, 0.05);
            // 244, not 224: as published
            case ELASTIC_TRANSFORM ->
                new double[][] {
                    {244 * 2, 244 * 0.7, 244 * 0.1},
                    {244 * 2, 244 * 0.08, 244 * 0.2},
                    {244 * 0.05, 244 * 0.01, 244 * 0.02},
                    {244 * 0.07, 244 * 0.01, 244 * 0.02},
                    {244 * 0.12, 244 * 0.01, 244 * 0.02}
                };
            case PIXELATE -> each(0.6, 0.5, 0.4, 0.3, 0.25);
            case JPEG_COMPRESSION -> each(25, 18, 15, 10, 7);
            case SPATTER ->
                new double[][] {
                    {0.65, 0.3, 4, 0.69, 0.6, 0},
                    {0.65, 0.3, 3, 0.68, 0.6, 0},
                    {0.65, 0.3, 2, 0.68, 0.5, 0},
                    {0.65, 0.3, 1, 0.65, 1.5, 1},
                    {0.67, 0.4, 1, 0.65, 1.5, 1}
                };
            case SATURATE -> new double[][] {{0.3, 0}, {0.1, 0}, {2, 0}, {5, 0.1}, {20, 0.2}};
        };
    }

    private static double[][] each(double... values) {
        double[][] rows = new double[values.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[] {values[i]};
        }
        return rows;
    }
}
