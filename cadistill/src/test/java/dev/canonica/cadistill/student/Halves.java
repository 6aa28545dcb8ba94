package dev.canonica.cadistill.student;

import dev.canonica.data.image.Image;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.tensor.Philox;
import java.util.List;

/** Images of 4 × 4 pixels, the left half of which is the object. */
record Halves(int size, int seed, int channels) implements MaskedImageSet {
    Halves(int size, int seed) {
        this(size, seed, 3);
    }

    @Override
    public String name() {
        return "halves";
    }

    @Override
    public int height() {
        return 4;
    }

    @Override
    public int width() {
        return 4;
    }

    @Override
    public List<String> classes() {
        return List.of("a", "b");
    }

    @Override
    public int label(int index) {
        return index % 2;
    }

    @Override
    public Image image(int index) {
        byte[] pixels = new byte[16 * channels];
        for (int p = 0; p < pixels.length; p++) {
            pixels[p] = (byte) new Philox(seed, index).bounded(p, 256);
        }
        return new Image(channels, 4, 4, pixels);
    }

    @Override
    public Image mask(int index) {
        byte[] mask = new byte[16];
        for (int p = 0; p < 16; p++) {
            mask[p] = (byte) (p % 4 < 2 ? 255 : 0);
        }
        return new Image(1, 4, 4, mask);
    }

    @Override
    public List<String> backgrounds() {
        return List.of("none");
    }

    @Override
    public int background(int index) {
        return 0;
    }
}
