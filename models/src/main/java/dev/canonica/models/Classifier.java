package dev.canonica.models;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.function.Supplier;

/** A network that classifies images [B, C, H, W], C being mostly 3. */
public interface Classifier extends Network {
    /** Number of classes. */
    int classes();

    /** Channels of an image. */
    default int channels() {
        return 3;
    }

    /**
     * A layer's output in evaluation; nothing after it is computed.
     *
     * @param w parameters
     * @param x images [B, C, H, W]
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

    /**
     * The logits of a batch as training computes them, by the statistics of the batch where the network has some.
     *
     * @param w parameters
     * @param x images [B, C, H, W]
     */
    default Trained training(Weights w, Var x) {
        return new Trained(forward(w, x, Probe.OUTPUT), Map::of);
    }

    /**
     * What a step of training computes.
     *
     * @param logits [B, classes]
     * @param buffers what the network's {@linkplain #buffers buffers} are after the batch
     */
    record Trained(Var logits, Supplier<Map<String, Tensor>> buffers) {}

    /**
     * This network for many images, by its weights as they are now: what depends on them alone is computed once, so that {@link #features} differs from this
     * network's by rounding. What is written into weights later may count or not.
     */
    default Classifier frozen() {
        return this;
    }

    /** As {@link #forward}, with constant parameters. */
    default Var features(Var x, String layer) {
        return forward(Weights.constant(parameters()), x, layer);
    }
}
