package dev.canonica.data.set;

import dev.canonica.data.DataException;
import java.util.List;

/** A set without labels whose images are all of one class. */
public final class OneClass extends ImageSetView {
    private final List<String> classes;

    private OneClass(ImageSet all, String name) {
        super(all);
        this.classes = List.of(name);
    }

    /**
     * The set with that class.
     *
     * @throws DataException if it has classes already
     */
    public static ImageSet of(ImageSet all, String name) {
        if (!all.classes().isEmpty()) {
            throw new DataException("%s: has classes of its own, %s first"
                    .formatted(all.name(), all.classes().getFirst()));
        }
        return new OneClass(all, name);
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        return 0;
    }
}
