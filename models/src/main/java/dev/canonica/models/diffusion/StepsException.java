package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;

/** A number of steps, or an offset, that a sampler cannot have of the timesteps that there are; the message says which are possible. */
public final class StepsException extends ModelException {
    private static final long serialVersionUID = 1L;

    private final boolean ofOffset;

    StepsException(String why, boolean ofOffset) {
        super(why);
        this.ofOffset = ofOffset;
    }

    /** Whether it is the offset that is wrong, and not the number of steps. */
    public boolean isOfOffset() {
        return ofOffset;
    }
}
