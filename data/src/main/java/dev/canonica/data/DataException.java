package dev.canonica.data;

/** Data that cannot be used: missing, corrupt or misnamed. The message is one line that names it and the cure. */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
