package dev.canonica.models.nn;

import dev.canonica.models.StateDict;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** A layer of a network, or a module of several: the names and shapes of its parameters, and the names of what can be looked at in it. */
public interface Layer {
    /** The reference's module path. */
    String path();

    /** Adds the names and shapes of the parameters, in the order of the state dict. */
    void declare(StateDict.Shapes shapes);

    /** Adds the paths of the layers within, in the order of computation, and its own after them. */
    default void list(Collection<String> paths) {
        paths.add(path());
    }

    /** What {@link #declare} adds. */
    default StateDict.Shapes shapes() {
        StateDict.Shapes shapes = new StateDict.Shapes();
        declare(shapes);
        return shapes;
    }

    /** What {@link #list} adds, each path once. */
    default Set<String> layers() {
        Set<String> paths = new LinkedHashSet<>();
        list(paths);
        return paths;
    }
}
