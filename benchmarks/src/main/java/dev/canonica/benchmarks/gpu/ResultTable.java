package dev.canonica.benchmarks.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Results as Markdown: checks by part, what failed, and times with the ratio to each peer. */
final class ResultTable {
    private static final String OURS = "canonica";

    private ResultTable() {}

    static String of(List<JsonNode> results) {
        StringBuilder text = new StringBuilder();
        checks(results.stream().filter(r -> r.has("ok")).toList(), text);
        times(results.stream().filter(r -> r.has("ms")).toList(), text);
        return text.toString();
    }

    private static void checks(List<JsonNode> checks, StringBuilder text) {
        Map<String, int[]> parts = new LinkedHashMap<>();
        List<String> failures = new ArrayList<>();
        for (JsonNode c : checks) {
            boolean ok = c.get("ok").booleanValue();
            parts.computeIfAbsent(c.get("part").textValue(), _ -> new int[2])[ok ? 0 : 1]++;
            if (!ok) {
                failures.add("- " + c.get("part").textValue() + ", "
                        + c.get("name").textValue() + ": "
                        + c.get("detail").textValue().lines().findFirst().orElse("") + "\n");
            }
        }
        text.append("| checks | passed | failed |\n| --- | --- | --- |\n");
        parts.forEach((part, n) -> text.append("| %s | %d | %d |%n".formatted(part, n[0], n[1])));
        if (!failures.isEmpty()) {
            text.append("\nFailed:\n\n").append(String.join("", failures));
        }
    }

    /** A line for each work: medians, and the median over the rounds of a peer's time over ours. */
    private static void times(List<JsonNode> times, StringBuilder text) {
        Map<String, Map<String, Map<Integer, Double>>> works = new LinkedHashMap<>(); // work, who, round
        for (JsonNode t : times) {
            works.computeIfAbsent(t.get("name").textValue(), _ -> new LinkedHashMap<>())
                    .computeIfAbsent(t.get("who").textValue(), _ -> new TreeMap<>())
                    .put(t.get("round").intValue(), t.get("ms").doubleValue());
        }
        if (works.isEmpty()) {
            return;
        }
        text.append(
                "\nRatio: the peer's time over ours, median of the rounds in which they took turns; above 1 ours is faster.\n\n");
        text.append("| work | ours, ms | peer | peer, ms | ratio |\n| --- | --- | --- | --- | --- |\n");
        works.forEach((work, by) -> {
            Map<Integer, Double> ours = by.getOrDefault(OURS, Map.of());
            by.forEach((who, theirs) -> {
                if (!who.equals(OURS)) {
                    text.append(String.format(
                            Locale.ROOT,
                            "| %s | %.3f | %s | %.3f | %.2f |%n",
                            work,
                            median(ours),
                            who,
                            median(theirs),
                            ratio(ours, theirs)));
                }
            });
            if (by.keySet().equals(Set.of(OURS))) {
                text.append(String.format(Locale.ROOT, "| %s | %.3f | | | |%n", work, median(ours)));
            }
        });
    }

    private static double ratio(Map<Integer, Double> ours, Map<Integer, Double> theirs) {
        Map<Integer, Double> ratios = new TreeMap<>();
        ours.forEach((round, ms) -> {
            Double other = theirs.get(round);
            if (other != null) {
                ratios.put(round, other / ms);
            }
        });
        return median(ratios);
    }

    private static double median(Map<Integer, Double> values) {
        double[] sorted = values.values().stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
