package dev.canonica.cadistill.attack;

import dev.canonica.tensor.CanonicaException;

/** An attack that cannot be made; the message is one line that says why, and what would be right. */
public final class AttackException extends CanonicaException {
    private static final long serialVersionUID = 1L;

    /** With the line to show. */
    public AttackException(String message) {
        super(message);
    }
}
