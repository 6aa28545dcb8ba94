package dev.canonica.data.set;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Some images of a set, in a given order; has masks if the set has. */
public sealed class Subset extends ImageSetView {
    private final int[] indices;

    private Subset(ImageSet all, int[] indices) {
        super(all);
        for (int index : indices) {
            if (index < 0 || index >= all.size()) {
                throw new DataException("%s: no image %d of %d".formatted(all.name(), index, all.size()));
            }
        }
        this.indices = indices.clone();
    }

    /** The images of the given indices; one may come more than once. */
    public static ImageSet of(ImageSet all, int... indices) {
        return all instanceof MaskedImageSet masked ? new Masked(masked, indices) : new Subset(all, indices);
    }

    /** The first {@code count} images, or all if there are fewer. */
    public static ImageSet first(ImageSet all, int count) {
        return from(all, 0, Math.min(count, all.size()));
    }

    /**
     * {@code count} images, from image {@code start} on.
     *
     * @throws DataException if there are not so many
     */
    public static ImageSet from(ImageSet all, int start, int count) {
        return of(all, IntStream.range(start, start + count).toArray());
    }

    /** The index in the whole set of image {@code index} of this one. */
    public int original(int index) {
        return indices[index];
    }

    @Override
    int in(int index) {
        return indices[index];
    }

    @Override
    public int size() {
        return indices.length;
    }

    private static final class Masked extends Subset implements MaskedImageSet {
        private final MaskedImageSet all;

        private Masked(MaskedImageSet all, int[] indices) {
            super(all, indices);
            this.all = all;
        }

        @Override
        public Image mask(int index) {
            return all.mask(original(index));
        }

        @Override
        public Optional<Image> behind(int index) {
            return all.behind(original(index));
        }

        @Override
        public List<String> backgrounds() {
            return all.backgrounds();
        }

        @Override
        public int background(int index) {
            return all.background(original(index));
        }
    }
}
