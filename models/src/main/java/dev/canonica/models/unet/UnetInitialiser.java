package dev.canonica.models.unet;

import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * Initial parameters of a U-Net, distributed as PyTorch begins with its layers: linear layers and convolutions uniform within ±1/√inputs, their biases, too, norms that change
 * nothing. Of these, what ends a residual path and the last convolution are zero instead, so that each block starts as the identity (Ho et al. 2020, Appendix B, in its code), and
 * the table of classes is normal(0, 0.02).
 */
final class UnetInitialiser {
    private static final double TABLE = 0.02;
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private UnetInitialiser() {}

    static Map<String, Tensor> parameters(Map<String, Shape> shapes, long seed) {
        return StateDict.initial(shapes, seed, (name, shape, random) -> initial(name, shape, shapes, random));
    }

    private static Tensor initial(String name, Shape shape, Map<String, Shape> shapes, Philox random) {
        String module = name.substring(0, name.lastIndexOf('.'));
        if (module.endsWith(".conv2") || module.endsWith(".to_out.0") || module.equals("conv_out")) {
            return Tensor.zeros(DType.F32, shape);
        }
        if (name.equals("class_embedding.weight")) {
            return Tensor.normal(DType.F32, shape, random).times(TABLE);
        }
        Shape weight = shapes.get(module + WEIGHT);
        if (weight == null || !name.endsWith(WEIGHT) && !name.endsWith(BIAS)) {
            throw new ModelException("UNet2DModel: '" + name + "' has no weights to begin with");
        }
        if (weight.rank() == 1) {
            return Tensor.full(DType.F32, shape, name.endsWith(WEIGHT) ? 1 : 0);
        }
        double bound = 1 / Math.sqrt((double) weight.size() / weight.dim(0));
        return Tensor.uniform(DType.F64, shape, -1, 1, random).times(bound).to(DType.F32);
    }
}
