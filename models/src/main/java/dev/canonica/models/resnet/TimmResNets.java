package dev.canonica.models.resnet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * Residual networks as timm publishes them: its {@code config.json} names an {@code architecture} instead of constructor arguments. Those here are of
 * torchvision's arithmetic ({@link PublishedName}); how wide they are, their tensors say.
 */
final class TimmResNets {
    private static final String CLASSES = "num_classes";

    /** Those of ImageNet, where none are said. */
    private static final int PUBLISHED = 1000;

    /** What says nothing about the network: of the images, of where the weights come from, of the classes' names, and transformers' own. */
    private static final String[] OTHERS = {
        "architecture",
        "num_features",
        "label_names",
        "label_descriptions",
        "labels",
        "architectures",
        "model_type",
        "do_pooling",
        "dtype",
        "torch_dtype",
        "initializer_range",
        "transformers_version",
        "problem_type",
        "id2label",
        "label2id"
    };

    /** Members of {@code pretrained_cfg}, which stand beside the others in files from before there was one. */
    private static final String[] PRETRAINED = {
        "url",
        "file",
        "state_dict",
        "hf_hub",
        "hf_hub_id",
        "hf_hub_filename",
        "hash_sha256",
        "source",
        "tag",
        "custom_load",
        "input_size",
        "test_input_size",
        "min_input_size",
        "fixed_input_size",
        "interpolation",
        "crop_pct",
        "test_crop_pct",
        "crop_mode",
        "mean",
        "std",
        "pool_size",
        "test_pool_size",
        "first_conv",
        "classifier",
        "license",
        "description",
        "origin_url",
        "paper_name",
        "paper_ids",
        "notes"
    };

    /** Arguments that make no difference to a network that is evaluated, or that its tensors say. */
    private static final String[] OF_TRAINING = {"drop_rate", "drop_path_rate", "drop_block_rate", "in_chans"};

    private TimmResNets() {}

    static ResNetConfig read(JsonConfig c, Map<String, Tensor> stateDict) {
        c.oneOf("global_pool", "avg", "avg");
        c.ignore(OTHERS);
        c.ignore(PRETRAINED);
        c.ignore("pretrained_cfg", "model_args");
        Optional<JsonConfig> pretrained = c.object("pretrained_cfg");
        int classes = c.integer(
                CLASSES, pretrained.map(p -> p.integer(CLASSES, PUBLISHED)).orElse(PUBLISHED));
        c.object("model_args").ifPresent(args -> {
            args.oneOf("global_pool", "avg", "avg");
            args.exactly(CLASSES, classes);
            args.ignore(OF_TRAINING);
            args.done();
        });
        c.done();
        String name = c.className();
        PublishedName published = PublishedName.of(name)
                .orElseThrow(() -> new ModelException("ResNet: architecture '" + name + "' is not supported"));
        ResNetConfig config = ResNetShapes.infer(stateDict)
                .orElseThrow(() -> new ModelException("ResNet: the tensors are not those of '" + name
                        + "': no conv1, bn1 and stages of residual blocks"));
        published.check("ResNet: architecture", config);
        if (config.numClasses() != 0 && config.numClasses() != classes) {
            throw new ModelException("ResNet: num_classes is " + classes + ", but tensor 'fc.weight' has "
                    + config.numClasses() + " rows");
        }
        return config;
    }
}
