package dev.canonica.models.resnet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Residual networks as timm publishes them: its {@code config.json} names an {@code architecture} instead of constructor arguments. Those here are of
 * torchvision's arithmetic, with {@code c}, {@code d}, {@code t} and {@code s} for other stems and shortcuts (He et al. 2019); what exactly they are, their
 * tensors say.
 */
final class TimmResNets {
    /** The architectures that are read. */
    static final List<String> NAMES = List.of(
            "resnet10t",
            "resnet14t",
            "resnet18",
            "resnet18d",
            "resnet26",
            "resnet26d",
            "resnet26t",
            "resnet34",
            "resnet34d",
            "resnet50",
            "resnet50c",
            "resnet50d",
            "resnet50s",
            "resnet50t",
            "resnet101",
            "resnet101c",
            "resnet101d",
            "resnet101s",
            "resnet152",
            "resnet152c",
            "resnet152d",
            "resnet152s",
            "resnet200",
            "resnet200d",
            "wide_resnet50_2",
            "wide_resnet101_2",
            "resnext50_32x4d",
            "resnext50d_32x4d",
            "resnext101_32x4d",
            "resnext101_32x8d",
            "resnext101_32x16d",
            "resnext101_32x32d",
            "resnext101_64x4d");

    private TimmResNets() {}

    static ResNetConfig read(JsonConfig c, Map<String, Tensor> stateDict) {
        c.oneOf("global_pool", "avg", "avg");
        c.ignore("architecture", "pretrained_cfg", "num_features"); // what is read already, and what is of the images
        c.empty("model_args");
        int classes = c.integer("num_classes", 1000);
        c.done();
        String name = c.className();
        ResNetConfig config = ResNetShapes.infer(stateDict)
                .orElseThrow(() -> new ModelException("ResNet: the tensors are not those of '" + name
                        + "': no conv1, bn1 and stages of residual blocks"));
        if (config.numClasses() != 0 && config.numClasses() != classes) {
            throw new ModelException("ResNet: num_classes is " + classes + ", but tensor 'fc.weight' has "
                    + config.numClasses() + " rows");
        }
        return config;
    }
}
