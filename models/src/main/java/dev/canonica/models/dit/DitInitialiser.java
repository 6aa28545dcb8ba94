package dev.canonica.models.dit;

import dev.canonica.models.StateDict;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * Initial parameters of a DiT (Peebles &amp; Xie 2023, Section 3): Xavier-uniform linear layers with zero biases, normal(0, 0.02) embeddings,
 * and zeros in every modulation and in the last layer, so that each block starts as the identity.
 */
final class DitInitialiser {
    private DitInitialiser() {}

    static Map<String, Tensor> parameters(DitConfig config, long seed) {
        return StateDict.initial(
                Dit.shapes(config), seed, (name, shape, random) -> initial(name, shape, config, random));
    }

    private static Tensor initial(String name, Shape shape, DitConfig config, Philox random) {
        if (name.equals("pos_embed")) {
            return PositionEmbedding.sinCos(config.grid(), config.hiddenSize(), DType.F32);
        }
        boolean zero = name.endsWith(".bias") || name.contains("adaLN_modulation") || name.startsWith("final_layer");
        if (zero) {
            return Tensor.zeros(DType.F32, shape);
        }
        if (name.startsWith("t_embedder") || name.startsWith("y_embedder")) {
            return Tensor.normal(DType.F32, shape, random).times(0.02);
        }
        double fanOut = shape.dim(0);
        double fanIn = shape.size() / fanOut;
        double bound = Math.sqrt(6 / (fanIn + fanOut));
        return Tensor.uniform(DType.F64, shape, -1, 1, random).times(bound).to(DType.F32);
    }
}
