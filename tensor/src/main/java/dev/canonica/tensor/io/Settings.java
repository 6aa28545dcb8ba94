package dev.canonica.tensor.io;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the results of a run depend on, be it an extraction or a training: named values in an order, which are truth values, whole numbers, real numbers, texts and lists
 * of texts. They are compared as values and not as they are written, so that 5e-4 and 0.0005 are the same, and 1 and "1" are not. Of some it is declared that they
 * may change while the run goes on. Immutable.
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

    /**
     * Settings of these values, in this order; where the map has none ({@link Map#of}) by name.
     *
     * @throws IllegalArgumentException if a value is no truth value, number or text
     */
    public static Settings of(Map<String, ?> values) {
        Map<String, Object> kept = new LinkedHashMap<>();
        MapOrder.of(values).forEach((name, value) -> kept.put(name, normalised(name, value)));
        return new Settings(kept, Set.of());
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

    /** These and others, as they are. */
    public Settings with(Settings more) {
        Settings all = this;
        for (Map.Entry<String, Object> e : more.values.entrySet()) {
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

    /** Names and values, in order. */
    public Map<String, Object> values() {
        return values;
    }

    /** The names of what may change. */
    public Set<String> free() {
        return free;
    }

    /** Settings as a file of JSON has them. */
    public static Settings stored(Map<String, Object> values) {
        return new Settings(new LinkedHashMap<>(values), Set.of());
    }

    /**
     * A setting that is not what it was.
     *
     * @param was null where there was none
     * @param is null where there is none
     */
    public record Difference(
            String name, @Nullable Object was, @Nullable Object is) {
        private static final int LONGEST = 40;
        private static final int BEFORE = 8;
        private static final int SPELLED = 150;

        /** As a sentence: {@code rate was 0.1, not 0.2}. Of long values it has what begins where they differ. */
        public String sentence() {
            return "%s was %s, not %s".formatted(name, part(was), part(is));
        }

        /** Several in a part of a line: as sentences while there is room, and how many more there are. */
        public static String sentences(List<Difference> all) {
            StringBuilder line = new StringBuilder();
            int spelled = 0;
            for (Difference d : all) {
                if (spelled > 0 && line.length() + d.sentence().length() > SPELLED) {
                    break;
                }
                line.append(spelled++ == 0 ? "" : "; ").append(d.sentence());
            }
            return spelled == all.size() ? line.toString() : line + "; and " + (all.size() - spelled) + " more";
        }

        /** A value; if it is long, from a little before the place where the two differ. */
        private String part(@Nullable Object value) {
            String a = shown(was);
            String b = shown(is);
            String text = shown(value);
            if (Math.max(a.length(), b.length()) <= LONGEST) {
                return text;
            }
            int same = 0;
            while (same < Math.min(a.length(), b.length()) && a.charAt(same) == b.charAt(same)) {
                same++;
            }
            int from = same > BEFORE ? same - BEFORE : 0;
            int to = Math.min(text.length(), from + LONGEST);
            return (from > 0 ? "…" : "") + text.substring(Math.min(from, to), to) + (to < text.length() ? "…" : "");
        }

        @Override
        public String toString() {
            return name + ": " + part(was) + ", not " + part(is);
        }
    }

    /** What differs from earlier settings and may not, in the order of these, then in that of the earlier ones. */
    public List<Difference> since(Settings earlier) {
        Set<String> names = new LinkedHashSet<>(values.keySet());
        names.addAll(earlier.values.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String name : names) {
            Object was = earlier.values.get(name);
            Object is = values.get(name);
            if (!free.contains(name) && !same(was, is)) {
                differences.add(new Difference(name, was, is));
            }
        }
        return differences;
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        return a instanceof Number x && b instanceof Number y && (a instanceof Double || b instanceof Double)
                ? x.doubleValue() == y.doubleValue()
                : Objects.equals(a, b);
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
