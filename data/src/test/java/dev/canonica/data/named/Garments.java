package dev.canonica.data.named;

import dev.canonica.data.image.Image;
import dev.canonica.data.set.ImageSet;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.List;

/** Made-up garments, so that the tests need no data set: class c is a box whose proportions depend on c. */
public record Garments(int size, List<String> classes) implements ImageSet {

    public Garments(int size) {
        this(size, FashionMnist.CLASSES);
    }

    public static Garments ofClasses(int size, int count) {
        List<String> names = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            names.add("class-" + c);
        }
        return new Garments(size, names);
    }

    @Override
    public String name() {
        return "garments";
    }

    @Override
    public int channels() {
        return 1;
    }

    @Override
    public int height() {
        return Scenes.GARMENT;
    }

    @Override
    public int width() {
        return Scenes.GARMENT;
    }

    @Override
    public int label(int index) {
        return (index * 7 + 3) % classes.size();
    }

    @Override
    public Image image(int index) {
        Philox random = new Philox(1, index);
        byte[] grey = new byte[Scenes.GARMENT * Scenes.GARMENT];
        int left = 4 + label(index);
        for (int y = 2; y < 26; y++) {
            for (int x = left; x < 24; x++) {
                int i = y * Scenes.GARMENT + x;
                grey[i] = (byte) random.bounded(i, 256);
            }
        }
        return new Image(1, Scenes.GARMENT, Scenes.GARMENT, grey);
    }
}
