package dev.canonica.data;

import dev.canonica.tensor.io.ItemDigest;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names of files made from names of images or classes, different ones from different ones, on every file system: also on one that takes {@code A.png} and
 * {@code a.png}, or an é in one character and in two, for the same.
 *
 * <p>Letters and digits, dots, underscores and hyphens stay; of other alphabets those that have one form in Unicode, and of letters with cases the lower
 * ones. Any other character becomes {@code %xx} for each of its bytes in UTF-8, as in an address. So do a dot at the beginning or the end, which hides a
 * file or gets lost, and the first letter of what names a device in Windows ({@code con}). What is too long is cut and ends in a digest of the whole.
 */
public final class FileNames {
    /** Bytes of a name; file systems take 255, and what is added to a name needs some. */
    private static final int LONGEST = 200;

    private static final int DIGEST = 8;
    private static final Pattern DEVICE =
            Pattern.compile("(con|prn|aux|nul|com[0-9]|lpt[0-9])(\\..*)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern IMAGE = Pattern.compile("\\.(png|jpe?g|jpe|jfif|gif|bmp)$", Pattern.CASE_INSENSITIVE);
    private static final String PNG = ".png";

    /** How much of an id its name shows: what is less may be the same for two. */
    private enum Form {
        /** Without the suffix of the image, {@code a} for {@code a.jpg}. */
        SHORT,
        /** With it. */
        WHOLE,
        /** And capital letters escaped, so that nothing is lost where case does not count. */
        ESCAPED
    }

    private FileNames() {}

    /** A name as that of a file or a folder; different names give different ones, but for the case of ASCII's letters. */
    public static String of(String name) {
        return shortened(escaped(name, false));
    }

    /**
     * PNG files for images, as paths with slashes: a folder in the id is one in the path, and the image's own suffix is left away where that leaves no two
     * the same.
     *
     * @param ids all different
     */
    public static List<String> pngs(List<String> ids) {
        if (new HashSet<>(ids).size() < ids.size()) {
            throw new IllegalArgumentException("two images have the same id");
        }
        Form[] forms = new Form[ids.size()];
        Arrays.fill(forms, Form.SHORT);
        String[] paths = new String[forms.length];
        boolean same = true;
        while (same) {
            same = false;
            Map<String, Integer> first = new HashMap<>();
            Set<Integer> again = new HashSet<>();
            for (int i = 0; i < paths.length; i++) {
                paths[i] = png(ids.get(i), forms[i]);
                Integer other = first.putIfAbsent(paths[i].toLowerCase(Locale.ROOT), i);
                if (other != null) {
                    again.add(other);
                    again.add(i);
                }
            }
            for (int i : again) {
                if (forms[i] != Form.ESCAPED) {
                    forms[i] = Form.values()[forms[i].ordinal() + 1];
                    same = true;
                }
            }
        }
        return List.of(paths);
    }

    /** Every path that {@link #pngs} may give an image, in whatever set. */
    public static List<String> pngsOf(String id) {
        return Arrays.stream(Form.values())
                .map(form -> png(id, form))
                .distinct()
                .toList();
    }

    private static String png(String id, Form form) {
        String shown = form == Form.SHORT ? IMAGE.matcher(id).replaceFirst("") : id;
        String[] parts = shown.split("/", -1);
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < parts.length; i++) {
            String name = shortened(escaped(parts[i], form == Form.ESCAPED));
            if (i == parts.length - 1) {
                path.append(name).append(PNG);
            } else {
                path.append(folder(name)).append('/');
            }
        }
        return path.toString();
    }

    /** No folder has the name of a picture. */
    private static String folder(String name) {
        int dot = name.length() - PNG.length();
        return name.toLowerCase(Locale.ROOT).endsWith(PNG)
                ? name.substring(0, dot) + "%2e" + name.substring(dot + 1)
                : name;
    }

    private static String escaped(String name, boolean capitals) {
        if (name.isEmpty()) {
            return "%";
        }
        boolean composed = Normalizer.isNormalized(name, Normalizer.Form.NFC);
        int[] characters = name.codePoints().toArray();
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < characters.length; i++) {
            int c = characters[i];
            boolean edge = i == 0 || i == characters.length - 1;
            boolean stays = c < 128 ? plain(c, edge) && !(capitals && c >= 'A' && c <= 'Z') : composed && hasOneForm(c);
            if (stays && !(i == 0 && DEVICE.matcher(name).matches())) {
                escaped.appendCodePoint(c);
            } else {
                for (byte b : bytes(c)) {
                    escaped.append('%').append(HexFormat.of().toHexDigits(b));
                }
            }
        }
        return escaped.toString();
    }

    private static boolean plain(int c, boolean edge) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '_'
                || c == '-'
                || c == '.' && !edge;
    }

    /** Letters and digits outside ASCII that no file system takes for others. */
    private static boolean hasOneForm(int c) {
        String text = Character.toString(c);
        boolean lower = Character.isLowerCase(c)
                && text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT).equals(text)
                && !text.toUpperCase(Locale.ROOT).equals(text);
        boolean without = Character.getType(c) == Character.OTHER_LETTER
                || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
        return (lower || without) && Normalizer.isNormalized(text, Normalizer.Form.NFKC);
    }

    /** A lone half of a pair has no bytes in UTF-8; here it has those that it would have. */
    private static byte[] bytes(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE
                ? new byte[] {(byte) (0xE0 | c >> 12), (byte) (0x80 | c >> 6 & 0x3F), (byte) (0x80 | c & 0x3F)}
                : Character.toString(c).getBytes(StandardCharsets.UTF_8);
    }

    private static String shortened(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST) {
            return name;
        }
        int end = LONGEST - 2 * DIGEST - 1;
        while ((bytes[end] & 0xC0) == 0x80) { // not inside of a character
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + "~"
                + HexFormat.of().formatHex(ItemDigest.sha256().digest(bytes), 0, DIGEST);
    }
}
