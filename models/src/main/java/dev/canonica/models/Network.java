package dev.canonica.models;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A network: its tensors by their reference's state-dict names, what of them training changes and how, and its layers. */
public interface Network {
    /** What the forward pass is differentiable by, in the order of the state dict. */
    Map<String, Tensor> parameters();

    /** Names of {@linkplain #parameters parameters} that training leaves as they are, such as a table of positions. */
    default Set<String> fixed() {
        return Set.of();
    }

    /** The parameters that training changes by gradients, in the order of {@link #parameters}. */
    default Map<String, Tensor> trained() {
        Map<String, Tensor> trained = new LinkedHashMap<>(parameters());
        trained.keySet().removeAll(fixed());
        return trained;
    }

    /** State that training changes in other ways than by gradients, such as running statistics. */
    default Map<String, Tensor> buffers() {
        return Map.of();
    }

    /** The type that this network computes in. */
    default DType dtype() {
        return parameters().values().iterator().next().dtype();
    }

    /** The layers whose output can be asked for, in the order of computation. */
    List<String> layers();
}
