package dev.canonica.models;

/** A model, checkpoint or configuration that cannot be used; the message is one line that names it and says what would be right. */
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the line to show. */
    public ModelException(String message) {
        super(oneLine(message));
    }

    /** With the line to show, and the reason. */
    public ModelException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** Names and values that come from a file may hold anything. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}", "?");
    }
}
