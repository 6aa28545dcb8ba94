package dev.canonica.tensor.io;

import dev.canonica.tensor.Shape;
import java.util.List;

/** Shapes as files state them, checked before anything is allocated. */
final class Extents {
    /** As many axes as NumPy allows. */
    private static final int MAX_RANK = 64;

    private Extents() {}

    /**
     * The shape with these extents, of a tensor that this machine can address.
     *
     * @param where the file and the tensor, for the message
     * @param size bytes of an element of this type
     */
    static Shape shape(String where, String type, int size, List<Long> extents) {
        if (extents.size() > MAX_RANK) {
            throw new FormatException(where + ": " + extents.size() + " axes; at most " + MAX_RANK + " are possible");
        }
        int[] dims = new int[extents.size()];
        long bytes = size;
        for (int i = 0; i < dims.length; i++) {
            long extent = extents.get(i);
            if (extent < 0 || extent > Integer.MAX_VALUE) {
                throw new FormatException(
                        where + ": shape " + extents + ": an extent lies in [0, " + Integer.MAX_VALUE + "]");
            }
            dims[i] = (int) extent;
            if (extent > 0) { // zeros left out: the product of the others must not overflow either
                if (bytes > Long.MAX_VALUE / 4 / extent) {
                    throw new FormatException(
                            where + ": shape " + extents + " of " + type + " is larger than any file");
                }
                bytes *= extent;
            }
        }
        return Shape.of(dims);
    }
}
