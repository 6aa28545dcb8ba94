package dev.canonica.tensor.operation;

import dev.canonica.tensor.CanonicaException;

/** Numbers that are NaN or infinite where a result, an input or a weight is needed. The message names the first of them and what it is of. */
public final class NonFiniteException extends CanonicaException {
    private static final long serialVersionUID = 1L;

    /** With the line to show. */
    public NonFiniteException(String message) {
        super(message);
    }

    /** With the line to show, and what it comes from. */
    public NonFiniteException(String message, Throwable cause) {
        super(message, cause);
    }
}
