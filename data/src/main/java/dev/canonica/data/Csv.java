package dev.canonica.data;

import java.util.ArrayList;
import java.util.List;

/** Rows of comma-separated values (RFC 4180, one line a row): a value with a comma or a quote is quoted. */
public final class Csv {

    private Csv() {}

    /**
     * One row without the end of its line.
     *
     * @throws DataException if a value has several lines, which readers of tables would not agree about
     */
    public static String row(List<String> values) {
        StringBuilder row = new StringBuilder();
        for (String value : values) {
            if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
                throw new DataException("a table cannot hold a value of several lines: '%s'".formatted(value));
            }
            boolean quoted = value.indexOf(',') >= 0 || value.indexOf('"') >= 0;
            row.append(row.isEmpty() ? "" : ",").append(quoted ? '"' + value.replace("\"", "\"\"") + '"' : value);
        }
        return row.toString();
    }

    /** The values of a row. */
    public static List<String> values(String row) {
        return values(row, ',');
    }

    /**
     * The values of a row.
     *
     * @param separator what stands between them
     * @throws DataException if a quote has no end in the row
     */
    public static List<String> values(String row, char separator) {
        List<String> values = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < row.length(); i++) {
            char c = row.charAt(i);
            if (c == '"' && quoted && i + 1 < row.length() && row.charAt(i + 1) == '"') {
                value.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                values.add(value.toString());
                value.setLength(0);
            } else {
                value.append(c);
            }
        }
        if (quoted) {
            throw new DataException("a quote has no end in its line: '%s'".formatted(row));
        }
        values.add(value.toString());
        return values;
    }
}
