package dev.canonica.data.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the results of a run depend on: named values in an order, compared as values and not as they are written. Of some it is declared that they may
 * change while the run goes on. Immutable.
 */
public final class Settings {
    /** No settings; others begin here. */
    public static final Settings NONE = new Settings(Map.of(), Set.of());

    private final Map<String, Object> values;
    private final Set<String> free;

    private Settings(Map<String, Object> values, Set<String> free) {
        this.values = Collections.unmodifiableMap(values);
        this.free = Collections.unmodifiableSet(free);
    }

    /** These and a text. */
    public Settings with(String name, String value) {
        return plus(name, value);
    }

    /** These and a whole number. */
    public Settings with(String name, long value) {
        return plus(name, value);
    }

    /**
     * These and a number.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Settings with(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("setting " + name + ": " + value + " is no number");
        }
        return plus(name, value);
    }

    /** These and a choice of two. */
    public Settings with(String name, boolean value) {
        return plus(name, value);
    }

    /** These and a list of texts. */
    public Settings with(String name, List<String> value) {
        return plus(name, List.copyOf(value));
    }

    /** These and texts by their names. */
    public Settings with(Map<String, String> texts) {
        Settings all = this;
        for (Map.Entry<String, String> e : texts.entrySet()) {
            all = all.plus(e.getKey(), e.getValue());
        }
        return all;
    }

    /**
     * These, of which the named may change while a run goes on.
     *
     * @throws IllegalArgumentException if there is none of such a name
     */
    public Settings mayChange(String... names) {
        Set<String> more = new LinkedHashSet<>(free);
        for (String name : names) {
            if (!values.containsKey(name)) {
                throw new IllegalArgumentException("there is no setting " + name);
            }
            more.add(name);
        }
        return new Settings(values, more);
    }

    private Settings plus(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(values);
        if (more.put(name, value) != null) {
            throw new IllegalArgumentException("setting " + name + " is there twice");
        }
        return new Settings(more, free);
    }

    /** Names and values as they are shown. */
    public Map<String, String> shown() {
        Map<String, String> shown = new LinkedHashMap<>();
        values.forEach((name, value) -> shown.put(name, shown(value)));
        return shown;
    }

    private static String shown(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.joining(", "));
            default -> value.toString();
        };
    }

    /** The values as JSON has them. */
    Map<String, Object> values() {
        return values;
    }

    /** The names of what may change. */
    Set<String> free() {
        return free;
    }

    /** Settings as they were stored. */
    public static Settings stored(Map<String, Object> values, Set<String> free) {
        return new Settings(new LinkedHashMap<>(values), new LinkedHashSet<>(free));
    }

    /** What is asked for and is not what a run was begun with, a line for each: the name, the value then, the value now. */
    public List<String> differences(Settings asked) {
        Set<String> names = new LinkedHashSet<>(asked.values.keySet());
        names.addAll(values.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            Object then = values.get(name);
            Object now = asked.values.get(name);
            if (!asked.free.contains(name) && !same(then, now)) {
                differences.add("%s was %s, not %s".formatted(name, shown(then), shown(now)));
            }
        }
        return differences;
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        return a instanceof Number x && b instanceof Number y && (a instanceof Double || b instanceof Double)
                ? x.doubleValue() == y.doubleValue()
                : Objects.equals(a, b);
    }

    /** Of which settings a run that goes on may be given others, for messages. */
    String changeable() {
        return String.join(", ", new TreeSet<>(free));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Settings s && values.equals(s.values) && free.equals(s.free);
    }

    @Override
    public int hashCode() {
        return Objects.hash(values, free);
    }

    @Override
    public String toString() {
        return shown().toString();
    }
}
