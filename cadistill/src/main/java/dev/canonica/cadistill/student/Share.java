package dev.canonica.cadistill.student;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A part of a set that has the set's classes in the set's proportions, drawn at random. */
final class Share {
    private Share() {}

    /**
     * Draws images. A smaller number of the same seed is a part of a greater one, but for what rounding gives to classes.
     *
     * @param labels the class of each image
     * @param count how many are wanted, at least 1; each class gets its proportion, rounded down, and what is left goes to the largest remainders
     * @return indices, ascending
     * @throws ModelException if there are not so many
     */
    static int[] stratified(int[] labels, int count, long seed) {
        if (count < 1 || count > labels.length) {
            throw new ModelException("share: %d of %d images".formatted(count, labels.length));
        }
        Map<Integer, List<Integer>> classes = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            classes.computeIfAbsent(labels[i], c -> new ArrayList<>()).add(i);
        }
        Map<Integer, Integer> quotas = quotas(classes, count, labels.length);
        int[] drawn = new int[count];
        int at = 0;
        for (Map.Entry<Integer, List<Integer>> of : classes.entrySet()) {
            List<Integer> all = of.getValue();
            int[] order = new Philox(seed).child(of.getKey()).permutation(all.size());
            int quota = quotas.getOrDefault(of.getKey(), 0);
            for (int i = 0; i < quota; i++) {
                drawn[at++] = all.get(order[i]);
            }
        }
        Arrays.sort(drawn);
        return drawn;
    }

    private static Map<Integer, Integer> quotas(Map<Integer, List<Integer>> classes, int count, int all) {
        Map<Integer, Integer> quotas = new TreeMap<>();
        Map<Integer, Long> remainders = new TreeMap<>();
        int given = 0;
        for (Map.Entry<Integer, List<Integer>> of : classes.entrySet()) {
            long product = (long) count * of.getValue().size();
            quotas.put(of.getKey(), (int) (product / all));
            remainders.put(of.getKey(), product % all);
            given += (int) (product / all);
        }
        List<Integer> byRemainder = new ArrayList<>(remainders.keySet());
        byRemainder.sort((a, b) -> Long.compare(remainders.getOrDefault(b, 0L), remainders.getOrDefault(a, 0L)));
        for (int i = 0; i < count - given; i++) {
            quotas.merge(byRemainder.get(i), 1, Integer::sum);
        }
        return quotas;
    }
}
