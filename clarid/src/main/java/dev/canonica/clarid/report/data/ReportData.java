package dev.canonica.clarid.report.data;

import java.util.List;

/**
 * All that a report shows.
 *
 * @param about what was done, with what, and how to do it again
 * @param measures the numbers that {@link Sample#values} may hold, in the order in which they are shown
 * @param k the number of directions removed that is shown first, 0 … the largest {@link Item#n}
 * @param items the images, at least one
 * @param tables numbers over all images that cannot be computed from the items: NMI, accuracies, times
 * @param notes what a reader must know before believing the rest: failures, warnings, remarks
 */
public record ReportData(
        About about, List<Measure> measures, int k, List<Item> items, List<Table> tables, List<Note> notes) {

    /**
     * Keeps copies, and checks that there is an item, that no two measures have one name, and that some item has {@code k} directions.
     *
     * @throws IllegalArgumentException if not
     */
    public ReportData {
        measures = List.copyOf(measures);
        items = List.copyOf(items);
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
        if (items.isEmpty()) {
            throw new IllegalArgumentException("report: no images to report on");
        }
        if (measures.stream().map(Measure::name).distinct().count() < measures.size()) {
            throw new IllegalArgumentException("report: two measures of one name: " + measures);
        }
        int n = items.stream().mapToInt(Item::n).max().orElseThrow();
        if (k < 0 || k > n) {
            throw new IllegalArgumentException("report: k = " + k + " is not in 0 … " + n);
        }
    }

    /** The largest number of directions removed from any image. */
    public int n() {
        return items.stream().mapToInt(Item::n).max().orElseThrow();
    }
}
