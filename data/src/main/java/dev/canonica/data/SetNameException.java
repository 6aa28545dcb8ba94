package dev.canonica.data;

/** The name of a data set, or an option after it, that there is not; the message says which there are. */
public final class SetNameException extends DataException {
    private static final long serialVersionUID = 1L;

    /** The message as it is shown: one line that begins with the name. */
    public SetNameException(String message) {
        super(message);
    }

    /** As without a cause, after another failure that the message has said in words. */
    public SetNameException(String message, Throwable cause) {
        super(message, cause);
    }
}
