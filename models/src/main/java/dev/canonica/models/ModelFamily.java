package dev.canonica.models;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A family of models, by the class that {@code config.json} names: all that reading, writing and listing a model's folder has to know of it. {@code
 * ModelFamilies} has them all.
 *
 * @param <N> its networks; the interfaces that they implement say which commands run them
 * @param type its networks
 * @param classNames today's name of the reference's class first, then older ones
 * @param reader makes a network of its configuration and its tensors, and refuses what does not fit, by name
 * @param configuration the entries of {@code config.json} of a network, with {@code _class_name}
 * @param recognised a network of a published checkpoint without a configuration, known by its tensors; empty if it is of another family
 */
public record ModelFamily<N extends Network>(
        Class<N> type,
        List<String> classNames,
        BiFunction<JsonConfig, Map<String, Tensor>, N> reader,
        Function<N, Map<String, ?>> configuration,
        BiFunction<Checkpoint, Map<String, Tensor>, Optional<N>> recognised) {
    /** A family whose checkpoints always come with a configuration. */
    public static <N extends Network> ModelFamily<N> of(
            Class<N> type,
            BiFunction<JsonConfig, Map<String, Tensor>, N> reader,
            Function<N, Map<String, ?>> configuration,
            String... classNames) {
        return new ModelFamily<>(
                type, List.of(classNames), reader, configuration, (checkpoint, tensors) -> Optional.empty());
    }

    /** This family, with checkpoints that are known by their tensors. */
    public ModelFamily<N> recognising(BiFunction<Checkpoint, Map<String, Tensor>, Optional<N>> byTensors) {
        return new ModelFamily<>(type, classNames, reader, configuration, byTensors);
    }

    /** The entries of {@code config.json} of a network, if it is one of this family. */
    public Optional<Map<String, ?>> configurationOf(Network network) {
        return type.isInstance(network) ? Optional.of(configuration.apply(type.cast(network))) : Optional.empty();
    }
}
