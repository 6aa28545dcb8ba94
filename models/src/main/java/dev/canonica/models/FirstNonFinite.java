package dev.canonica.models;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Finite;
import java.util.List;
import java.util.function.Function;

/**
 * Finds where in a network numbers cease to be finite, once a result is known not to be. Layers are computed again one by one, from the outermost
 * inwards: that takes several passes, but only where there is nothing to lose.
 */
public final class FirstNonFinite {
    private FirstNonFinite() {}

    /**
     * Where it begins, in words that follow an error's message.
     *
     * @param layers in the order of computation
     * @param output of a layer
     */
    public static String in(List<String> layers, Function<String, Tensor> output) {
        List<String> candidates = Probe.outermost(layers);
        String found = "";
        while (true) {
            String first = candidates.stream()
                    .filter(layer -> !isFinite(output, layer))
                    .findFirst()
                    .orElse("");
            if (first.isEmpty()) {
                return found.isEmpty()
                        ? "; the network's layers are finite"
                        : "; layer '" + found + "' is the first whose output is not finite";
            }
            found = first;
            String prefix = first + ".";
            candidates = Probe.outermost(
                    layers.stream().filter(name -> name.startsWith(prefix)).toList());
        }
    }

    private static boolean isFinite(Function<String, Tensor> output, String layer) {
        try (Scope _ = Scope.open()) {
            return Finite.all(output.apply(layer));
        }
    }
}
