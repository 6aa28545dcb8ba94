package dev.canonica.models;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

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
 * @param otherNames whether a class name that is not among those is one of this family, too
 * @param marks tensors by which the family is known, whatever stands before their names: all of one of the sets
 */
public record ModelFamily<N extends Network>(
        Class<N> type,
        List<String> classNames,
        BiFunction<JsonConfig, Map<String, Tensor>, N> reader,
        Function<N, Map<String, ?>> configuration,
        BiFunction<Checkpoint, Map<String, Tensor>, Optional<N>> recognised,
        Predicate<String> otherNames,
        List<Set<String>> marks) {
    /** Copies the lists. */
    public ModelFamily {
        classNames = List.copyOf(classNames);
        marks = List.copyOf(marks);
    }

    /** A family whose checkpoints always come with a configuration. */
    public static <N extends Network> ModelFamily<N> of(
            Class<N> type,
            BiFunction<JsonConfig, Map<String, Tensor>, N> reader,
            Function<N, Map<String, ?>> configuration,
            String... classNames) {
        return new ModelFamily<>(
                type,
                List.of(classNames),
                reader,
                configuration,
                (checkpoint, tensors) -> Optional.empty(),
                name -> false,
                List.of());
    }

    /** This family, with checkpoints that are known by their tensors. */
    public ModelFamily<N> recognising(BiFunction<Checkpoint, Map<String, Tensor>, Optional<N>> byTensors) {
        return new ModelFamily<>(type, classNames, reader, configuration, byTensors, otherNames, marks);
    }

    /** This family, under other names, too: those of its networks that are published under names of their own. */
    public ModelFamily<N> named(Predicate<String> names) {
        return new ModelFamily<>(type, classNames, reader, configuration, recognised, names, marks);
    }

    /** This family, known by these tensors, too: what a training script puts before all names is then told from the names. */
    public ModelFamily<N> marked(String... tensors) {
        List<Set<String>> all = new ArrayList<>(marks);
        all.add(Set.of(tensors));
        return new ModelFamily<>(type, classNames, reader, configuration, recognised, otherNames, all);
    }

    /** Whether a class name is one of this family. */
    public boolean isNamed(String className) {
        return classNames.contains(className) || otherNames.test(className);
    }

    /** The entries of {@code config.json} of a network, if it is one of this family. */
    public Optional<Map<String, ?>> configurationOf(Network network) {
        return type.isInstance(network) ? Optional.of(configuration.apply(type.cast(network))) : Optional.empty();
    }
}
