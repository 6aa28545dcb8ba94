package dev.canonica.models;

import dev.canonica.autodiff.Var;

/** A network that classifies images [B, 3, H, W]. */
public interface Classifier extends Network {
    /** Number of classes. */
    int classes();

    /**
     * A layer's output in evaluation; nothing after it is computed.
     *
     * @param w parameters
     * @param x images [B, 3, H, W]
     * @param layer one of {@link #layers}; {@code output} gives the logits [B, classes]
     */
    Var forward(Weights w, Var x, String layer);

    /**
     * As {@link #forward}, by the statistics of the batch, as training does.
     *
     * @throws ModelException if the network has no statistics
     */
    default Var training(Weights w, Var x, String layer) {
        throw new ModelException("the network has no batch normalisation: it computes the same in training");
    }

    /** As {@link #forward}, with constant parameters. */
    default Var features(Var x, String layer) {
        return forward(Weights.constant(parameters()), x, layer);
    }
}
