package dev.canonica.clarid.sweep;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.FailureSign;
import dev.canonica.data.Csv;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** {@code results.csv} of a sweep: a row a setting, columns named as the grid's, then the measures with the ends of their intervals. */
final class SweepTable {
    private SweepTable() {}

    static String csv(SweepResults results) {
        Set<String> measures = results.measures();
        List<String> head = new ArrayList<>(SweepSetting.AXES);
        head.addAll(List.of("level", "signal", "chosen", "images"));
        for (String name : measures) {
            head.addAll(List.of(name, name + "_low", name + "_high"));
        }
        head.add("signs_of_failure");
        StringBuilder text = new StringBuilder(Csv.row(head)).append('\n');
        Optional<SweepResults.Row> chosen = results.chosen();
        for (SweepResults.Row row : results.rows()) {
            List<String> cells = new ArrayList<>(row.setting().columns().values());
            cells.add(Integer.toString(row.level()));
            cells.add(number(results.plan().sampler().signal(row.level())));
            cells.add(chosen.filter(row::equals).isPresent() ? "1" : "0");
            cells.add(Integer.toString(results.images() - results.chosenBy()));
            for (String name : measures) {
                Interval i = row.report().get(name);
                cells.add(i == null ? "" : number(i.estimate()));
                cells.add(i == null ? "" : number(i.low()));
                cells.add(i == null ? "" : number(i.high()));
            }
            cells.add(String.join(
                    "; ", row.often().stream().map(FailureSign::title).toList()));
            text.append(Csv.row(cells)).append('\n');
        }
        return text.toString();
    }

    private static String number(double v) {
        return Double.isFinite(v) ? String.format(Locale.ROOT, "%.6g", v) : "";
    }
}
