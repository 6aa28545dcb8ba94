package dev.canonica.data.run;

import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@value #FILE} in a run's folder says of it.
 *
 * @param kind what it does, in a noun; empty if the file does not say that
 * @param fixed what a run that goes on shares with it
 * @param free what may change, as it was last
 */
public record RunSettings(String kind, Map<String, Object> fixed, Map<String, Object> free) {
    /** The file's name. */
    public static final String FILE = "settings.json";

    private static final String KIND = "kind";
    private static final String MAY_CHANGE = "may_change";

    /** What a run of these settings writes. */
    static RunSettings of(String kind, Settings settings) {
        Map<String, Object> fixed = new LinkedHashMap<>();
        Map<String, Object> free = new LinkedHashMap<>();
        settings.values().forEach((name, value) -> (settings.free().contains(name) ? free : fixed).put(name, value));
        fixed.keySet().stream().filter(Set.of(KIND, MAY_CHANGE)::contains).forEach(name -> {
            throw new IllegalArgumentException("'" + name + "' cannot be the name of a setting");
        });
        return new RunSettings(kind, fixed, free);
    }

    /**
     * What the run of a folder was begun with; empty if there are no settings in it.
     *
     * @throws FormatException if they cannot be read
     */
    public static Optional<RunSettings> read(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String kind = "";
        Map<String, Object> fixed = new LinkedHashMap<>();
        Map<String, Object> free = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Object> e : JsonText.read(file).entrySet()) {
            switch (e.getKey()) {
                case KIND -> kind = e.getValue() instanceof String text ? text : "";
                case MAY_CHANGE -> {
                    if (e.getValue() instanceof Map<?, ?> values) {
                        values.forEach((name, value) -> put(free, String.valueOf(name), value));
                    }
                }
                default -> put(fixed, e.getKey(), e.getValue());
            }
        }
        return Optional.of(new RunSettings(kind, fixed, free));
    }

    private static void put(Map<String, Object> settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.put(name, value);
        }
    }

    /** What the file holds. */
    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(KIND, kind);
        all.putAll(fixed);
        if (!free.isEmpty()) {
            all.put(MAY_CHANGE, free);
        }
        return JsonText.write(all);
    }

    /** All of them by their names, those that may change last. */
    public Map<String, Object> all() {
        Map<String, Object> all = new LinkedHashMap<>(fixed);
        all.putAll(free);
        return all;
    }
}
