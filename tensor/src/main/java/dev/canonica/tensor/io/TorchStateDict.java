package dev.canonica.tensor.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The model in what was saved: a dictionary of tensors, or one that holds such a dictionary, perhaps in another, under a name that training scripts have for
 * it. Averages of weights come before the weights, as a model is used.
 */
final class TorchStateDict {
    /** In self-distillation, the average of the student. */
    private static final String TEACHER = "teacher";

    private static final String STUDENT = "student";

    /** In the order in which they are looked for. */
    private static final List<String> NESTED = List.of(
            "ema",
            "model_ema",
            "params_ema",
            "ema_state_dict",
            "state_dict_ema",
            "ema_model",
            TEACHER,
            "state_dict",
            "model_state_dict",
            "model",
            "net",
            "params",
            "module",
            STUDENT);

    private static final int MAX_DEPTH = 4;

    private TorchStateDict() {}

    /**
     * The tensors of a file's value.
     *
     * @throws FormatException if there is no dictionary of tensors
     */
    static Checkpoint of(MappedFile file, Object value) {
        if (!(value instanceof Map<?, ?> top)) {
            throw new FormatException(file.path() + ": holds " + kind(value) + "; a dictionary of tensors is needed");
        }
        checkTeacher(file, top);
        Found found = find(top, "", 0).orElse(new Found("", top));
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        Map<String, String> unread = new LinkedHashMap<>();
        found.map.forEach((key, entry) -> {
            if (key instanceof String name
                    && entry instanceof StoredTensor t
                    && t.type().dtype() != null) {
                tensors.put(name, t);
            } else if (entry instanceof StoredTensor t) {
                unread.put(key.toString(), t.type().name());
            } else if (entry instanceof Unpickler.Opaque o) {
                unread.put(key.toString(), o.toString());
            } else if (tensors.isEmpty() && !hasTensors(found.map)) {
                throw new FormatException(file.path() + ": entry '" + key
                        + "' is not a named tensor; a state_dict(), alone or under "
                        + String.join(", ", NESTED) + ", is needed");
            }
        });
        return new Checkpoint(file.path(), tensors, unread, trained(top)).within(found.path);
    }

    /** A teacher of another form than its student is no average of it, and which of them is meant nothing says. */
    private static void checkTeacher(MappedFile file, Map<?, ?> top) {
        if (top.get(TEACHER) instanceof Map<?, ?> teacher
                && top.get(STUDENT) instanceof Map<?, ?> student
                && !shapes(teacher).equals(shapes(student))) {
            throw new FormatException(
                    "%s: holds two networks of different shapes, under '%s' and '%s', and nothing says which is meant; a file with one of them is needed"
                            .formatted(file.path(), STUDENT, TEACHER));
        }
    }

    private static List<String> shapes(Map<?, ?> map) {
        return map.values().stream()
                .filter(v -> v instanceof StoredTensor t && t.shape().rank() > 0)
                .map(v -> ((StoredTensor) v).shape().toString())
                .sorted()
                .toList();
    }

    /** The model's name among the options of the script that trained it. */
    private static Map<String, String> trained(Map<?, ?> top) {
        Map<String, String> names = new LinkedHashMap<>();
        if (top.get("arch") instanceof String name) {
            names.put(Checkpoint.ARCHITECTURE, name);
        }
        if (top.get("args") instanceof Map<?, ?> args) {
            if (args.get("model") instanceof String name) {
                names.put(Checkpoint.TRAINED_MODEL, name);
            }
            if (args.get("arch") instanceof String name) {
                names.putIfAbsent(Checkpoint.ARCHITECTURE, name);
            }
        }
        return names;
    }

    /**
     * A dictionary of tensors.
     *
     * @param path the keys that lead to it
     */
    private record Found(String path, Map<?, ?> map) {}

    private static Optional<Found> find(Map<?, ?> map, String path, int depth) {
        for (String key : NESTED) {
            if (depth < MAX_DEPTH && map.get(key) instanceof Map<?, ?> inner) {
                Optional<Found> found = find(inner, path.isEmpty() ? key : path + "." + key, depth + 1);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return hasTensors(map) ? Optional.of(new Found(path, map)) : Optional.empty();
    }

    /** Whether a dictionary has tensors that are more than numbers, such as the decay of an average. */
    private static boolean hasTensors(Map<?, ?> map) {
        return map.entrySet().stream()
                .anyMatch(e -> e.getKey() instanceof String
                        && e.getValue() instanceof StoredTensor t
                        && t.shape().rank() > 0);
    }

    private static String kind(Object value) {
        return switch (value) {
            case StoredTensor _ -> "one tensor";
            case List<?> _ -> "a list";
            case Unpickler.Tuple _ -> "a tuple";
            case String _ -> "a text";
            default -> "no dictionary";
        };
    }
}
