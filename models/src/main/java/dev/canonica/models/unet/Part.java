package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import java.util.List;

/** A module of a network: its parameters, and what it does to images [B, C, H, W]. */
interface Part {
    /** The reference's module path. */
    String path();

    /** Adds the names and shapes of the parameters. */
    void declare(StateDict.Shapes shapes);

    /** The paths of the modules within this one whose output the probe is shown: those that own its parameters. */
    default List<String> inner() {
        StateDict.Shapes shapes = new StateDict.Shapes();
        declare(shapes);
        return shapes.owners();
    }

    /** The module's output; any value at all once the pass has {@linkplain Pass#found found} what is wanted. */
    Var forward(Pass pass, Var x);
}
