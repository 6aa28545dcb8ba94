package dev.canonica.cadistill.student;

import dev.canonica.models.training.ImageSource;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;

/** Noise, brighter above in images of class 0, below in those of class 1, and on the left in those of class 2. */
record Blots(int size, long seed) implements ImageSource {
    static final int SIDE = 8;

    @Override
    public Shape shape() {
        return Shape.of(3, SIDE, SIDE);
    }

    @Override
    public int label(int i) {
        return i % 3;
    }

    @Override
    public void copy(int i, float[] out, int offset) {
        Philox noise = new Philox(seed, i);
        for (int p = 0; p < 3 * SIDE * SIDE; p++) {
            int y = p / SIDE % SIDE;
            int x = p % SIDE;
            boolean bright = switch (label(i)) {
                case 0 -> y < SIDE / 2;
                case 1 -> y >= SIDE / 2;
                default -> x < SIDE / 2;
            };
            out[offset + p] = Math.clamp(0.3f * (float) noise.normal(p) + (bright ? 0.4f : -0.4f), -1f, 1f);
        }
    }

    /** What stands beside every third image or so: half of it, and features that know its class. */
    CanonicalSet companions(int count) {
        int[] images = new int[count];
        float[][] samples = new float[count][3 * SIDE * SIDE];
        float[][] features = new float[count][5];
        for (int j = 0; j < count; j++) {
            images[j] = j * size / count;
            copy(images[j], samples[j], 0);
            for (int p = 0; p < samples[j].length; p++) {
                samples[j][p] /= 2;
            }
            for (int c = 0; c < features[j].length; c++) {
                features[j][c] = (float) new Philox(seed, 1000 + j).normal(c) + (c == label(images[j]) ? 2 : 0);
            }
        }
        return new CanonicalSet(images, samples, features, Shape.of(5));
    }
}
