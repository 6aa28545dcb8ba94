package dev.canonica.models.nn;

import dev.canonica.models.StateDict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A module of several layers, which it makes in the order in which it computes them. */
public abstract class Composite implements Layer {
    private final String path;
    private final List<Layer> computed = new ArrayList<>();
    private final List<Layer> stored = new ArrayList<>();
    private final List<Layer> storedLast = new ArrayList<>();

    /** A module without layers yet. */
    protected Composite(String path) {
        this.path = path;
    }

    @Override
    public final String path() {
        return path;
    }

    /** The path of what has this name within the module. */
    protected final String within(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Adds the layer that is computed, and stored in the state dict, after those before. */
    protected final <L extends Layer> L add(L layer) {
        computed.add(layer);
        stored.add(layer);
        return layer;
    }

    /** As {@link #add}, for a layer whose parameters the state dict has after those of all others. */
    protected final <L extends Layer> L addStoredLast(L layer) {
        computed.add(layer);
        storedLast.add(layer);
        return layer;
    }

    @Override
    public final void declare(StateDict.Shapes shapes) {
        stored.forEach(layer -> layer.declare(shapes));
        storedLast.forEach(layer -> layer.declare(shapes));
    }

    @Override
    public final void list(Collection<String> paths) {
        computed.forEach(layer -> layer.list(paths));
        if (!path.isEmpty()) {
            paths.add(path);
        }
    }
}
