package dev.canonica.learning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names and values that a run's results depend on: truth values, whole numbers, real numbers and texts. They are compared as values, so that 5e-4 and
 * 0.0005 are the same and 1 and "1" are not.
 */
public final class Settings {
    /** No settings. */
    public static final Settings NONE = new Settings(Map.of());

    private final Map<String, Object> values;

    private Settings(Map<String, Object> values) {
        this.values = Collections.unmodifiableMap(values);
    }

    /**
     * Settings of these values, in this order.
     *
     * @throws IllegalArgumentException if a value is none of the four kinds
     */
    public static Settings of(Map<String, ?> values) {
        Map<String, Object> kept = new LinkedHashMap<>();
        values.forEach((name, value) -> kept.put(name, normalised(name, value)));
        return new Settings(kept);
    }

    private static Object normalised(String name, Object value) {
        return switch (value) {
            case Integer i -> i.longValue();
            case Float f -> f.doubleValue();
            case Boolean b -> b;
            case Long l -> l;
            case Double d -> d;
            case String s -> s;
            default ->
                throw new IllegalArgumentException("setting '" + name + "': a "
                        + value.getClass().getSimpleName() + " is no truth value, number or text");
        };
    }

    /** Names and values, in order. */
    public Map<String, Object> values() {
        return values;
    }

    /**
     * A setting that is not what it was.
     *
     * @param was null where there was none
     * @param is null where there is none
     */
    public record Difference(
            String name, @Nullable Object was, @Nullable Object is) {
        @Override
        public String toString() {
            return name + ": " + (was == null ? "nothing" : was) + ", not " + (is == null ? "nothing" : is);
        }
    }

    /** What differs from earlier settings, in the order of these, then in that of the earlier ones. */
    public List<Difference> since(Settings earlier) {
        Set<String> names = new LinkedHashSet<>(values.keySet());
        names.addAll(earlier.values.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String name : names) {
            Object was = earlier.values.get(name);
            Object is = values.get(name);
            if (!Objects.equals(was, is)) {
                differences.add(new Difference(name, was, is));
            }
        }
        return differences;
    }

    /** The settings as texts, which {@link #parse} reads: each value after a letter that says its kind. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((name, value) -> texts.put(
                name,
                switch (value) {
                    case Boolean b -> "b:" + b;
                    case Long l -> "i:" + l;
                    case Double d -> "r:" + d;
                    default -> "t:" + value;
                }));
        return texts;
    }

    /**
     * Reads what {@link #texts} gives.
     *
     * @throws TrainingException if a text is none of these
     */
    static Settings parse(Map<String, String> texts) {
        Map<String, Object> values = new LinkedHashMap<>();
        texts.forEach((name, text) -> values.put(name, parse(name, text)));
        return new Settings(values);
    }

    private static Object parse(String name, String text) {
        String value = text.substring(Math.min(2, text.length()));
        try {
            return switch (text.substring(0, Math.min(2, text.length()))) {
                case "b:" -> Boolean.valueOf(value);
                case "i:" -> Long.valueOf(value);
                case "r:" -> Double.valueOf(value);
                case "t:" -> value;
                default -> throw new TrainingException("setting '" + name + "' is '" + text + "', no value");
            };
        } catch (NumberFormatException e) {
            throw new TrainingException("setting '" + name + "' is '" + text + "', no value", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof Settings other && values.equals(other.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
