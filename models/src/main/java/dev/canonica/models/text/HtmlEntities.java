package dev.canonica.models.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Character references of HTML, such as {@code &amp;}, replaced by what they stand for. */
@SuppressWarnings("EscapedEntity") // they are what this is about
final class HtmlEntities {
    /** Everything that may be a reference, with its semicolon or without. */
    private static final Pattern LOOSE = Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");

    private static final Pattern STRICT = Pattern.compile("&(#?[0-9A-Za-z]{1,24};)");

    private static final Map<String, String> NAMED = named();
    private static final Map<String, String> UPPER = upper(); // needs all of the above

    private HtmlEntities() {}

    /**
     * All references, as browsers read them and Python's {@code html.unescape} does: {@code &ampx} is {@code &x}, and a name that begins with
     * one that is known is that one and the rest.
     */
    static String unescape(String text) {
        return LOOSE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(loose(m)));
    }

    /**
     * References that nobody can have meant otherwise, as ftfy reads them: with a semicolon; also in capitals, {@code &EACUTE;} for É, where HTML
     * has no such name.
     */
    static String unescapeStrictly(String text) {
        return STRICT.matcher(text).replaceAll(m -> Matcher.quoteReplacement(strict(m)));
    }

    private static String loose(MatchResult m) {
        String name = m.group(1);
        if (name.startsWith("#")) {
            return numeric(name);
        }
        for (int n = name.length(); n > 1; n--) {
            String value = NAMED.get(name.substring(0, n));
            if (value != null) {
                return value + name.substring(n);
            }
        }
        return m.group();
    }

    private static String strict(MatchResult m) {
        String name = m.group(1);
        if (name.startsWith("#")) {
            String value = unescape(m.group());
            return value.contains(";") ? m.group() : value;
        }
        String value = NAMED.getOrDefault(name, UPPER.get(name));
        return value == null ? m.group() : value;
    }

    /** The character of {@code #65;} or {@code #x41;}, by the rules of HTML for numbers that are none. */
    private static String numeric(String name) {
        boolean hex = Character.toLowerCase(name.charAt(1)) == 'x';
        String digits = name.substring(hex ? 2 : 1, name.length() - (name.endsWith(";") ? 1 : 0));
        int code = code(digits, hex ? 16 : 10);
        if (code == 0 || code > Character.MAX_CODE_POINT || (code >= 0xD800 && code <= 0xDFFF)) {
            return "\uFFFD";
        }
        if (code >= 0x80 && code < 0xA0) {
            return Windows1252.decode((char) code);
        }
        boolean control = code < 0x20 && code != '\t' && code != '\n' && code != '\f' && code != '\r';
        boolean noCharacter = (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
        return control || code == 0x7F || noCharacter ? "" : Character.toString(code);
    }

    private static int code(String digits, int radix) {
        long code = 0;
        for (int i = 0; i < digits.length() && code <= Character.MAX_CODE_POINT; i++) {
            code = code * radix + Character.digit(digits.charAt(i), radix);
        }
        return (int) Math.min(code, Character.MAX_CODE_POINT + 1L);
    }

    private static Map<String, String> named() {
        Map<String, String> map = new HashMap<>();
        for (String line : lines()) {
            if (!line.startsWith("#")) {
                String[] parts = line.split(" ", -1);
                StringBuilder value = new StringBuilder();
                for (int i = 1; i < parts.length; i++) {
                    value.appendCodePoint(Integer.parseInt(parts[i], 16));
                }
                map.put(parts[0], value.toString());
            }
        }
        return map;
    }

    private static String[] lines() {
        try (@Nullable InputStream in = HtmlEntities.class.getResourceAsStream("entities.txt")) {
            byte[] all = Objects.requireNonNull(in, "entities.txt is missing from the jar")
                    .readAllBytes();
            return new String(all, StandardCharsets.US_ASCII).split("\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> upper() {
        Map<String, String> map = new HashMap<>();
        NAMED.forEach((name, value) -> {
            String capitals = name.toUpperCase(Locale.ROOT);
            if (name.endsWith(";")
                    && name.equals(name.toLowerCase(Locale.ROOT))
                    && unescape("&" + capitals).equals("&" + capitals)) {
                map.put(capitals, value.toUpperCase(Locale.ROOT));
            }
        });
        return map;
    }
}
