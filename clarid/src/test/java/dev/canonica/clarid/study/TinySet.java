package dev.canonica.clarid.study;

import dev.canonica.data.image.Image;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.tensor.Philox;
import java.util.List;

/** Grey 4 × 4 images, random left halves as objects over random backgrounds. */
public record TinySet(int size, int classCount) implements MaskedImageSet {
    @Override
    public String name() {
        return "tiny";
    }

    @Override
    public int channels() {
        return 1;
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
        return List.of("a", "b", "c").subList(0, classCount);
    }

    @Override
    public int label(int index) {
        return index % 2;
    }

    @Override
    public Image image(int index) {
        byte[] pixels = new byte[16];
        Philox random = new Philox(9, index);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.bounded(i, 256);
        }
        return new Image(1, 4, 4, pixels);
    }

    @Override
    public Image mask(int index) {
        byte[] pixels = new byte[16];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i % 4 < 2 ? 255 : 0);
        }
        return new Image(1, 4, 4, pixels);
    }

    @Override
    public List<String> backgrounds() {
        return List.of("stripes", "flat");
    }

    @Override
    public int background(int index) {
        return index % 2;
    }
}
