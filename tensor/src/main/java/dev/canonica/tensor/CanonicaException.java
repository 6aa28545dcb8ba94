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

    /** Characters of a word of a message that is too long, at least. */
    private static final int LONGEST_WORD = 60;

    private static final String GAP = " … ";

    /** Characters before the gap. */
    private static final int HEAD = LONGEST * 2 / 3;

    private static final String COMMA = ", ";

    /** What stands in the place of so many members of a list. */
    private static final String MORE = "… %d more …";

    /** Characters that their number takes beyond those of its place. */
    private static final int DIGITS = 4;

    /** Members that make a list, at least. */
    private static final int MEMBERS = 3;

    /** Control characters of both ranges, line separators, and marks that turn the direction of what follows. */
    private static final Pattern UNSAFE =
            Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Cs}\\u202A-\\u202E\\u2066-\\u2069]");

    /** With the line to show. */
    protected CanonicaException(String message) {
        super(line(message));
    }

    /** With the line to show, and after it a command, whole however long it is: one that is cut helps nobody. */
    protected CanonicaException(String message, String command) {
        super(line(message) + ": " + shown(command));
    }

    /** With the line to show, and what it comes from. */
    protected CanonicaException(String message, Throwable cause) {
        super(line(message), cause);
    }

    /**
     * A text as one line that is safe to show: names and values that come from a file may hold anything, and a terminal would obey control
     * characters. Of a line that is too long the middle of its longest words is left out, which are paths, and then the middle of what is left, between words, or of a list between its
     * members, with their number: it begins with what it is about and ends with what would be right.
     */
    public static String line(String text) {
        String line = shown(text);
        for (Span word = longestWord(line);
                line.length() > LONGEST && word.length() > LONGEST_WORD;
                word = longestWord(line)) {
            int most = Math.max(LONGEST_WORD, word.length() - (line.length() - LONGEST));
            line = line.substring(0, word.from())
                    + cut(line.substring(word.from(), word.to()), most, most / 2)
                    + line.substring(word.to());
        }
        return line.length() <= LONGEST ? line : withoutMiddle(line);
    }

    /** A line that is too long without its middle. */
    private static String withoutMiddle(String line) {
        int head = line.lastIndexOf(COMMA, HEAD - COMMA.length());
        int tail = line.indexOf(COMMA, line.length() - (LONGEST - HEAD - MORE.length() - DIGITS));
        if (head >= 0 && tail > head) {
            String between = line.substring(head + COMMA.length(), tail);
            int members = between.split(COMMA, -1).length;
            if (members >= MEMBERS && !between.contains("; ") && !between.contains(": ")) {
                return line.substring(0, head + COMMA.length()) + MORE.formatted(members) + line.substring(tail);
            }
        }
        int before = line.lastIndexOf(' ', HEAD);
        int after = line.indexOf(' ', line.length() - (LONGEST - HEAD - GAP.length()) - 1);
        boolean words = before > HEAD - LONGEST_WORD && after >= 0 && after < line.length() - 1;
        return words ? line.substring(0, before) + GAP + line.substring(after + 1) : cut(line, LONGEST, HEAD);
    }

    /** A part of a line. */
    private record Span(int from, int to) {
        int length() {
            return to - from;
        }
    }

    private static Span longestWord(String line) {
        Span longest = new Span(0, 0);
        for (int from = 0; from <= line.length(); ) {
            int space = line.indexOf(' ', from);
            int to = space < 0 ? line.length() : space;
            if (to - from > longest.length()) {
                longest = new Span(from, to);
            }
            from = to + 1;
        }
        return longest;
    }

    /** A text of at most so many characters, of which so many are its first. */
    private static String cut(String text, int most, int head) {
        int tail = text.length() - (most - head - GAP.length());
        return text.substring(0, Character.isHighSurrogate(text.charAt(head - 1)) ? head - 1 : head)
                + GAP
                + text.substring(Character.isLowSurrogate(text.charAt(tail)) ? tail + 1 : tail);
    }

    /** A text, of any length, without what a terminal would obey. */
    public static String shown(String text) {
        return UNSAFE.matcher(text).replaceAll("?");
    }
}
