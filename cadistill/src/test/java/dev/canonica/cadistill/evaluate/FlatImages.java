package dev.canonica.cadistill.evaluate;

import dev.canonica.data.image.Image;
import dev.canonica.data.set.ImageSet;
import java.util.List;
import java.util.stream.IntStream;

/** Images whose classes follow one another, each of one grey with a stripe that says which it is. */
class FlatImages implements ImageSet {
    private final int size;
    private final int classes;
    private final int side;

    FlatImages(int size, int classes, int side) {
        this.size = size;
        this.classes = classes;
        this.side = side;
    }

    @Override
    public String name() {
        return "flat";
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int channels() {
        return 3;
    }

    @Override
    public int height() {
        return side;
    }

    @Override
    public int width() {
        return side;
    }

    @Override
    public List<String> classes() {
        return IntStream.range(0, classes).mapToObj(k -> "c" + k).toList();
    }

    @Override
    public int label(int i) {
        return i % classes;
    }

    @Override
    public Image image(int i) {
        byte[] pixels = new byte[3 * side * side];
        for (int p = 0; p < pixels.length; p++) {
            pixels[p] = (byte) (p / 3 % side == i % side ? 17 * i : 60 + 120 * label(i) / classes + p % 7 * (i % 5));
        }
        return new Image(3, side, side, pixels);
    }
}
