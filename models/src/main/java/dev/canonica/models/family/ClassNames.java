package dev.canonica.models.family;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/**
 * The names of classes as one text, which is what the metadata of weights hold: separated by commas, or, where a name has a comma itself ({@code tench, Tinca
 * tinca}), a list in JSON.
 */
public final class ClassNames {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LIST = "[";

    private ClassNames() {}

    /** The text. */
    public static String text(List<String> names) {
        boolean plain = names.stream().noneMatch(name -> name.contains(",") || name.startsWith(LIST));
        if (plain) {
            return String.join(",", names);
        }
        try {
            return JSON.writeValueAsString(names);
        } catch (JacksonException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    /** The names in a text; none in an empty one. */
    static List<String> of(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        if (text.startsWith(LIST)) {
            try {
                return List.copyOf(JSON.readValue(text, new TypeReference<List<String>>() {}));
            } catch (JacksonException | NullPointerException _) {
                // names of which the first begins like a list
            }
        }
        return List.of(text.split(",", -1));
    }
}
