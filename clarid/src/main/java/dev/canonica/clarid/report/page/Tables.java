package dev.canonica.clarid.report.page;

import dev.canonica.clarid.report.data.Html;
import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The tables that the caller brings, and lists of names and values, and of notes. */
final class Tables {
    private Tables() {}

    static String html(Iterable<Table> tables) {
        StringBuilder html = new StringBuilder();
        for (Table table : tables) {
            html.append("<h3>%s</h3>\n".formatted(Html.text(table.title())));
            if (!table.explanation().isEmpty()) {
                html.append("<p>%s</p>\n".formatted(Html.text(table.explanation())));
            }
            html.append("<div class=\"scroll\"><table class=\"numbers\"><thead><tr><th scope=\"col\">%s</th>"
                    .formatted(Html.text(table.corner())));
            table.columns().forEach(c -> html.append("<th scope=\"col\">%s</th>".formatted(Html.text(c))));
            html.append("</tr></thead><tbody>\n");
            for (Table.Row row : table.rows()) {
                html.append("<tr><th scope=\"row\">%s</th>".formatted(Html.text(row.name())));
                row.values().forEach(v -> html.append("<td>%s</td>".formatted(Numbers.format(v))));
                html.append("</tr>\n");
            }
            html.append("</tbody></table></div>\n");
        }
        return html.toString();
    }

    static String pairs(Map<String, String> pairs) {
        StringBuilder html = new StringBuilder();
        pairs.forEach((name, value) ->
                html.append("<div><dt>%s</dt><dd>%s</dd></div>\n".formatted(Html.text(name), Html.text(value))));
        return html.toString();
    }

    /** Items of a list of notes. */
    static String notes(List<Note> notes) {
        return notes.stream()
                .map(note -> "<li class=\"%s\"><b>%s</b> %s</li>\n"
                        .formatted(
                                note.kind().name().toLowerCase(Locale.ROOT),
                                title(note.kind()),
                                Html.text(note.text())))
                .collect(Collectors.joining());
    }

    private static String title(Note.Kind kind) {
        return switch (kind) {
            case FAILURE -> "Failure";
            case WARNING -> "Warning";
            case REMARK -> "Remark";
        };
    }
}
