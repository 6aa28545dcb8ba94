package dev.canonica.models.text;

/** The control characters U+0080 to U+009F as what browsers take them for: the bytes of Windows-1252. */
final class Windows1252 {
    /** By byte from 0x80; the five that Windows-1252 leaves open stay what they are. */
    private static final String HIGH = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    private Windows1252() {}

    static String decode(char control) {
        return HIGH.substring(control - 0x80, control - 0x7F);
    }

    /** The text with all of them replaced. */
    static String decodeAll(String text) {
        if (text.chars().noneMatch(c -> c >= 0x80 && c < 0xA0)) {
            return text;
        }
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            s.append(c >= 0x80 && c < 0xA0 ? decode(c) : String.valueOf(c));
        }
        return s.toString();
    }
}
