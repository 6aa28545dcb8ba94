package dev.canonica.models.training;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.learning.Objective;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Mean cross-entropy of a classifier's logits, which it computes as in training: running statistics follow the batches. */
public final class ClassificationObjective implements Objective<LabelledImages> {
    private final Classifier network;
    private final Map<String, Tensor> trained;

    /** The objective of a network, whose {@linkplain Classifier#trained trained} parameters and buffers are changed in place. */
    public ClassificationObjective(Classifier network) {
        this.network = network;
        this.trained = network.trained();
    }

    /**
     * The objective of some of a network's parameters, such as those of a new last layer: the others stay as they are. Running statistics follow the batches all the same.
     *
     * @param names which of those that training changes are trained
     * @throws ModelException if none is
     */
    public ClassificationObjective(Classifier network, Predicate<String> names) {
        this.network = network;
        this.trained = new LinkedHashMap<>(network.trained());
        trained.keySet().removeIf(names.negate());
        if (trained.isEmpty()) {
            throw new ModelException("train: of the parameters "
                    + String.join(", ", network.trained().keySet()) + " none is to be trained");
        }
    }

    @Override
    public Map<String, Tensor> trained() {
        return trained;
    }

    @Override
    public Map<String, Tensor> buffers() {
        return network.buffers();
    }

    @Override
    public Set<String> averaged() {
        return buffers().keySet();
    }

    @Override
    public Loss loss(Map<String, Var> weights, LabelledImages batch) {
        Classifier.Trained out =
                network.training(Weights.of(weights).or(network.parameters()), Var.constant(batch.x()));
        return new Loss(Losses.crossEntropy(out.logits(), batch.y()), out.buffers());
    }
}
