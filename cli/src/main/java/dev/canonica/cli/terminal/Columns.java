package dev.canonica.cli.terminal;

import dev.canonica.tensor.CanonicaException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text in aligned columns. */
public final class Columns {
    private final List<String[]> rows = new ArrayList<>();

    /** A table without rows. */
    public Columns() {}

    /** Adds a row; cells may come from a file and hold anything. */
    public void row(String... cells) {
        rows.add(Arrays.stream(cells).map(CanonicaException::shown).toArray(String[]::new));
    }

    /**
     * Prints the rows, a line each.
     *
     * @param left so many columns are aligned to the left, the others to the right
     */
    public void print(PrintWriter out, String indent, int left) {
        int[] widths = new int[rows.stream().mapToInt(r -> r.length).max().orElse(0)];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder(indent);
            for (int i = 0; i < row.length; i++) {
                String pad = " ".repeat(widths[i] - row[i].length());
                line.append(i == 0 ? "" : "  ").append(i < left ? row[i] + pad : pad + row[i]);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
