package dev.canonica.models.text;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What is done to a text before it is cut into tokens. openai/CLIP's way: the repairs of ftfy's {@code fix_text}, references of HTML resolved twice, white space
 * brought to single spaces, lower case.
 *
 * <p>Of ftfy's repairs one is left out: the guess that a text was decoded in the wrong encoding ("cafÃ©"). Java's strings come decoded.
 */
final class TextCleaning {
    private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern OUTER_SPACES =
            Pattern.compile("^[\\s\\x1C-\\x1F]+|[\\s\\x1C-\\x1F]+$", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\\u02BC\\u2018-\\u201B]");
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\\u201C-\\u201F]");
    private static final Pattern LINE_BREAKS = Pattern.compile("\\r\\n?|[\\u2028\\u2029\\u0085]");
    private static final Pattern TERMINAL_ESCAPES = Pattern.compile("\\x1B\\[[0-9;]*[a-zA-Z]");
    private static final Pattern LONE_SURROGATES =
            Pattern.compile("[\\uD800-\\uDFFF]"); // a pair is one character to it
    private static final Pattern CONTROLS =
            Pattern.compile("[\\x00-\\x08\\x0B\\x0E-\\x1F\\x7F\\u206A-\\u206F\\uFEFF\\uFFF9-\\uFFFC]");

    private static final Map<Character, String> LIGATURES = Map.ofEntries(
            Map.entry('Ĳ', "IJ"),
            Map.entry('ĳ', "ij"),
            Map.entry('ŉ', "ʼn"),
            Map.entry('Ǳ', "DZ"),
            Map.entry('ǲ', "Dz"),
            Map.entry('ǳ', "dz"),
            Map.entry('Ǆ', "DŽ"),
            Map.entry('ǅ', "Dž"),
            Map.entry('ǆ', "dž"),
            Map.entry('Ǉ', "LJ"),
            Map.entry('ǈ', "Lj"),
            Map.entry('ǉ', "lj"),
            Map.entry('Ǌ', "NJ"),
            Map.entry('ǋ', "Nj"),
            Map.entry('ǌ', "nj"),
            Map.entry('ﬀ', "ff"),
            Map.entry('ﬁ', "fi"),
            Map.entry('ﬂ', "fl"),
            Map.entry('ﬃ', "ffi"),
            Map.entry('ﬄ', "ffl"),
            Map.entry('ﬅ', "ſt"),
            Map.entry('ﬆ', "st"));

    private TextCleaning() {}

    /** The whole way. */
    static String clean(String text) {
        String repaired = HtmlEntities.unescape(HtmlEntities.unescape(repaired(text)));
        String stripped = OUTER_SPACES.matcher(repaired).replaceAll("");
        return SPACES.matcher(stripped).replaceAll(" ").strip().toLowerCase(Locale.ROOT);
    }

    /** The way of transformers: NFC, white space brought to single spaces, each letter in lower case by itself (a final Σ, too, is σ). */
    static String normalised(String text) {
        String spaced = SPACES.matcher(
                        Normalizer.normalize(LONE_SURROGATES.matcher(text).replaceAll("\uFFFD"), Form.NFC))
                .replaceAll(" ");
        StringBuilder lower = new StringBuilder();
        spaced.codePoints().forEach(c -> lower.append(Character.toString(c).toLowerCase(Locale.ROOT)));
        return lower.toString();
    }

    /**
     * Each line repaired until nothing changes. From the first line on that holds a {@code <}, which may be HTML, references are left to
     * those who know.
     */
    private static String repaired(String text) {
        StringBuilder all = new StringBuilder();
        boolean html = false;
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from) + 1;
            String line = text.substring(from, end == 0 ? text.length() : end);
            html |= line.contains("<");
            all.append(repairedLine(line, html));
            from += line.length();
        }
        return all.toString();
    }

    private static String repairedLine(String line, boolean html) {
        String text = line;
        boolean unescape = !html;
        while (true) {
            String before = text;
            text = unescape ? HtmlEntities.unescapeStrictly(text) : text;
            text = replaceCharacters(Windows1252.decodeAll(text));
            text = DOUBLE_QUOTES.matcher(text).replaceAll("\"");
            text = SINGLE_QUOTES.matcher(text).replaceAll("'");
            text = LINE_BREAKS.matcher(text).replaceAll("\n");
            text = LONE_SURROGATES.matcher(text).replaceAll("\uFFFD");
            text = TERMINAL_ESCAPES.matcher(text).replaceAll("");
            text = CONTROLS.matcher(text).replaceAll("");
            text = Normalizer.normalize(text, Form.NFC);
            if (text.equals(before)) {
                return text;
            }
        }
    }

    /** Ligatures of Latin letters taken apart, and full and half width characters as the usual ones. */
    private static String replaceCharacters(String text) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\u3000') {
                s.append(' ');
            } else if (c >= '\uFF01' && c < '\uFFF0') {
                s.append(Normalizer.normalize(String.valueOf(c), Form.NFKC));
            } else {
                s.append(LIGATURES.getOrDefault(c, String.valueOf(c)));
            }
        }
        return s.toString();
    }
}
