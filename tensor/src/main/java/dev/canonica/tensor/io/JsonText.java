package dev.canonica.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON, read strictly, token by token: by the readers of this package as they need it, by others as plain values. Values are maps in the order of
 * their members, lists, {@link String}, {@link Long} (whole numbers that fit), {@link Double}, {@link Boolean} and null.
 */
public final class JsonText {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_BYTES = 1 << 30;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    /** Beside what JSON escapes: control characters, ends of lines and directions of writing. */
    private static final Pattern OBEYED = Pattern.compile("[\\x7F-\\x9F\\u2028-\\u202E\\u2066-\\u2069]");

    private final String file;
    private final String what;
    private final CharBuffer text;
    private int at;

    /** The header or the index of a file of tensors. */
    JsonText(String file, ByteBuffer utf8) {
        this(file, "header", utf8);
    }

    private JsonText(String file, String what, ByteBuffer utf8) {
        this.file = file;
        this.what = what;
        try {
            this.text = StandardCharsets.UTF_8.newDecoder().decode(utf8);
        } catch (CharacterCodingException e) {
            throw new FormatException(file + ": damaged " + what + ": not UTF-8", e);
        }
    }

    /**
     * Reads a file of one object.
     *
     * @throws FormatException if it cannot be read, or is no such object
     */
    public static Map<String, @Nullable Object> read(Path file) {
        try {
            JsonText json =
                    new JsonText(file.toString(), "JSON", RegularFile.withoutMark(RegularFile.bytes(file, MAX_BYTES)));
            Map<String, @Nullable Object> object = json.object(0);
            json.end();
            return object;
        } catch (IOException e) {
            throw FormatException.of(file, "read", e);
        }
    }

    /**
     * A value as text: objects with a member a line, and the objects of a list on a line each. Members come in their map's order; of a map without one ({@link Map#of}) by name.
     *
     * @throws IllegalArgumentException if it is none that {@link #read} can give, such as NaN
     */
    public static String write(Map<String, ? extends @Nullable Object> object) {
        StringJoiner lines = new StringJoiner(",\n  ", "{\n  ", "\n}\n");
        lines.setEmptyValue("{}\n");
        MapOrder.of(object).forEach((name, value) -> lines.add(quote(name) + ": " + text(value)));
        return lines.toString();
    }

