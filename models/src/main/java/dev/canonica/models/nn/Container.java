package dev.canonica.models.nn;

import dev.canonica.models.StateDict;
import java.util.Collection;

/**
 * A module around another, with an output of its own or the same.
 *
 * @param inner what it holds
 */
public record Container(String path, Layer inner) implements Layer {
    @Override
    public void declare(StateDict.Shapes shapes) {
        inner.declare(shapes);
    }

    @Override
    public void list(Collection<String> paths) {
        inner.list(paths);
        paths.add(path);
    }
}
