package dev.canonica.models.nn;

import dev.canonica.models.StateDict;
import java.util.Collection;

/** A module of which only the output is among the layers, not what is within. */
public record Closed(Layer module) implements Layer {
    @Override
    public String path() {
        return module.path();
    }

    @Override
    public void declare(StateDict.Shapes shapes) {
        module.declare(shapes);
    }

    @Override
    public void list(Collection<String> paths) {
        paths.add(path());
    }
}
