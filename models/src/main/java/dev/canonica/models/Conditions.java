package dev.canonica.models;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

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
        return new Texts(states, none);
    }

    /** Classes 0 … count − 1. */
    record Classes(int count) implements Conditions {
        @Override
        public Condition of(int... numbers) {
            return Condition.classes(
                    Arrays.stream(numbers).asLongStream().toArray());
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
    record Texts(Tensor states, Tensor none) implements Conditions {
        @Override
        public int count() {
            return states.dim(0);
        }

        @Override
        public Condition of(int... numbers) {
            Tensor rows = Tensor.of(Arrays.stream(numbers).asLongStream().toArray(), numbers.length);
            Shape one = none.shape().without(0);
            return Condition.texts(states.gather(rows))
                    .otherwise(Condition.TEXTS, none.broadcastTo(one.prepend(numbers.length)));
        }
    }
}
