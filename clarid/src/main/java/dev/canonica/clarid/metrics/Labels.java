package dev.canonica.clarid.metrics;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * Labels as names: any integers, renamed 0, 1, … in ascending order, so that a smaller name keeps the smaller number.
 *
 * @param ids the number of each item's label, 0 … {@code names.length} − 1
 * @param names the name of each number, ascending
 */
public record Labels(int[] ids, long[] names) {

    /** Renames labels of any integers, gaps and negatives allowed. */
    public static Labels of(long[] labels) {
        long[] names = Arrays.stream(labels).sorted().distinct().toArray();
        int[] ids = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            ids[i] = Arrays.binarySearch(names, labels[i]);
        }
        return new Labels(ids, names);
    }

    /** Renames labels of any integers, gaps and negatives allowed. */
    public static Labels of(int[] labels) {
        return of(Arrays.stream(labels).asLongStream().toArray());
    }

    /** How many different labels there are. */
    public int count() {
        return names.length;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
