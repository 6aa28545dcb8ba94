package dev.canonica.data.set;

import dev.canonica.data.image.Image;
import java.util.List;
import java.util.Map;

/** A set seen in another way: whatever a view does not change is that of the set behind it, image {@link #in} for image. */
abstract class ImageSetView implements ImageSet {
    private final ImageSet all;

    ImageSetView(ImageSet all) {
        this.all = all;
    }

    /** The index in the set behind of image {@code index} of this one. */
    int in(int index) {
        return index;
    }

    @Override
    public String name() {
        return all.name();
    }

    @Override
    public int size() {
        return all.size();
    }

    @Override
    public int channels() {
        return all.channels();
    }

    @Override
    public int height() {
        return all.height();
    }

    @Override
    public int width() {
        return all.width();
    }

    @Override
    public List<String> classes() {
        return all.classes();
    }

    @Override
    public int label(int index) {
        return all.label(in(index));
    }

    @Override
    public Image image(int index) {
        return all.image(in(index));
    }

    @Override
    public Image unfitted(int index) {
        return all.unfitted(in(index));
    }

    @Override
    public String id(int index) {
        return all.id(in(index));
    }

    @Override
    public Map<String, String> attributes(int index) {
        return all.attributes(in(index));
    }

    @Override
    public void close() {
        all.close();
    }
}
