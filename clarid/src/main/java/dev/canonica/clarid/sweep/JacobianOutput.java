package dev.canonica.clarid.sweep;

import dev.canonica.clarid.CanonicalExtraction;

/** What the Jacobian is of that directions are found in. */
public enum JacobianOutput {
    /** A layer's features under the condition (arXiv 2506.09955). */
    FEATURES("features"),
    /** x̂₀, the image that the model expects of the latent under the condition. */
    CLEAN(CanonicalExtraction.CLEAN),
    /** x̂₀ under the condition less x̂₀ under none: what the condition makes of the latent. */
    DIFFERENCE(CanonicalExtraction.DIFFERENCE);

    private final String id;

    JacobianOutput(String id) {
        this.id = id;
    }

    /** Its name on the command line. */
    public String id() {
        return id;
    }

    /** The {@linkplain CanonicalExtraction#layer layer} of an extraction that differentiates it. */
    String layer(String own) {
        return this == FEATURES ? own : id;
    }
}
