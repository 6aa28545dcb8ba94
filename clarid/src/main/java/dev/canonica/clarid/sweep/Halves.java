package dev.canonica.clarid.sweep;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Two halves of the images: a setting is chosen on one and reported on the other. By class and number in turn, so that both have as many of each class.
 *
 * @param choice places of the images that settings are chosen by
 * @param report places of the images that numbers are given of
 */
record Halves(int[] choice, int[] report) {
    /** Of images of these classes. */
    static Halves of(int... labels) {
        List<Integer> order = IntStream.range(0, labels.length)
                .boxed()
                .sorted(Comparator.comparingInt(i -> labels[i]))
                .toList();
        return new Halves(each(order, 0), each(order, 1));
    }

    private static int[] each(List<Integer> order, int from) {
        return IntStream.range(0, order.size())
                .filter(i -> i % 2 == from)
                .map(order::get)
                .sorted()
                .toArray();
    }

    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
