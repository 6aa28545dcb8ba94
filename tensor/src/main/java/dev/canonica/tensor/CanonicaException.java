package dev.canonica.tensor;

import java.util.regex.Pattern;

/**
 * The root of this project's own exceptions: what it was given, or where it runs, does not allow what was asked for. The message is one line, to be
 * shown to whoever asked: it names the file, tensor, option or shape, says what is wrong with it, and what would be right.
 *
 * <p>A mistake of the calling code, such as shapes that do not fit together, is an {@link IllegalArgumentException} or an
 * {@link IllegalStateException}, with a message of the same form.
 */
public abstract class CanonicaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Characters of a message, at most. */
    private static final int LONGEST = 300;

    private static final String GAP = " … ";

    /** Control characters of both ranges, line separators, and marks that turn the direction of what follows. */
    private static final Pattern UNSAFE =
            Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}\\u202A-\\u202E\\u2066-\\u2069]");

    /** With the line to show. */
    protected CanonicaException(String message) {
        super(line(message));
    }

    /** With the line to show, and what it comes from. */
    protected CanonicaException(String message, Throwable cause) {
        super(line(message), cause);
    }

    /**
     * A text as one line that is safe to show: names and values that come from a file may hold anything, and a terminal would obey control
     * characters. Of a line that is too long the middle is left out, for it begins with what it is about and ends with what would be right.
     */
    public static String line(String text) {
        String line = shown(text);
        if (line.length() <= LONGEST) {
            return line;
        }
        int head = LONGEST * 2 / 3;
        int tail = line.length() - (LONGEST - head - GAP.length());
        return line.substring(0, Character.isHighSurrogate(line.charAt(head - 1)) ? head - 1 : head)
                + GAP
                + line.substring(Character.isLowSurrogate(line.charAt(tail)) ? tail + 1 : tail);
    }

    /** A text, of any length, without what a terminal would obey. */
    public static String shown(String text) {
        return UNSAFE.matcher(text).replaceAll("?");
    }
}
