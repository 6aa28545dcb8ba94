package dev.canonica.clarid.report.data;

import java.util.List;

/**
 * Numbers by row and column.
 *
 * @param title over the table
 * @param explanation one to three sentences under the title: what the numbers are, of how many images; may be empty
 * @param corner the heading of the first column, that of the rows' names
 * @param columns the headings of the others
 */
public record Table(String title, String explanation, String corner, List<String> columns, List<Row> rows) {

    /**
     * One row.
     *
     * @param values one for each column, NaN where there is none
     */
    public record Row(String name, List<Double> values) {
        /** Keeps a copy of the values. */
        public Row {
            values = List.copyOf(values);
        }
    }

    /**
     * Keeps copies, and checks that each row has a value for each column.
     *
     * @throws IllegalArgumentException if one has not; it names the row
     */
    public Table {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        for (Row row : rows) {
            if (row.values().size() != columns.size()) {
                throw new IllegalArgumentException("report: table %s: row %s has %s values for %s columns"
                        .formatted(title, row.name(), row.values().size(), columns.size()));
            }
        }
    }
}
