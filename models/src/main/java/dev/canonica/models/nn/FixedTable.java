package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Shape;
import java.util.Collection;

/** A parameter that training leaves as it is; a layer with nothing to look at. */
public record FixedTable(String path, Shape shape) implements Layer {
    @Override
    public void declare(StateDict.Shapes shapes) {
        shapes.putFixed(path, shape.dims());
    }

    @Override
    public void list(Collection<String> paths) {
        // it is no module of the reference
    }

    /** Its value. */
    public Var of(Pass pass) {
        return pass.parameter(path);
    }
}
