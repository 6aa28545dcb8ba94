package dev.canonica.models;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.RegularFile;
import java.io.File;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of settings that is read strictly: a value of the wrong kind, a missing one, and, at the end, one that nobody asked for are
 * errors that name the file and the key. Keys that start with an underscore are comments.
 */
public final class JsonConfig {
    /** Beside JSON, {@code NaN} and {@code Infinity}, which Python writes. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /** Far more than any configuration or index of weights has. */
    private static final int MAX_BYTES = 1 << 26;

    /** Of EMAModel, whose save_pretrained adds them to the network's own, and the type of the weights, which they have themselves. */
    private static final Set<String> BESIDE = Set.of(
            "decay",
            "inv_gamma",
            "min_decay",
            "optimization_step",
            "power",
            "update_after_step",
            "use_ema_warmup",
            "dtype",
            "torch_dtype");

    private final Path file;
    private final JsonNode root;
    private final Set<String> read = new HashSet<>();

    private JsonConfig(Path file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    /** Reads a file. */
    public static JsonConfig read(Path file) {
        try {
            JsonNode root = JSON.readTree(RegularFile.bytes(file, MAX_BYTES));
            if (root == null || !root.isObject()) {
                throw new ModelException(file + ": a JSON object is needed");
            }
            return new JsonConfig(file, root);
        } catch (NoSuchFileException e) {
            throw new ModelException(file + ": no such file", e);
        } catch (JacksonException e) {
            throw new ModelException(file + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Settings that are in no file yet.
     *
     * @param values as {@link #write} takes them
     */
    public static JsonConfig of(Map<String, ?> values) {
        return new JsonConfig(Path.of("config.json"), JSON.valueToTree(values));
    }

    /**
     * What is made of the settings; what their values do not go together in is said with the file, unless it is said of one in the same folder, such as the weights.
     *
     * @throws ModelException that names the file
     */
    public <T> T made(Function<JsonConfig, T> reader) {
        try {
            return reader.apply(this);
        } catch (ModelException e) {
            String message = String.valueOf(e.getMessage());
            Path folder = file.getParent();
            boolean named = message.startsWith(folder == null ? file.toString() : folder + File.separator);
            throw named ? e : new ModelException(file + ": " + message, e);
        }
    }

    /** All keys with their values as JSON, in the file's order; reads none of them. */
    public Map<String, String> entries() {
        Map<String, String> entries = new LinkedHashMap<>();
        root.properties().forEach(e -> entries.put(e.getKey(), e.getValue().toString()));
        return entries;
    }

    /** All keys with their values, in the form that {@link #write} takes; reads none of them. */
    public Map<String, ?> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        root.properties().forEach(e -> values.put(e.getKey(), e.getValue()));
        return values;
    }

    /** The settings of an object in this one; empty if the key has none. */
    public Optional<JsonConfig> object(String key) {
        JsonNode node = root.get(key);
        return node != null && node.isObject() ? Optional.of(new JsonConfig(file, node)) : Optional.empty();
    }

    /**
     * {@code _class_name}, or the only one of transformers' {@code architectures}, or timm's {@code architecture} without the tag of its weights ({@code
     * resnet18.a1_in1k}), be it in transformers' wrapper.
     */
    public String className() {
        JsonNode architectures = root.path("architectures");
        boolean one = architectures.size() == 1 && architectures.path(0).isTextual();
        String timm = root.path("architecture").textValue();
        boolean wrapped =
                timm != null && "timm_wrapper".equals(root.path("model_type").textValue());
        if (one && !wrapped) {
            return string("_class_name", architectures.path(0).textValue());
        }
        return string("_class_name", timm == null ? null : timm.replaceFirst("\\..*", ""));
    }

    /** Whether it says of what class it is, as {@link #className} takes it. */
    public boolean hasClassName() {
        return root.has("_class_name")
                || root.has("architecture")
                || root.path("architectures").size() == 1;
    }

    /** A whole number; required if {@code fallback} is null. */
    public int integer(String key, @Nullable Integer fallback) {
        JsonNode n = one(key, fallback == null);
        if (n == null) {
            return Objects.requireNonNull(fallback);
        }
        if (!isWhole(n)) {
            throw wrong(key, n, "a whole number");
        }
        return n.intValue();
    }

    /** Python writes 1000 and 1000.0 for one number. */
    private static boolean isWhole(JsonNode n) {
        return n.isNumber() && n.canConvertToInt() && n.doubleValue() == n.intValue();
    }

    /** A list of whole numbers, or this one where it is not there. */
    public List<Integer> integers(String key, List<Integer> fallback) {
        return isSet(key) ? integers(key) : fallback;
    }

    /** A list of texts, or this one where it is not there. */
    public List<String> strings(String key, List<String> fallback) {
        return isSet(key) ? strings(key) : fallback;
    }

    /** A list of whole numbers; required. */
    public List<Integer> integers(String key) {
        return list(key, "whole numbers", JsonConfig::isWhole, JsonNode::intValue);
    }

    /** A list of numbers; required. */
    public List<Double> numbers(String key) {
        return list(key, "numbers", n -> n.isNumber() && Double.isFinite(n.doubleValue()), JsonNode::doubleValue);
    }

    /** A list of true and false; this one where it is not there. */
    public List<Boolean> flags(String key, List<Boolean> fallback) {
        return isSet(key) ? list(key, "true and false", JsonNode::isBoolean, JsonNode::booleanValue) : fallback;
    }

    /** A list of {@code n} whole numbers, or one that stands for all of them. */
    public List<Integer> integers(String key, int n, int fallback) {
        JsonNode node = root.get(key);
        if (node == null || !node.isArray()) {
            return Collections.nCopies(n, integer(key, fallback));
        }
        List<Integer> list = integers(key);
        if (list.size() == 1) {
            return Collections.nCopies(n, list.getFirst());
        }
        if (list.size() != n) {
            throw wrong(key, node, "a whole number or a list of " + n);
        }
        return list;
    }

    /** A whole number, or a list of it alone; {@code fallback} where it is not there. */
    public int same(String key, int fallback) {
        if (!root.path(key).isArray()) {
            return integer(key, fallback);
        }
        List<Integer> list = integers(key);
        if (list.isEmpty() || list.stream().anyMatch(i -> !i.equals(list.getFirst()))) {
            throw refused(key, "a whole number, or a list of equal ones");
        }
        return list.getFirst();
    }

    /** A whole number or two, height and width; empty where the key is there without a value. */
    public Optional<List<Integer>> size(String key, int fallback) {
        if (has(key) && !isSet(key)) {
            return Optional.empty();
        }
        List<Integer> size = integers(key, 2, fallback);
        if (size.stream().anyMatch(n -> n < 1)) {
            throw wrong(key, Objects.requireNonNull(root.get(key)), "a positive number");
        }
        return Optional.of(size);
    }

    /** A list of texts; required. */
    public List<String> strings(String key) {
        return list(key, "texts", JsonNode::isTextual, JsonNode::textValue);
    }

    private <T> List<T> list(String key, String what, Predicate<JsonNode> fits, Function<JsonNode, T> value) {
        JsonNode n = Objects.requireNonNull(node(key, true));
        List<T> list = new ArrayList<>();
        for (JsonNode item : n) {
            if (!fits.test(item)) {
                throw wrong(key, n, "a list of " + what);
            }
            list.add(value.apply(item));
        }
        if (!n.isArray()) {
            throw wrong(key, n, "a list of " + what);
        }
        return list;
    }

    /** A finite number; required if {@code fallback} is null. */
    public double number(String key, @Nullable Double fallback) {
        JsonNode n = one(key, fallback == null);
        if (n == null) {
            return Objects.requireNonNull(fallback);
        }
        if (!n.isNumber() || !Double.isFinite(n.doubleValue())) {
            throw wrong(key, n, "a number");
        }
        return n.doubleValue();
    }

    /** true or false; required if {@code fallback} is null. */
    public boolean flag(String key, @Nullable Boolean fallback) {
        JsonNode n = one(key, fallback == null);
        if (n == null) {
            return Objects.requireNonNull(fallback);
        }
        if (!n.isBoolean()) {
            throw wrong(key, n, "true or false");
        }
        return n.booleanValue();
    }

    /** A text; required if {@code fallback} is null. */
    public String string(String key, @Nullable String fallback) {
        JsonNode n = one(key, fallback == null);
        if (n == null) {
            return Objects.requireNonNull(fallback);
        }
        if (!n.isTextual()) {
            throw wrong(key, n, "a text");
        }
        return n.textValue();
    }

    /** A text that must have one of these values where it is given. */
    public String oneOf(String key, String fallback, String... allowed) {
        String s = string(key, fallback);
        for (String a : allowed) {
            if (s.equals(a)) {
                return s;
            }
        }
        throw new ModelException(file + ": " + key + " is '" + s + "', which is not supported; supported: "
                + String.join(", ", allowed));
    }

    /** A number that must be this where it is given. */
    public void exactly(String key, double value) {
        if (number(key, value) != value) {
            throw refused(key, value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value));
        }
    }

    /** An object whose values are texts; empty if it is not there. */
    public Map<String, String> texts(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonNode n = node(key, false);
        if (n != null) {
            if (!n.isObject()) {
                throw wrong(key, n, "an object of texts");
            }
            n.properties().forEach(e -> {
                if (!e.getValue().isTextual()) {
                    throw wrong(key + "." + e.getKey(), e.getValue(), "a text");
                }
                texts.put(e.getKey(), e.getValue().textValue());
            });
        }
        return texts;
    }

    /** Whether a key has a value other than null. */
    public boolean isSet(String key) {
        return node(key, false) != null;
    }

    /** Whether a key is there with a list of texts that has one. */
    public boolean hasStrings(String key) {
        JsonNode n = node(key, false);
        return n != null && n.isArray() && !n.isEmpty() && n.valueStream().allMatch(JsonNode::isTextual);
    }

    /** Whether a key is there, be it with the value null. */
    public boolean has(String key) {
        return root.has(key);
    }

    /** Keys of features that are not supported: refused unless they are absent, null, false or a list of false. */
    public void unset(String... keys) {
        for (String key : keys) {
            JsonNode n = node(key, false);
            if (n != null && !isOff(n)) {
                throw refused(key, "null");
            }
        }
    }

    /** A key that must be absent, null, or an object or a list of nothing. */
    public void empty(String key) {
        JsonNode n = node(key, false);
        if (n != null && !(n.isContainerNode() && n.isEmpty())) {
            throw refused(key, "null");
        }
    }

    private static boolean isOff(JsonNode n) {
        return n.isBoolean()
                ? !n.booleanValue()
                : n.isArray() && n.valueStream().allMatch(item -> item.isBoolean() && !item.booleanValue());
    }

    /** The error for a value that is not supported. */
    public ModelException refused(String key, String supported) {
        return new ModelException(
                file + ": " + key + " is " + root.get(key) + ", which is not supported; supported: " + supported);
    }

    /** Keys that have no influence here and are accepted with any value. */
    public void ignore(String... keys) {
        read.addAll(List.of(keys));
    }

    /** Refuses keys that were not asked for and have a value; what diffusers' averaging of weights writes beside a network's is passed over. */
    public void done() {
        Set<String> unknown = new TreeSet<>();
        root.fieldNames().forEachRemaining(k -> {
            if (!k.startsWith("_") && !read.contains(k) && !BESIDE.contains(k) && !isNothing(root.get(k))) {
                unknown.add(k);
            }
        });
        if (!unknown.isEmpty()) {
            throw new ModelException(file + ": unknown key '"
                    + unknown.iterator().next() + "'; known: " + String.join(", ", new TreeSet<>(read)));
        }
    }

    private @Nullable JsonNode node(String key, boolean required) {
        read.add(key);
        JsonNode n = root.get(key);
        if (n == null || isNothing(n)) {
            if (required) {
                throw new ModelException(file + ": key '" + key + "' is missing");
            }
            return null;
        }
        return n;
    }

    /** null, or Python's None as a text, which scripts make of it. */
    private static boolean isNothing(JsonNode n) {
        return n.isNull() || "None".equals(n.textValue());
    }

    /** A value, or the only one of a list. */
    private @Nullable JsonNode one(String key, boolean required) {
        JsonNode n = node(key, required);
        JsonNode only = n != null && n.isArray() && n.size() == 1 ? n.get(0) : n;
        return only != null && isNothing(only) && !required ? null : only;
    }

    private ModelException wrong(String key, JsonNode n, String needed) {
        return new ModelException(file + ": " + key + " is " + n + "; " + needed + " is needed");
    }

    /**
     * Writes an object in the form that {@link #read} takes.
     *
     * @throws dev.canonica.tensor.io.FormatException if the file cannot be written
     */
    public static void write(Path file, Map<String, ?> entries) {
        try {
            AtomicFiles.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(entries) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ": no JSON can be made of " + entries, e);
        }
    }
}
