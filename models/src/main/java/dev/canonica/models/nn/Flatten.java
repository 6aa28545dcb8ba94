package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;

/** All values of a sample in a row: [B, …] → [B, N]. */
public record Flatten(String path) implements Part {
    @Override
    public void declare(StateDict.Shapes shapes) {
        // there are no parameters
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return x.reshape(x.dim(0), -1);
    }
}
