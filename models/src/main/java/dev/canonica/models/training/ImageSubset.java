package dev.canonica.models.training;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import java.util.Arrays;

/** Some of the images of a source, in an order of their own. */
public final class ImageSubset implements ImageSource {
    /** The child of the stream of a seed that images to be held out are drawn from. */
    private static final int HELD_OUT = 11;

    private final ImageSource all;
    private final int[] chosen;

    private ImageSubset(ImageSource all, int[] chosen) {
        this.all = all;
        this.chosen = chosen;
    }

    /** The first {@code n} images. */
    public static ImageSource first(ImageSource all, int n) {
        return new ImageSubset(all, Arrays.copyOf(order(all.size(), n), n));
    }

    private static int[] order(int size, int n) {
        if (n < 0 || n > size) {
            throw new IllegalArgumentException(n + " of " + size + " images");
        }
        int[] order = new int[size];
        Arrays.setAll(order, i -> i);
        return order;
    }

    /**
     * Images that are held out, and the rest.
     *
     * @param learned what is left to learn from, in the order of the source
     * @param held those that are held out, in the order of the source
     */
    public record Split(ImageSource learned, ImageSource held) {}

    /** Holds {@code n} images out, drawn by a seed. */
    public static Split holdingOut(ImageSource all, int n, long seed) {
        order(all.size(), n);
        int[] drawn = new Philox(seed).child(HELD_OUT).permutation(all.size());
        int[] held = Arrays.copyOf(drawn, n);
        int[] rest = Arrays.copyOfRange(drawn, n, drawn.length);
        Arrays.sort(held);
        Arrays.sort(rest);
        return new Split(new ImageSubset(all, rest), new ImageSubset(all, held));
    }

    @Override
    public int size() {
        return chosen.length;
    }

    @Override
    public Shape shape() {
        return all.shape();
    }

    @Override
    public int label(int i) {
        return all.label(chosen[i]);
    }

    @Override
    public void copy(int i, float[] out, int offset) {
        all.copy(chosen[i], out, offset);
    }
}
