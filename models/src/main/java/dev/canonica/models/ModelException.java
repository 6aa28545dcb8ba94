package dev.canonica.models;

import dev.canonica.tensor.CanonicaException;

/** A model, checkpoint or configuration that cannot be used; the message is one line that names it and says what would be right. */
public class ModelException extends CanonicaException {
    private static final long serialVersionUID = 1L;

    /** With the line to show. */
    public ModelException(String message) {
        super(message);
    }

    /** With the line to show, and the reason. */
    public ModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
