package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.bound.TwoSided;
import dev.canonica.data.Csv;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The files of an evaluation's results: {@value #JSON}, {@value #CSV} and, of attacks, {@value #VERDICTS}. */
public final class EvaluationFiles {
    /** All numbers, by names. */
    public static final String JSON = "results.json";

    /** All numbers, a row each. */
    public static final String CSV = "results.csv";

    /** What is known of each image from both sides, a row each. */
    public static final String VERDICTS = "verdicts.csv";

    private EvaluationFiles() {}

    /**
     * Writes them.
     *
     * @param problems what could not be evaluated, and why
     */
    public static void write(Path folder, EvaluationResults results, List<String> problems) {
        Map<String, Object> members = new LinkedHashMap<>(results.toMap());
        members.put("problems", problems);
        AtomicFiles.write(folder.resolve(JSON), JsonText.write(members));
        StringBuilder table = new StringBuilder("model,measure,name,estimate,low,high,level,n\n");
        results.measurements().forEach(m -> row(table, m));
        results.means().forEach(m -> row(table, m));
        AtomicFiles.write(folder.resolve(CSV), table.toString());
        if (!results.verdicts().isEmpty()) {
            AtomicFiles.write(folder.resolve(VERDICTS), verdicts(results));
        }
    }

    private static String verdicts(EvaluationResults results) {
        StringBuilder table = new StringBuilder("model,norm,eps,image,label,verdict,bound,broken_at\n");
        for (Verdicts v : results.verdicts()) {
            for (Verdicts.Of i : v.images()) {
                table.append(Csv.row(List.of(v.model(), v.norm(), Robustness.eps(v.eps()), i.id())))
                        .append(',')
                        .append(i.label())
                        .append(',')
                        .append(Verdicts.word(i.known().verdict()))
                        .append(',')
                        .append(
                                v.bound() == TwoSided.Bound.NONE
                                        ? ""
                                        : number(i.known().radius()))
                        .append(',')
                        .append(number(i.known().broken()))
                        .append('\n');
            }
        }
        return table.toString();
    }

    private static String number(double v) {
        return Double.isFinite(v) ? String.format(Locale.ROOT, "%.10g", v) : Double.isInfinite(v) ? "inf" : "";
    }

    private static void row(StringBuilder table, Measurement m) {
        table.append(Csv.row(List.of(m.model(), m.measure(), m.name())));
        for (double v : new double[] {
            m.value().estimate(), m.value().low(), m.value().high(), m.value().level()
        }) {
            table.append(',').append(number(v));
        }
        table.append(',').append(m.value().count()).append('\n');
    }
}
