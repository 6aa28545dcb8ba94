package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** Where the elements lie that an index along one axis means. */
public final class AxisIndex {
    private AxisIndex() {}

    /**
     * The places, in a dense array of shape {@code s}, of the elements that an index along an axis means: of element (i, j, …) of the index, with axis 1 for
     * an example, that of (i, index[i, j, …], …).
     *
     * @param operation for messages
     * @param s the array's shape
     * @param index I64, of s's rank, its extents at most those of s but for the axis
     * @return the places, as a Java array in the order of the index
     * @throws IllegalArgumentException if the index is of another type or rank, greater than s, or has an element outside of the axis
     */
    public static long[] places(String operation, Shape s, int axis, Tensor index) {
        int a = s.axis(axis);
        if (index.dtype() != DType.I64 || !fits(s, a, index.shape())) {
            throw new IllegalArgumentException(operation + ": I64 indices along axis " + axis + " of " + s
                    + " needed, no greater than that beside the axis, not " + index.described());
        }
        long[] place = index.toLongs();
        int rank = s.rank();
        int[] at = new int[rank];
        for (int i = 0; i < place.length; i++) {
            if (place[i] < 0 || place[i] >= s.dim(a)) {
                throw new IllegalArgumentException(
                        operation + ": index " + place[i] + " does not lie in [0, " + s.dim(a) + ")");
            }
            long p = 0;
            for (int d = 0; d < rank; d++) {
                p = p * s.dim(d) + (d == a ? place[i] : at[d]);
            }
            place[i] = p;
            for (int d = rank - 1; d >= 0 && ++at[d] == index.dim(d); d--) {
                at[d] = 0;
            }
        }
        return place;
    }

    private static boolean fits(Shape s, int axis, Shape index) {
        if (index.rank() != s.rank()) {
            return false;
        }
        for (int d = 0; d < s.rank(); d++) {
            if (d != axis && index.dim(d) > s.dim(d)) {
                return false;
            }
        }
        return true;
    }
}
