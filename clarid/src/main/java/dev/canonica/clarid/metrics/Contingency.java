package dev.canonica.clarid.metrics;

import java.util.Arrays;

/**
 * How two labellings of the same n items meet: the table n_ij of items with label i in the first and j in the second,
 * its row sums a_i and column sums b_j. All measures of agreement are functions of it.
 */
final class Contingency {
    final int n;
    final int[] rowSums;
    final int[] columnSums;

    /** The entries that are not 0, one a position of these three. */
    final int[] rows;

    final int[] columns;
    final int[] counts;

    Contingency(int[] first, int[] second) {
        if (first.length != second.length) {
            throw new IllegalArgumentException(
                    "labels: both must name the same items: " + first.length + " and " + second.length);
        }
        Labels a = Labels.of(first);
        Labels b = Labels.of(second);
        n = first.length;
        rowSums = new int[a.count()];
        columnSums = new int[b.count()];
        long[] cells = new long[n];
        for (int i = 0; i < n; i++) {
            int row = a.ids()[i];
            int column = b.ids()[i];
            rowSums[row]++;
            columnSums[column]++;
            cells[i] = (long) row * b.count() + column;
        }
        long[] distinct = Arrays.stream(cells).sorted().distinct().toArray();
        rows = new int[distinct.length];
        columns = new int[distinct.length];
        counts = new int[distinct.length];
        for (int k = 0; k < distinct.length; k++) {
            rows[k] = (int) (distinct[k] / b.count());
            columns[k] = (int) (distinct[k] % b.count());
        }
        for (long cell : cells) {
            counts[Arrays.binarySearch(distinct, cell)]++;
        }
    }

    /** Whether the two part the items in the same way, whatever their names. */
    boolean samePartition() {
        return counts.length == rowSums.length && counts.length == columnSums.length;
    }

    /** I = Σ_ij n_ij/n ln(n n_ij / (a_i b_j)), in nats. */
    double mutualInformation() {
        double sum = 0;
        for (int k = 0; k < counts.length; k++) {
            double independent = (double) rowSums[rows[k]] * columnSums[columns[k]];
            sum += counts[k] * Math.log(counts[k] * (double) n / independent);
        }
        return Math.max(0, sum / n);
    }

    /** H = −Σ_i a_i/n ln(a_i/n), in nats, of the sums of rows or of columns. */
    double entropy(int[] sums) {
        double sum = 0;
        for (int count : sums) {
            sum -= count * Math.log((double) count / n);
        }
        return sum / n;
    }
}
