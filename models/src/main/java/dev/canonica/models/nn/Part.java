package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;

/** A layer from one value to another. */
public interface Part extends Layer {
    /**
     * The output, which {@link Pass#apply} and {@link Pass#run} show to the probe under this part's path; any value at all once the pass has {@linkplain
     * Pass#found found} what is wanted.
     */
    Var forward(Pass pass, Var x);
}
