package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;

/** A module of a network: its parameters, and what it does to images [B, C, H, W]. */
interface Part {
    /** The reference's module path. */
    String path();

    /** Adds the names and shapes of the parameters. */
    void declare(StateDict.Shapes shapes);

    /** The module's output. */
    Var forward(Pass pass, Var x);
}
