package dev.canonica.data.set;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Images of one size, in a fixed order, with class labels where there are any. Every index can be asked for at any time,
 * from any thread.
 */
public interface ImageSet extends AutoCloseable {

    /** What this set is, for reports: {@code scenes:test}, or a path. */
    String name();

    /** The number of images. */
    int size();

    /** 1 (grey) or 3 (RGB), for every image. */
    int channels();

    /** Pixels from top to bottom, the same for every image. */
    int height();

    /** Pixels from left to right, the same for every image. */
    int width();

    /** The names of the classes, in the order of their numbers; empty if the images have no labels. */
    List<String> classes();

    /** The class of image {@code index}: an index into {@link #classes}, or −1 if there are none. */
    int label(int index);

    /**
     * Refuses images without classes, where they are needed.
     *
     * @param orElse what else the caller takes, after a comma; may be empty
     * @throws DataException if {@link #classes} is empty, saying what gives images their classes
     */
    default void requireClasses(String orElse) {
        if (classes().isEmpty()) {
            throw new DataException(name()
                    + ": the images have no classes; a folder for each class is needed, or labels.csv beside them with the columns file and class"
                    + orElse);
        }
    }

    /**
     * Image {@code index} at the set's size; not kept, so that whoever asks twice has it decoded twice.
     *
     * @throws DataException if its file is gone or damaged
     */
    Image image(int index);

    /** Image {@code index} as it is stored, before it is fitted to the size of the set; {@link #image} where nothing is fitted. */
    default Image unfitted(int index) {
        return image(index);
    }

    /** A name for image {@code index} that is unique in the set, for files and reports. */
    default String id(int index) {
        return String.format(Locale.ROOT, "%05d", index);
    }

    /** What more is known of image {@code index}: names and values, the same names for all; for tables. */
    default Map<String, String> attributes(int index) {
        return Map.of();
    }

    /** Shape [C, H, W] of every image. */
    default Shape shape() {
        return Shape.of(channels(), height(), width());
    }

    /** Floats per image: channels · height · width. */
    default int imageLength() {
        return channels() * height() * width();
    }

    /** Writes image {@code index} as [C, H, W] floats in [−1, 1] from {@code offset} on. */
    default void copyNormalized(int index, float[] dst, int offset) {
        image(index).copyNormalized(dst, offset);
    }

    /** Gives back open files. A set without any needs no closing. */
    @Override
    default void close() {}
}
