package dev.canonica.models;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What each sample of a batch is generated under: a class, a text, whatever else a network is given beside x and the time; or nothing. That there is no condition is an
 * absence, and no number: what a network computes with instead, such as a row of its table of classes or the encoding of an empty text, it is told by {@link
 * DenoisingModel#given}.
 *
 * <pre>
 *   Condition.classes(3, 3, 7)                                a class for each of three samples
 *   Condition.classes(3, 3, 7).dropping(Set.of(1))            the second under none (label dropout)
 *   Condition.texts(states).otherwise(TEXTS, empty)           encoded texts, and what stands for none of them
 *   condition.dropped()                                       all under none: the unconditional half of guidance
 * </pre>
 *
 * @param size B, the samples
 * @param given tensors [B, …] by the names that diffusers has for the arguments, such as {@link #CLASSES} and {@link #TEXTS}
 * @param otherwise what samples under no condition are given in place of these [B, …]; for classes, which may have none, the network has something of its own
 * @param absent the samples that are under no condition, by their numbers in the batch
 */
public record Condition(int size, Map<String, Tensor> given, Map<String, Tensor> otherwise, Set<Integer> absent) {
    /** The name of classes: I64 [B]. They lie with the processor, which checks them and finds rows by them. */
    public static final String CLASSES = "class_labels";

    /** The name of what stands for a class where it is no number of a table: vectors [B, D], or numbers [B] that are embedded as times are. */
    public static final String LABELS = "class_label_vectors";

    /** The name of encoded texts: the hidden states of a text encoder [B, T, D]. */
    public static final String TEXTS = "encoder_hidden_states";

    /** The name of a vector for each text [B, D], which some networks take beside its hidden states. */
    public static final String TEXT_EMBEDS = "text_embeds";

    /** Checks that all is of a batch. */
    public Condition {
        given = checked(given, size);
        otherwise = checked(otherwise, size);
        absent = Set.copyOf(absent);
        for (int sample : absent) {
            if (sample < 0 || sample >= size) {
                throw new ModelException("condition: sample " + sample + " is absent, of a batch of " + size);
            }
        }
    }

    private static Map<String, Tensor> checked(Map<String, Tensor> tensors, int size) {
        tensors.forEach((name, t) -> {
            if (t.rank() == 0 || t.dim(0) != size) {
                throw new ModelException("%s: shape %s for a batch of %d".formatted(name, t.shape(), size));
            }
        });
        return Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** No condition for any of so many samples: all that a network without conditions takes. */
    public static Condition none(int samples) {
        return new Condition(samples, Map.of(), Map.of(), all(samples));
    }

    /** These classes, one for each sample. */
    public static Condition classes(long... classes) {
        return new Condition(
                classes.length, Map.of(CLASSES, Tensor.of(Device.cpu(), classes, classes.length)), Map.of(), Set.of());
    }

    /** These encoded texts [B, T, D], one for each sample. */
    public static Condition texts(Tensor states) {
        if (states.rank() != 3) {
            throw new ModelException(TEXTS + ": shape " + states.shape() + ", needed [B, T, D]");
        }
        return new Condition(states.dim(0), Map.of(TEXTS, states), Map.of(), Set.of());
    }

    /** This, with something more that a network is given, such as {@code time_ids}; with or without a condition, unless {@link #otherwise} says more. */
    public Condition with(String name, Tensor tensor) {
        return new Condition(size, put(given, name, tensor), otherwise, absent);
    }

    /** This, with what stands for no condition in place of the tensor of a name. */
    public Condition otherwise(String name, Tensor tensor) {
        return new Condition(size, given, put(otherwise, name, tensor), absent);
    }

    /** This, with a class that stands for no condition in place of the network's own: what guidance leads away from. */
    public Condition otherwise(long y) {
        long[] each = new long[size];
        Arrays.fill(each, y);
        return otherwise(CLASSES, Tensor.of(Device.cpu(), each, size));
    }

    private static Map<String, Tensor> put(Map<String, Tensor> tensors, String name, Tensor tensor) {
        Map<String, Tensor> more = new LinkedHashMap<>(tensors);
        more.put(name, tensor);
        return more;
    }

    /** This, with no condition for any sample. */
    public Condition dropped() {
        return new Condition(size, given, otherwise, all(size));
    }

    /** This, with no condition for these samples, either. */
    public Condition dropping(Set<Integer> samples) {
        Set<Integer> more = new HashSet<>(absent);
        more.addAll(samples);
        return new Condition(size, given, otherwise, more);
    }

    private static Set<Integer> all(int samples) {
        return IntStream.range(0, samples).boxed().collect(Collectors.toSet());
    }

    /** The samples [from, to). */
    public Condition rows(int from, int to) {
        return new Condition(
                to - from,
                each(given, t -> t.rows(from, to)),
                each(otherwise, t -> t.rows(from, to)),
                absent.stream()
                        .filter(i -> i >= from && i < to)
                        .map(i -> i - from)
                        .collect(Collectors.toSet()));
    }

    private static Map<String, Tensor> each(Map<String, Tensor> tensors, UnaryOperator<Tensor> f) {
        Map<String, Tensor> changed = new LinkedHashMap<>();
        tensors.forEach((name, t) -> changed.put(name, f.apply(t)));
        return changed;
    }

    /** Whether all samples are under no condition. */
    public boolean isDropped() {
        return size > 0 && absent.size() == size;
    }

    /**
     * The class of each sample, with what stands for none in place of those that are absent, if anything does.
     *
     * @param none the network's own number for that
     * @return I64 [B], where tensors are made
     */
    Tensor rowsOfTable(OptionalInt none) {
        long[] y = labels(given.get(CLASSES));
        long[] other = labels(otherwise.get(CLASSES));
        for (int i : absent) {
            y[i] = otherwise.containsKey(CLASSES) ? other[i] : none.orElse(Math.toIntExact(y[i]));
        }
        return Tensor.of(y, size);
    }

    /** The numbers of classes; zeros where there are none. */
    private long[] labels(@Nullable Tensor classes) {
        return classes == null ? new long[size] : classes.toLongs();
    }

    /**
     * The tensor of a name, with what stands for no condition in the rows of samples that are under none.
     *
     * @throws ModelException if there is none
     */
    Tensor tensor(String name) {
        Optional<Tensor> none = Optional.ofNullable(otherwise.get(name));
        Tensor present = given.get(name);
        if (isDropped() && none.isPresent()) {
            return none.get();
        }
        if (present == null) {
            throw new ModelException(name + " is missing");
        }
        if (absent.isEmpty() || none.isEmpty()) {
            return present;
        }
        long[] row = new long[size];
        Arrays.setAll(row, i -> absent.contains(i) ? size + i : i);
        return Tensor.concatenate(0, present, none.get()).gather(Tensor.of(row, size));
    }

    /** Refuses classes beyond these numbers. */
    void checkClasses(String name, int classes, int lastOfTable) {
        check(name, given.get(CLASSES), absent, classes - 1);
        check(name, otherwise.get(CLASSES), Set.of(), lastOfTable);
    }

    private void check(String name, @Nullable Tensor t, Set<Integer> but, int last) {
        if (t == null) {
            return;
        }
        if (t.dtype() != DType.I64 || t.rank() != 1) {
            throw new ModelException("%s: %s %s, needed I64 [%d]".formatted(name, t.dtype(), t.shape(), size));
        }
        long[] y = t.toLongs();
        for (int i = 0; i < size; i++) {
            if (!but.contains(i) && (y[i] < 0 || y[i] > last)) {
                throw new ModelException(name + ": class " + y[i] + " does not lie in [0, " + last + "]");
            }
        }
    }
}
