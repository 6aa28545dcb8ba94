package dev.canonica.learning;

import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * What is measured now and then while something learns, such as the accuracy on images that it does not learn from. What it keeps, such as the best weights so
 * far, belongs to the state of the run, so that a run that was stopped keeps the same.
 */
public interface Evaluation {
    /** Measures nothing. */
    Evaluation NONE = new Evaluation() {
        @Override
        public void evaluate(long step, Map<String, Tensor> weights) {}

        @Override
        public Map<String, Tensor> state() {
            return Map.of();
        }

        @Override
        public void restore(Map<String, Tensor> state, Map<String, Tensor> weights) {
            if (!state.isEmpty()) {
                throw new TrainingException("tensor '"
                        + state.keySet().iterator().next() + "' is of an evaluation, which this training has none of");
            }
        }
    };

    /**
     * Measures.
     *
     * @param step steps done
     * @param weights as {@link Trainer#weights}: live tensors
     */
    void evaluate(long step, Map<String, Tensor> weights);

    /** A step was done. */
    default void stepped(Trainer.Progress progress) {}

    /** Whether the training is to end here, before its steps are done: a function of the {@link #state}. */
    default boolean ends() {
        return false;
    }

    /** What was measured last, by name, for those who follow a run; empty before the first time. */
    default Map<String, Double> newest() {
        return Map.of();
    }

    /** Everything that going on needs, by name; the names may grow. */
    Map<String, Tensor> state();

    /**
     * Goes on from a state.
     *
     * @param weights as {@link Trainer#weights}, of the step that the state is of: whose shapes and types those that were kept have
     * @throws TrainingException if it is none of this evaluation
     */
    void restore(Map<String, Tensor> state, Map<String, Tensor> weights);
}
