package dev.canonica.models;

import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** The conditions that the samples of a set are under, by their numbers: a model's classes, encoded texts, or none where a network takes none. */
public sealed interface Conditions {
    /** How many there are. */
    int count();

    /** Those of a batch: of these numbers, one for each sample. */
    Condition of(int... numbers);

    /** The classes of a model, or its being under no condition; for texts there is {@link #texts}. */
    static Conditions classesOf(DenoisingModel model) {
        return model.classes() == 0 ? new None() : new Classes(model.classes());
    }

    /**
     * Encoded texts.
     *
     * @param states [P, T, D], that of number i at i
     * @param none what stands for no condition, for all of them [1, T, D]
     */
    static Conditions texts(Tensor states, Tensor none) {
        if (none.rank() != 3 || none.dim(0) != 1) {
            throw new ModelException("negative_" + Condition.TEXTS + ": shape " + none.shape() + ", needed [1, T, D]");
        }
        return texts(Map.of(Condition.TEXTS, states), Map.of(Condition.TEXTS, none));
    }

    /**
     * Encoded texts, with what else a network is given with them.
     *
     * @param given tensors [P, …], that of number i at i, by their names, {@link Condition#TEXTS} among them; or [1, …], which is that of all numbers
     * @param none what stands for no condition in place of some of them, for all numbers [1, …]
     */
    static Conditions texts(Map<String, Tensor> given, Map<String, Tensor> none) {
        return new Texts(Map.copyOf(given), Map.copyOf(none));
    }

    /** Classes 0 … count − 1. */
    record Classes(int count) implements Conditions {
        @Override
        public Condition of(int... numbers) {
            return Condition.classes(Arrays.stream(numbers).asLongStream().toArray());
        }
    }

    /** No condition, whatever the number. */
    record None() implements Conditions {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public Condition of(int... numbers) {
            return Condition.none(numbers.length);
        }
    }

    /** Encoded texts, and what stands for none. */
    record Texts(Map<String, Tensor> given, Map<String, Tensor> none) implements Conditions {
        private Tensor states() {
            return Objects.requireNonNull(given.get(Condition.TEXTS), Condition.TEXTS);
        }

        @Override
        public int count() {
            return states().dim(0);
        }

        @Override
        public Condition of(int... numbers) {
            Tensor rows = Tensor.of(Arrays.stream(numbers).asLongStream().toArray(), numbers.length);
            Condition c = Condition.texts(states().gather(rows));
            for (Map.Entry<String, Tensor> e : given.entrySet()) {
                Tensor t = e.getValue();
                if (!e.getKey().equals(Condition.TEXTS)) {
                    c = c.with(e.getKey(), t.dim(0) == 1 ? each(t, numbers.length) : t.gather(rows));
                }
            }
            for (Map.Entry<String, Tensor> e : none.entrySet()) {
                c = c.otherwise(e.getKey(), each(e.getValue(), numbers.length));
            }
            return c;
        }

        private static Tensor each(Tensor one, int n) {
            return one.broadcastTo(one.shape().with(0, n));
        }
    }
}
