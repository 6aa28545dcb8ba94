package dev.canonica.autodiff.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Collects errors over the cases of one check. */
final class Findings {
    private final String name;
    private final Tolerance tolerance;
    private final Map<ErrorKind, Double> worst = new EnumMap<>(ErrorKind.class);
    private final Map<ErrorKind, String> places = new EnumMap<>(ErrorKind.class);
    private final Map<String, Map<ErrorKind, Double>> misses = new LinkedHashMap<>(); // by case
    private final List<String> failures = new ArrayList<>();
    private int cases;

    Findings(String name, Tolerance tolerance) {
        this.name = name;
        this.tolerance = tolerance;
    }

    void count() {
        cases++;
    }

    void error(String where, ErrorKind kind, double error) {
        Double before = worst.put(kind, Math.max(worst.getOrDefault(kind, 0.0), error)); // NaN wins
        if (before == null || !(error <= before) && !before.isNaN()) {
            places.put(kind, where);
        }
        if (!(error <= tolerance.of(kind))) {
            misses.computeIfAbsent(where, w -> new EnumMap<>(ErrorKind.class)).merge(kind, error, Math::max);
        }
    }

    void failure(String where, String what) {
        failures.add(where + ": " + what);
    }

    CheckResult result() {
        List<String> all = new ArrayList<>(failures);
        misses.forEach((where, errors) -> errors.forEach((kind, error) -> all.add(String.format(
                Locale.ROOT, "%s: %s: error %.1e, allowed %.1e", where, kind.title(), error, tolerance.of(kind)))));
        return new CheckResult(name, cases, Map.copyOf(worst), Map.copyOf(places), List.copyOf(all));
    }
}
