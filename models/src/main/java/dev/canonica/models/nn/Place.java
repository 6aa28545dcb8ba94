package dev.canonica.models.nn;

import dev.canonica.models.StateDict;

/** A place in a network that has a name and no parameters, such as pooling. */
public record Place(String path) implements Layer {
    @Override
    public void declare(StateDict.Shapes shapes) {
        // there are no parameters
    }
}