    private static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String s -> quote(s);
            case Boolean b -> b.toString();
            case Long n -> n.toString();
            case Integer n -> n.toString();
            case Double d when Double.isFinite(d) -> d.toString();
            case List<?> list -> {
                boolean objects = !list.isEmpty() && list.getFirst() instanceof Map;
                StringJoiner all =
                        objects ? new StringJoiner(",\n    ", "[\n    ", "\n  ]") : new StringJoiner(", ", "[", "]");
                list.forEach(v -> all.add(text(v)));
                yield all.toString();
            }
            case Map<?, ?> map -> {
                StringJoiner all = new StringJoiner(", ", "{", "}");
                MapOrder.of(map).forEach((name, v) -> all.add(quote((String) name) + ": " + text(v)));
                yield all.toString();
            }
            default -> throw new IllegalArgumentException("JSON has no value like " + value);
        };
    }

    private Map<String, @Nullable Object> object(int depth) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        expect('{');
        if (!accept('}')) {
            do {
                String key = key();
                if (map.containsKey(key)) {
                    throw new FormatException(file + ": '" + key + "' is there twice");
                }
                map.put(key, value(depth + 1));
            } while (accept(','));
            expect('}');
        }
        return map;
    }

    private @Nullable Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw expected("nesting of at most " + MAX_DEPTH);
        }
        skipSpace();
        char c = at < text.length() ? text.charAt(at) : 0;
        return switch (c) {
            case '{' -> object(depth);
            case '"' -> string();
            case '[' -> {
                List<@Nullable Object> list = new ArrayList<>();
                expect('[');
                if (!accept(']')) {
                    do {
                        list.add(value(depth + 1));
                    } while (accept(','));
                    expect(']');
                }
                yield list;
            }
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private @Nullable Object word(String word, @Nullable Object value) {
        for (char c : word.toCharArray()) {
            if (next() != c) {
                throw expected("'" + word + "'");
            }
        }
        return value;
    }

    private Object number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt()) {
            throw expected("a value");
        }
        at = number.end();
        String digits = number.group();
        if (number.group(2) == null && number.group(3) == null) {
            try {
                return Long.valueOf(digits);
            } catch (NumberFormatException e) {
                // as it is: too large for a long
            }
        }
        return Double.valueOf(digits);
    }

    /** A member's name and the colon after it. */
    String key() {
        String s = string();
        expect(':');
        return s;
    }

    String string() {
        expect('"');
        StringBuilder s = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                if (s.codePoints().anyMatch(p -> p >= Character.MIN_SURROGATE && p <= Character.MAX_SURROGATE)) {
                    throw new FormatException(file + ": damaged " + what
                            + ": half a character (a lone surrogate) in the text before character " + at);
                }
                return s.toString();
            }
            if (c < 0x20) {
                throw expected("a character other than a control character");
            }
            s.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    char h = next();
                    int digit = h < 0x80 ? Character.digit(h, 16) : -1;
                    if (digit < 0) {
                        throw expected("a hexadecimal digit");
                    }
                    code = 16 * code + digit;
                }
                yield (char) code;
            }
            default -> throw expected("an escape");
        };
    }

    /** An object of texts, each name once. */
    Map<String, String> strings() {
        Map<String, String> map = new LinkedHashMap<>();
        expect('{');
        if (!accept('}')) {
            do {
                String key = key();
                if (map.put(key, string()) != null) {
                    throw new FormatException(file + ": '" + key + "' is there twice");
                }
            } while (accept(','));
            expect('}');
        }
        return map;
    }

    /** Reads over any value; its numbers and words are not looked at closely. */
    void skip() {
        skip(0);
    }

    private void skip(int depth) {
        if (depth > MAX_DEPTH) {
            throw expected("nesting of at most " + MAX_DEPTH);
        }
        if (accept('{')) {
            if (!accept('}')) {
                do {
                    key();
                    skip(depth + 1);
                } while (accept(','));
                expect('}');
            }
        } else if (accept('[')) {
            if (!accept(']')) {
                do {
                    skip(depth + 1);
                } while (accept(','));
                expect(']');
            }
        } else if (at < text.length() && text.charAt(at) == '"') {
            string();
        } else {
            int start = at;
            while (at < text.length()
                    && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            if (at == start) {
                throw expected("a value");
            }
        }
    }

    /** An array of whole numbers of at least 0. */
    List<Long> integers() {
        List<Long> list = new ArrayList<>();
        expect('[');
        if (!accept(']')) {
            do {
                list.add(integer());
            } while (accept(','));
            expect(']');
        }
        return list;
    }

    private long integer() {
        skipSpace();
        int start = at;
        long n = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            int digit = text.charAt(at++) - '0';
            if (n > (Long.MAX_VALUE - digit) / 10) {
                throw expected("a number below 2^63");
            }
            n = 10 * n + digit;
        }
        if (at == start || (at > start + 1 && text.charAt(start) == '0')) {
            throw expected("a whole number of at least 0");
        }
        return n;
    }

    boolean accept(char c) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!accept(c)) {
            throw expected("'" + c + "'");
        }
    }

    void end() {
        skipSpace();
        if (at < text.length()) {
            throw expected("nothing more");
        }
    }

    private char next() {
        if (at == text.length()) {
            throw expected("more");
        }
        return text.charAt(at++);
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private FormatException expected(String expected) {
        return new FormatException(file + ": damaged " + what + ": " + expected + " expected at character " + at);
    }

    /** A string as JSON. */
    static String quote(String s) {
        StringBuilder q = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') {
                q.append('\\').append(c);
            } else if (c < 0x20) {
                q.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                q.append(c);
            }
        }
        return plain(q.append('"').toString());
    }

    /**
     * JSON of the same meaning in which nothing stands that a terminal would obey: JSON itself wants no escapes beyond U+001F, terminals obey U+009B and
     * others.
     */
    public static String plain(String json) {
        return OBEYED.matcher(json)
                .replaceAll(found -> String.format(
                        Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
    }
}
