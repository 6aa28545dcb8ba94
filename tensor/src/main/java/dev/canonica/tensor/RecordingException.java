package dev.canonica.tensor;

/** Work cannot be recorded, or what was recorded cannot be done again; the message says why, in one line. Done without a recording, it works. */
public final class RecordingException extends CanonicaException {
    /** A reason. */
    public RecordingException(String message) {
        super(message);
    }

    /** A reason that something else has. */
    public RecordingException(String message, Throwable cause) {
        super(message, cause);
    }
}
