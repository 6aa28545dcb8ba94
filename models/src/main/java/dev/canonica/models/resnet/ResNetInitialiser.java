package dev.canonica.models.resnet;

import dev.canonica.models.StateDict;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * Initial parameters of a residual network, distributed as torchvision's: filters normal with variance 2 / (outputs · area) (He et al. 2015, Section 2.2, for the
 * backward pass), norms that change nothing, and a last layer uniform within ±1/√inputs.
 */
final class ResNetInitialiser {
    private ResNetInitialiser() {}

    static Map<String, Tensor> stateDict(ResNetConfig config, long seed) {
        return StateDict.initial(
                ResNet.shapes(config), seed, (name, shape, random) -> initial(name, shape, config, random));
    }

    private static Tensor initial(String name, Shape shape, ResNetConfig config, Philox random) {
        if (name.startsWith("fc.")) {
            double bound = 1 / Math.sqrt(config.features());
            return Tensor.uniform(DType.F64, shape, -1, 1, random).times(bound).to(DType.F32);
        }
        if (shape.rank() == 4) {
            double fanOut = (double) shape.dim(0) * shape.dim(2) * shape.dim(3);
            return Tensor.normal(DType.F32, shape, random).times(Math.sqrt(2 / fanOut));
        }
        boolean one = name.endsWith(".weight") || name.endsWith(BatchNorm.VARIANCE);
        return Tensor.full(DType.F32, shape, one ? 1 : 0);
    }
}
