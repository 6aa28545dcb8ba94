package dev.canonica.autodiff.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Results as a table of text: a line for each, its worst errors by those kinds that were looked for, and below the table a line for each miss. */
public final class AuditTable {
    private AuditTable() {}

    /** The table, with a line break at its end. */
    public static String format(List<CheckResult> results) {
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("", "cases"));
        List<ErrorKind> kinds = Arrays.stream(ErrorKind.values())
                .filter(kind -> results.stream().anyMatch(r -> r.worst().containsKey(kind)))
                .toList();
        for (ErrorKind kind : kinds) {
            head.add(kind.title());
        }
        head.add("verdict");
        lines.add(head);
        for (CheckResult r : results) {
            List<String> line = new ArrayList<>(List.of(r.name(), Integer.toString(r.cases())));
            for (ErrorKind kind : kinds) {
                line.add(r.worst().containsKey(kind) ? number(r.worst(kind)) : "");
            }
            line.add(r.passed() ? "ok" : "MISS");
            lines.add(line);
        }
        StringBuilder text = new StringBuilder();
        int[] widths = new int[head.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String pad = " ".repeat(widths[i] - line.get(i).length());
                row.append(i == 0 ? "" : "  ").append(i == 0 ? line.get(i) + pad : pad + line.get(i));
            }
            text.append(row.toString().stripTrailing()).append('\n');
        }
        String misses = results.stream()
                .flatMap(r -> r.failures().stream().map(f -> r.name() + ": " + f + "\n"))
                .collect(Collectors.joining());
        return text + (misses.isEmpty() ? "" : "\n" + misses);
    }

    private static String number(double error) {
        return error == 0 ? "0" : String.format(Locale.ROOT, "%.1e", error);
    }
}
