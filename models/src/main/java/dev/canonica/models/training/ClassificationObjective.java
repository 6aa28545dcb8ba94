package dev.canonica.models.training;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.learning.Objective;
import dev.canonica.models.Classifier;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/** Mean cross-entropy of a classifier's logits, which it computes as in training: running statistics follow the batches. */
public final class ClassificationObjective implements Objective<LabelledImages> {
    private final Classifier network;
    private final Map<String, Tensor> trained;

    /** The objective of a network, whose {@linkplain Classifier#trained trained} parameters and buffers are changed in place. */
    public ClassificationObjective(Classifier network) {
        this.network = network;
        this.trained = network.trained();
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
    public Loss loss(Map<String, Var> weights, LabelledImages batch) {
        Classifier.Trained out =
                network.training(Weights.of(weights).or(network.parameters()), Var.constant(batch.x()));
        return new Loss(Losses.crossEntropy(out.logits(), batch.y()), out.buffers());
    }
}
