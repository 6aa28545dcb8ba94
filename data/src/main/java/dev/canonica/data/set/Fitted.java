package dev.canonica.data.set;

import dev.canonica.data.image.Image;
import dev.canonica.data.image.Resize;
import java.util.List;
import java.util.Optional;

/** A set whose images are cropped and resized ({@link Resize}) to another size, from what is stored; has masks if the set has. */
public sealed class Fitted extends ImageSetView {
    private final int height;
    private final int width;

    private Fitted(ImageSet all, int height, int width) {
        super(all);
        this.height = height;
        this.width = width;
    }

    /** The set itself if its images have this size. */
    public static ImageSet of(ImageSet all, int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("Fitted: %d x %d pixels".formatted(height, width));
        }
        if (all.height() == height && all.width() == width) {
            return all;
        }
        return all instanceof MaskedImageSet masked
                ? new Masked(masked, height, width)
                : new Fitted(all, height, width);
    }

    @Override
    public int height() {
        return height;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public Image image(int index) {
        return Resize.fit(unfitted(index), height, width);
    }

    private static final class Masked extends Fitted implements MaskedImageSet {
        private final MaskedImageSet all;

        private Masked(MaskedImageSet all, int height, int width) {
            super(all, height, width);
            this.all = all;
        }

        @Override
        public Image mask(int index) {
            return Resize.fit(all.mask(index), height(), width());
        }

        @Override
        public Optional<Image> behind(int index) {
            return all.behind(index).map(image -> Resize.fit(image, height(), width()));
        }

        @Override
        public List<String> backgrounds() {
            return all.backgrounds();
        }

        @Override
        public int background(int index) {
            return all.background(index);
        }
    }
}
