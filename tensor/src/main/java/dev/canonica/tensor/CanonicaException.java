package dev.canonica.tensor;

/**
 * The root of this project's own exceptions: what it was given, or where it runs, does not allow what was asked for. The message is one line, to be
 * shown to whoever asked: it names the file, tensor, option or shape, says what is wrong with it, and what would be right.
 *
 * <p>A mistake of the calling code, such as shapes that do not fit together, is an {@link IllegalArgumentException} or an
 * {@link IllegalStateException}, with a message of the same form.
 */
public abstract class CanonicaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the line to show. */
    protected CanonicaException(String message) {
        super(oneLine(message));
    }

    /** With the line to show, and what it comes from. */
    protected CanonicaException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** Names and values that come from a file may hold anything; on a terminal, control characters would be obeyed. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}", "?");
    }
}
