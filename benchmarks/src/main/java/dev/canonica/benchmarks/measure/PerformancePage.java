package dev.canonica.benchmarks.measure;

import dev.canonica.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Renders the newest file of docs/results into docs/performance.md, between its two markers, and draws the chart. Run in the repository, after new
 * results have been put there.
 */
public final class PerformancePage {
    private static final String BEGIN = "<!-- results: made by PerformancePage, not by hand -->\n";
    private static final String END = "<!-- end of results -->\n";
    private static final String EMITTED = "emitted";

    private PerformancePage() {}

    /** Rewrites page and chart. */
    public static void main(String... arguments) throws IOException {
        Path docs = Path.of("docs");
        List<Measurement> results = newest(docs);
        Path page = docs.resolve("performance.md");
        AtomicFiles.write(page, with(Files.readString(page), results));
        AtomicFiles.write(chart(docs), RatioChart.of(results));
    }

    static Path chart(Path docs) {
        return docs.resolve("images").resolve("performance.svg");
    }

    /** The measurements of the file whose name, which ends in its date, is the last. */
    static List<Measurement> newest(Path docs) throws IOException {
        try (Stream<Path> files = Files.list(docs.resolve("results"))) {
            return Measurement.read(files.filter(f -> f.toString().endsWith(".jsonl"))
                    .max(Path::compareTo)
                    .orElseThrow());
        }
    }

    /** The page with what stands between its markers made anew. */
    static String with(String page, List<Measurement> results) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the page lacks the markers " + BEGIN.strip() + " and " + END.strip());
        }
        return page.substring(0, begin + BEGIN.length()) + render(results) + page.substring(end);
    }

    private static String render(List<Measurement> results) {
        StringBuilder text = new StringBuilder("\n![Ratios to the peers](images/performance.svg)\n\n");
        text.append("Taken ").append(all(results, Measurement::date));
        text.append(" on ").append(all(results, Measurement::cpu));
        text.append("; JDK ").append(all(results, Measurement::jdk));
        text.append("; ").append(all(results, Measurement::versions)).append(".\n");
        Map<String, List<Measurement>> benchmarks = new LinkedHashMap<>();
        results.forEach(m -> benchmarks
                .computeIfAbsent(m.benchmark(), _ -> new ArrayList<>())
                .add(m));
        benchmarks.forEach((name, of) -> table(name, of, text));
        return text.append('\n').toString();
    }

    private static String all(List<Measurement> results, Function<Measurement, String> fact) {
        TreeSet<String> facts = new TreeSet<>(results.stream().map(fact).toList());
        facts.remove("");
        return String.join(", ", facts);
    }

    /** A row for each shape, a column for each peer; our time is that of the first comparison. */
    private static void table(String benchmark, List<Measurement> results, StringBuilder text) {
        List<String> peers =
                results.stream().map(PerformancePage::column).distinct().toList();
        text.append("\n| ").append(benchmark).append(" | ours, ms |");
        peers.forEach(peer -> text.append(' ').append(peer).append(" |"));
        text.append("\n| --- | --- |").append(" --- |".repeat(peers.size())).append('\n');
        Map<String, Map<String, Measurement>> rows = new LinkedHashMap<>();
        results.forEach(
                m -> rows.computeIfAbsent(m.shape(), _ -> new LinkedHashMap<>()).put(column(m), m));
        rows.forEach((shape, by) -> {
            text.append("| ")
                    .append(shape)
                    .append(" | ")
                    .append(milliseconds(by.values().iterator().next().ours()))
                    .append(" |");
            peers.forEach(peer -> text.append(' ').append(ratio(by.get(peer))).append(" |"));
            text.append('\n');
        });
        if (rows.size() > 2) {
            text.append("| geometric mean | |");
            peers.forEach(peer -> text.append(String.format(
                    Locale.ROOT,
                    " %.2f |",
                    geometricMean(
                            results.stream().filter(m -> column(m).equals(peer)).toList()))));
            text.append('\n');
        }
    }

    /** The peer, with the form of our kernels where that is not the default. */
    private static String column(Measurement m) {
        return m.kernels().equals(EMITTED) ? m.peer() : m.peer() + ", our " + m.kernels() + " form";
    }

    private static String ratio(@Nullable Measurement m) {
        return m == null ? "" : String.format(Locale.ROOT, "%.2f", m.ratio());
    }

    /** Three digits. */
    private static String milliseconds(double ms) {
        int decimals = (int) Math.clamp((long) Math.ceil(2 - Math.log10(ms)), 0, 6);
        return String.format(Locale.ROOT, "%." + decimals + "f", ms);
    }

    static double geometricMean(List<Measurement> results) {
        return Math.exp(
                results.stream().mapToDouble(m -> Math.log(m.ratio())).average().orElseThrow());
    }
}
