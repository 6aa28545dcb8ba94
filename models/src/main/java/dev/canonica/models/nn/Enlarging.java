package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;

/** A part that doubles height and width, or gives one less of them, where halving has rounded up. */
public interface Enlarging extends Part {
    /** The output of this height and width. */
    Var forward(Pass pass, Var x, int height, int width);
}
