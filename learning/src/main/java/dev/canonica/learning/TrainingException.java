package dev.canonica.learning;

import dev.canonica.tensor.CanonicaException;

/** Training that cannot begin or go on; the message is one line that says why, and what would be right. */
public final class TrainingException extends CanonicaException {
    private static final long serialVersionUID = 1L;

    /** With the line to show. */
    public TrainingException(String message) {
        super(message);
    }

    /** With the line to show, and the reason. */
    public TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
