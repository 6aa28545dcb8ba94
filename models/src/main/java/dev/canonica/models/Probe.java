package dev.canonica.models;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks for the outputs of one or several layers of a network in one pass, so that what lies after the last of them is not computed. A network reports
 * each layer with {@link #at} and returns as soon as all that is wanted was seen.
 */
public final class Probe {
    /** The name of the network's own output. */
    public static final String OUTPUT = "output";

    private final Set<String> wanted;
    private final Map<String, Var> seen = new LinkedHashMap<>();

    /** A probe for a layer by its reference module path, such as {@code blocks.3}. */
    public Probe(String layer) {
        this(List.of(layer));
    }

    /** A probe for several layers, at least one. */
    public Probe(Collection<String> layers) {
        if (layers.isEmpty()) {
            throw new ModelException("layers: none is named; at least one is needed");
        }
        this.wanted = new LinkedHashSet<>(layers);
    }

    /** A probe for nothing: all is computed. */
    public static Probe none() {
        return new Probe("");
    }

    /** Reports a layer's output; true if all that is wanted was seen. */
    public boolean at(String path, Var output) {
        if (wanted.contains(path)) {
            seen.putIfAbsent(path, output);
        }
        return found();
    }

    /** Whether this layer is one that is wanted. */
    public boolean wants(String path) {
        return wanted.contains(path);
    }

    /** Whether a layer that is wanted lies within the module {@code path}. */
    public boolean wantsWithin(String path) {
        return wanted.stream().anyMatch(layer -> layer.startsWith(path + "."));
    }

    /** Whether all layers were seen. */
    public boolean found() {
        return seen.size() == wanted.size();
    }

    /** Lets what was seen outlive a scope. */
    void keep(Scope scope) {
        seen.values().forEach(output -> scope.keep(output.value()));
    }

    /** The layer's output, if the probe is for one alone. */
    public Var value() {
        return value(wanted.iterator().next());
    }

    /** The outputs of the layers, in the order in which they were asked for. */
    public Map<String, Var> values() {
        Map<String, Var> values = new LinkedHashMap<>();
        wanted.forEach(layer -> values.put(layer, value(layer)));
        return values;
    }

    private Var value(String layer) {
        Var value = seen.get(layer);
        if (value == null) {
            throw new ModelException("layer '" + layer + "' is not one of this model");
        }
        return value;
    }

    /**
     * Checks that there is what is wanted.
     *
     * @throws ModelException if a layer is not one of these
     */
    public Probe checked(Collection<String> layers) {
        for (String layer : wanted) {
            if (!layers.contains(layer)) {
                throw unknown(layer, layers);
            }
        }
        return this;
    }

    /** Says that a layer is not one of these; of them, those within others are left out of the message. */
    private static ModelException unknown(String layer, Collection<String> layers) {
        String outer = String.join(", ", outermost(layers));
        return new ModelException(
                "layer '%s' is not one of this model: %s, and those within (canonica inspect lists them)"
                        .formatted(layer, outer));
    }

    /** Those of these layers that lie within no other of them. */
    static List<String> outermost(Collection<String> layers) {
        return layers.stream().filter(name -> !isWithinAnother(name, layers)).toList();
    }

    private static boolean isWithinAnother(String name, Collection<String> layers) {
        for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
            if (layers.contains(name.substring(0, dot))) {
                return true;
            }
        }
        return false;
    }
}
