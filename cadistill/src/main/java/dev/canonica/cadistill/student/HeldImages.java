package dev.canonica.cadistill.student;

import dev.canonica.data.image.Image;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * The images of a set to learn from, with three channels. Each is kept in memory, a byte a value, when it was first asked for, so that training does not wait for files;
 * sets larger than a gigabyte are read again each time.
 */
public final class HeldImages implements ImageSource {
    private static final long LARGEST = 1L << 30;

    /** Channels of every image, also of grey ones. */
    public static final int CHANNELS = 3;

    private final ImageSet set;
    private final int[] labels;
    private final @Nullable Image[] held;

    /** The images of a set, whose labels are read at once. */
    public HeldImages(ImageSet set) {
        this.set = set;
        this.labels = new int[set.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = set.label(i);
        }
        long bytes = (long) set.size() * CHANNELS * set.height() * set.width();
        this.held = new Image[bytes <= LARGEST ? set.size() : 0];
    }

    @Override
    public int size() {
        return set.size();
    }

    @Override
    public Shape shape() {
        return Shape.of(CHANNELS, set.height(), set.width());
    }

    @Override
    public int label(int i) {
        return labels[i];
    }

    @Override
    public void copy(int i, float[] out, int offset) {
        image(i).copyNormalized(out, offset);
    }

    private Image image(int i) {
        if (held.length == 0) {
            return set.image(i).toRgb();
        }
        Image image = held[i];
        if (image == null) {
            image = set.image(i).toRgb();
            held[i] = image; // that two threads may both do so does not matter
        }
        return image;
    }
}
