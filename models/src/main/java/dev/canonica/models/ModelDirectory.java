package dev.canonica.models;

import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.SchedulerFile;
import dev.canonica.models.dit.DiffusersDit;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.dit.DitShapes;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.unet.AutoencoderKl;
import dev.canonica.models.unet.Unet2d;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Checkpoint;
import dev.canonica.tensor.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models on disk: a folder with {@code config.json}, the weights, and for diffusion models perhaps {@code scheduler_config.json}. */
public final class ModelDirectory {
    /** Name of the configuration. */
    public static final String CONFIG = "config.json";
    /** Name of the weights. */
    public static final String WEIGHTS = "model.safetensors";

    /** Key of the metadata beside the weights that names the classes, separated by commas. */
    public static final String CLASSES = "classes";

    /** The class of a DiT in diffusers before 0.28, and of other transformers. */
    private static final String OLD_DIT = "Transformer2DModel";

    private static final String TEXT_CONDITIONAL = "UNet2DConditionModel";

    private ModelDirectory() {}

    /**
     * Reads a class-conditional diffusion model.
     *
     * @param model the folder, that of a pipeline with it, or its weights file
     * @param dtype the type to compute in
     */
    public static DenoisingModel load(Path model, DType dtype) {
        Path path = denoiser(model);
        Path dir = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        if (!Files.exists(path) || dir == null) {
            throw new ModelException(
                    path + ": no such model; a folder with " + CONFIG + " and " + WEIGHTS + " is needed");
        }
        if (!Files.exists(dir.resolve(CONFIG)) && (!Files.isDirectory(path) || WeightFiles.isTorch(weights(path)))) {
            return withoutConfig(path, dtype);
        }
        JsonConfig config = JsonConfig.read(dir.resolve(CONFIG));
        String name = config.className();
        return switch (name) {
            case "DiT" -> {
                DitConfig c = dit(config);
                yield new Dit(c, parameters(path, dtype));
            }
            case "DiTTransformer2DModel", OLD_DIT -> {
                double epsilon = config.number("norm_eps", 1e-5);
                DitConfig c = diffusersDit(config);
                yield new DiffusersDit(c, epsilon, parameters(path, dtype));
            }
            case "UNet2DModel" -> new Unet2d(config, parameters(path, dtype));
            case TEXT_CONDITIONAL ->
                throw new ModelException(dir.resolve(CONFIG) + ": " + name
                        + " is conditioned on texts, but a class-conditional model is needed here");
            default ->
                throw new ModelException(dir.resolve(CONFIG) + ": _class_name '" + name
                        + "' is not supported; supported: DiT, DiTTransformer2DModel, UNet2DModel, "
                        + TEXT_CONDITIONAL);
        };
    }

    /**
     * Reads a text-conditional diffusion model; empty if the model is of another kind.
     *
     * @param model the folder, that of a pipeline with it, or its weights file
     */
    public static Optional<Unet2dCondition> textConditional(Path model, DType dtype) {
        Path path = denoiser(model);
        return config(path)
                .filter(c -> c.className().equals(TEXT_CONDITIONAL))
                .map(c -> new Unet2dCondition(c, parameters(path, dtype)));
    }

    private static Path denoiser(Path path) {
        return PipelineDirectory.of(path).map(PipelineDirectory::denoiser).orElse(path);
    }

    /** The configuration beside the weights, if there is one. */
    private static Optional<JsonConfig> config(Path path) {
        Path dir = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        return dir != null && Files.exists(path) && Files.exists(dir.resolve(CONFIG))
                ? Optional.of(JsonConfig.read(dir.resolve(CONFIG)))
                : Optional.empty();
    }

    /** Reads a network that classifies images; empty if the model is of another kind. */
    public static Optional<ResNet> classifier(Path path, DType dtype) {
        return config(path)
                .filter(c -> c.className().equals("ResNet"))
                .map(c -> new ResNet(ResNetConfig.read(c), parameters(path, dtype)));
    }

    /** Reads a text encoder; empty if the model is of another kind. */
    public static Optional<ClipTextModel> textEncoder(Path path, DType dtype) {
        return config(path)
                .filter(c -> c.className().equals("CLIPTextModel"))
                .map(c -> new ClipTextModel(c, parameters(path, dtype)));
    }

    /** Reads an autoencoder of images; empty if the model is of another kind. */
    public static Optional<AutoencoderKl> autoencoder(Path path, DType dtype) {
        return config(path)
                .filter(c -> c.className().equals("AutoencoderKL"))
                .map(c -> new AutoencoderKl(c, parameters(path, dtype)));
    }

    /** The tensors of a model's weights, read when they are asked for. */
    static Map<String, Tensor> parameters(Path path, DType dtype) {
        return StateDict.lazy(Checkpoint.open(weights(path)), dtype);
    }

