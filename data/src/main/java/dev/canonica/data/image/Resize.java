package dev.canonica.data.image;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/** Fits images into a given size: cropped at the centre to its proportions, then resampled. */
public final class Resize {

    private Resize() {}

    /**
     * The largest part of the image, centred, of the proportions {@code height} : {@code width}, resampled by a triangle
     * filter as wide as the reduction (bilinear where it enlarges), as Pillow's {@code BILINEAR} does.
     */
    public static Image fit(Image image, int height, int width) {
        if (image.height() == height && image.width() == width) {
            return image;
        }
        double scale = Math.min((double) image.height() / height, (double) image.width() / width);
        Taps rows = Taps.of(image.height(), height, scale);
        Taps columns = Taps.of(image.width(), width, scale);
        int channels = image.channels();

        float[] narrow = new float[image.height() * width * channels];
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    float sum = 0;
                    for (int k = 0; k < columns.count; k++) {
                        int from = (y * image.width() + columns.source(x, k)) * channels + c;
                        sum += columns.weight(x, k) * Byte.toUnsignedInt(image.pixels()[from]);
                    }
                    narrow[(y * width + x) * channels + c] = sum;
                }
            }
        }
        byte[] pixels = new byte[height * width * channels];
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < width * channels; i++) {
                float sum = 0;
                for (int k = 0; k < rows.count; k++) {
                    sum += rows.weight(y, k) * narrow[rows.source(y, k) * width * channels + i];
                }
                pixels[y * width * channels + i] = (byte) (int) (Math.clamp(sum, 0f, 255f) + 0.5f);
            }
        }
        return new Image(channels, height, width, pixels);
    }

    /** For every target index the sources that it averages, and their weights; weights outside of the image are 0. */
    private record Taps(int count, int limit, int[] first, float[] weights) {

        static Taps of(int from, int to, double scale) {
            double radius = Math.max(1, scale);
            int count = (int) Math.ceil(2 * radius) + 1;
            double start = (from - to * scale) / 2;
            int[] first = new int[to];
            float[] weights = new float[to * count];
            for (int i = 0; i < to; i++) {
                double centre = start + (i + 0.5) * scale - 0.5;
                first[i] = (int) Math.ceil(centre - radius);
                double total = 0;
                for (int k = 0; k < count; k++) {
                    total += triangle(first[i] + k, centre, radius, from);
                }
                for (int k = 0; k < count; k++) {
                    weights[i * count + k] = (float) (triangle(first[i] + k, centre, radius, from) / total);
                }
            }
            return new Taps(count, from - 1, first, weights);
        }

        private static double triangle(int source, double centre, double radius, int from) {
            return source < 0 || source >= from ? 0 : Math.max(0, 1 - Math.abs(source - centre) / radius);
        }

        int source(int target, int k) {
            return Math.clamp(first[target] + k, 0, limit);
        }

        float weight(int target, int k) {
            return weights[target * count + k];
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }
}
