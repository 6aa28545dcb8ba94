package dev.canonica.models;

import dev.canonica.autodiff.Var;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the output of one layer of a network, so that what lies after it is not computed. A network reports each layer with {@link #at}
 * and returns as soon as the one that is wanted was seen.
 */
public final class Probe {
    /** The name of the network's own output. */
    public static final String OUTPUT = "output";

    private final String layer;
    private @Nullable Var value;

    /** A probe for a layer by its reference module path, such as {@code blocks.3}. */
    public Probe(String layer) {
        this.layer = layer;
    }

    /** A probe for nothing: all is computed. */
    public static Probe none() {
        return new Probe("");
    }

    /** Reports a layer's output; true if it is the one that is wanted. */
    public boolean at(String path, Var output) {
        if (layer.equals(path)) {
            value = output;
        }
        return value != null;
    }

    /** Whether this layer is the one that is wanted. */
    public boolean wants(String path) {
        return layer.equals(path);
    }

    /** Whether the layer that is wanted lies within the module {@code path}. */
    public boolean wantsWithin(String path) {
        return layer.startsWith(path + ".");
    }

    /** Whether the layer was seen. */
    public boolean found() {
        return value != null;
    }

    /** The layer's output. */
    public Var value() {
        if (value == null) {
            throw new ModelException("layer '" + layer + "' is not one of this model");
        }
        return value;
    }

    /** Says that a layer is not one of these; of them, those within others are left out of the message. */
    public static ModelException unknown(String layer, Collection<String> layers) {
        String outer =
                layers.stream().filter(name -> !isWithinAnother(name, layers)).collect(Collectors.joining(", "));
        return new ModelException(
                "layer '%s' is not one of this model: %s, and those within (canonica inspect lists them)"
                        .formatted(layer, outer));
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