    /** A published checkpoint that comes without a configuration: its shapes tell the architecture. */
    private static DenoisingModel withoutConfig(Path path, DType dtype) {
        Checkpoint checkpoint = Checkpoint.open(weights(path));
        if (!DitShapes.isDit(checkpoint)) {
            throw new ModelException(checkpoint.file() + ": not a DiT by its tensors' names, and no " + CONFIG
                    + " beside it says what it is");
        }
        return new Dit(DitShapes.infer(checkpoint), StateDict.lazy(checkpoint, dtype));
    }

    /** The sampler's settings that come with a model, if any do. */
    public static Optional<SamplerConfig> sampler(Path path) {
        return scheduler(path).map(SchedulerFile::config);
    }

    /** As {@link #sampler}, with what is to be said of how its file was read. */
    public static Optional<SchedulerFile> scheduler(Path path) {
        Path dir = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        for (String p : new String[] {SamplerConfig.FILE, "scheduler/" + SamplerConfig.FILE}) {
            if (dir != null && Files.exists(dir.resolve(p))) {
                String pipeline = PipelineDirectory.of(dir)
                        .map(PipelineDirectory::className)
                        .orElse("");
                return Optional.of(SchedulerFile.read(dir.resolve(p), pipeline));
            }
        }
        return Optional.empty();
    }

    /** Writes a DiT: configuration, weights and sampler settings, each moved into place when complete. */
    public static void save(
            Path dir,
            DitConfig config,
            SamplerConfig sampler,
            Map<String, Tensor> parameters,
            Map<String, String> metadata) {
        AtomicFiles.createFolders(dir);
        JsonConfig.write(dir.resolve(CONFIG), config.toMap());
        sampler.write(dir.resolve(SamplerConfig.FILE));
        Safetensors.write(dir.resolve(WEIGHTS), parameters, metadata);
    }

    private static DitConfig dit(JsonConfig c) {
        DitConfig d = new DitConfig(
                c.integer("input_size", 32),
                c.integer("patch_size", 2),
                c.integer("in_channels", 4),
                c.integer("hidden_size", 1152),
                c.integer("depth", 28),
                c.integer("num_heads", 16),
                c.number("mlp_ratio", 4.0),
                c.number("class_dropout_prob", 0.1),
                c.integer("num_classes", 1000),
                c.flag("learn_sigma", true));
        c.done();
        return d;
    }

    private static DitConfig diffusersDit(JsonConfig c) {
        int heads = c.integer("num_attention_heads", 16);
        int in = c.integer("in_channels", 4);
        int out = c.integer("out_channels", in);
        if (out != in && out != 2 * in) {
            throw new ModelException(
                    "DiTTransformer2DModel: out_channels " + out + " must be in_channels or twice as many");
        }
        c.oneOf("activation_fn", "gelu-approximate", "gelu-approximate");
        c.oneOf("norm_type", c.className().equals(OLD_DIT) ? "layer_norm" : "ada_norm_zero", "ada_norm_zero");
        c.unset("cross_attention_dim", "num_vector_embeds", "only_cross_attention", "double_self_attention");
        c.unset("use_linear_projection", "caption_channels", "interpolation_scale", "use_additional_conditions");
        c.oneOf("attention_type", "default", "default");
        if (!c.flag("attention_bias", true) || c.flag("norm_elementwise_affine", false)) {
            throw new ModelException(
                    "DiTTransformer2DModel: attention_bias true and norm_elementwise_affine false are needed");
        }
        c.ignore("dropout", "norm_num_groups", "upcast_attention");
        DitConfig d = new DitConfig(
                c.integer("sample_size", 32),
                c.integer("patch_size", 2),
                in,
                heads * c.integer("attention_head_dim", 72),
                c.integer("num_layers", 28),
                heads,
                4,
                0.1,
                c.integer("num_embeds_ada_norm", 1000),
                out == 2 * in);
        c.done();
        return d;
    }

    /**
     * The file that a model's weights are in.
     *
     * @param path the folder, or the file itself
     * @throws ModelException if the folder has none
     */
    public static Path weights(Path path) {
        return Files.isDirectory(path) ? WeightFiles.find(path) : path;
    }

    /**
     * The names of a model's classes: those that {@code train} writes beside the weights, or a pipeline's {@code id2label}; empty if there are
     * none.
     */
    public static List<String> classNames(Path path) {
        List<String> labels =
                PipelineDirectory.of(path).map(PipelineDirectory::classNames).orElse(List.of());
        if (!labels.isEmpty()) {
            return labels;
        }
        String names = Checkpoint.open(weights(denoiser(path))).metadata().getOrDefault(CLASSES, "");
        return names.isEmpty() ? List.of() : List.of(names.split(",", -1));
    }
}
