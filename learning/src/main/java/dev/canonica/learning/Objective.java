package dev.canonica.learning;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * What is to become small: the loss of weights and a batch. It holds the tensors that training changes; those that stay as they are, such as a table of
 * positions, are constants of the loss and no concern of the trainer's.
 *
 * @param <B> a batch
 */
public interface Objective<B> {
    /** The weights that the loss is differentiated by, under their names; the optimiser changes them in place. */
    Map<String, Tensor> trained();

    /** State that training changes in other ways than by gradients, such as running statistics; changed in place after a step. */
    default Map<String, Tensor> buffers() {
        return Map.of();
    }

    /**
     * Which of the {@link #buffers} are averaged as the weights are, where an average of these is kept: running statistics are, as in timm's {@code ModelEmaV2}, for those of
     * the newest weights are none of averaged ones; sums of a log are not.
     */
    default Set<String> averaged() {
        return Set.of();
    }

    /**
     * The loss of a batch.
     *
     * @param weights those of {@link #trained}, as variables
     */
    Loss loss(Map<String, Var> weights, B batch);

    /**
     * A loss.
     *
     * @param value one element
     * @param buffers asked for once, after the gradient: what those of {@link Objective#buffers} that the batch changes are after it
     */
    record Loss(Var value, Supplier<Map<String, Tensor>> buffers) {
        /** A loss that changes no buffer. */
        public static Loss of(Var value) {
            return new Loss(value, Map::of);
        }
    }

    /** Weights as variables. */
    @FunctionalInterface
    interface Variables {
        /**
         * That of a name.
         *
         * @throws IllegalArgumentException if there is none; the message has the names that there are
         */
        Var get(String name);
    }

    /**
     * An objective without buffers.
     *
     * @param loss of the weights, which are asked for by their names, and of a batch: one element
     */
    static <B> Objective<B> of(Map<String, Tensor> trained, BiFunction<Variables, B, Var> loss) {
        return new Objective<>() {
            @Override
            public Map<String, Tensor> trained() {
                return trained;
            }

            @Override
            public Loss loss(Map<String, Var> weights, B batch) {
                return Loss.of(loss.apply(
                        name -> {
                            Var weight = weights.get(name);
                            if (weight == null) {
                                throw new IllegalArgumentException(
                                        "objective: no weight '" + name + "'; there are " + weights.keySet());
                            }
                            return weight;
                        },
                        batch));
            }
        };
    }
}
