package dev.canonica.models.family;

import dev.canonica.models.Classifier;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.StateDict;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.SchedulerFile;
import dev.canonica.models.dit.Sit;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.unet.Autoencoder;
import dev.canonica.models.unet.Unet2dCondition;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Checkpoint;
import dev.canonica.tensor.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Models on disk: a folder with {@code config.json}, the weights, and for diffusion models perhaps {@code scheduler_config.json}. */
public final class ModelDirectory {
    /** Name of the configuration. */
    public static final String CONFIG = "config.json";
    /** Name of the weights. */
    public static final String WEIGHTS = "model.safetensors";

    /** Key of the metadata beside the weights that names the classes, separated by commas. */
    public static final String CLASSES = "classes";

    private ModelDirectory() {}

    /**
     * Reads a model of any family.
     *
     * @param model the folder, that of a pipeline with its denoiser, or the weights file
     * @param dtype the type to compute in
     */
    public static Network network(Path model, DType dtype) {
        return network(model, dtype, ModelFamilies.names(type -> true));
    }

    private static Network network(Path model, DType dtype, List<String> supported) {
        Path path = denoiser(model);
        requireThere(path);
        Path dir = Files.isDirectory(path)
                ? path
                : Objects.requireNonNull(path.toAbsolutePath().getParent());
        if (!Files.exists(dir.resolve(CONFIG))) {
            WeightNames names = names(path);
            Notes.say(notes(path, names));
            Checkpoint checkpoint = names.checkpoint();
            Notes.say(Sit.assumption(checkpoint).stream().toList());
            return ModelFamilies.recognised(checkpoint, StateDict.lazy(checkpoint, dtype))
                    .orElseThrow(() -> new ModelException(checkpoint.file()
                            + ": not a DiT or a ResNet by its tensors' names, and no " + CONFIG
                            + " beside it says what it is"));
        }
        JsonConfig config = JsonConfig.read(dir.resolve(CONFIG));
        return ModelFamilies.named(config.className())
                .<Network>map(family -> {
                    Map<String, Tensor> tensors = parameters(path, dtype);
                    return config.made(c -> family.reader().apply(c, tensors));
                })
                .orElseThrow(() -> unsupported(dir, config, supported));
    }

    static void requireThere(Path model) {
        if (!Files.exists(model)) {
            throw new ModelException(
                    model + ": no such model; a folder with " + CONFIG + " and " + WEIGHTS + " is needed");
        }
    }

    private static ModelException unsupported(Path dir, JsonConfig config, List<String> supported) {
        String key = config.has("architecture") && !config.has("_class_name") ? "architecture" : "_class_name";
        return new ModelException(dir.resolve(CONFIG) + ": " + key + " '" + config.className()
                + "' is not supported; supported: " + String.join(", ", supported));
    }

    /**
     * Reads a class-conditional diffusion model.
     *
     * @param model the folder, that of a pipeline with it, or its weights file
     * @param dtype the type to compute in
     */
    public static DenoisingModel load(Path model, DType dtype) {
        List<String> supported = ModelFamilies.names(DenoisingModel.class::isAssignableFrom);
        Path path = denoiser(model);
        config(path).ifPresent(c -> refuseOthers(path, c, supported));
        Network network = network(model, dtype, supported);
        if (network instanceof DenoisingModel denoiser) {
            return denoiser;
        }
        throw new ModelException(model + ": a " + network.getClass().getSimpleName()
                + ", but a class-conditional diffusion model is needed here");
    }

    /** Refuses a family whose networks are no class-conditional diffusion models, before its tensors are looked at. */
    private static void refuseOthers(Path path, JsonConfig config, List<String> supported) {
        Class<?> type = ModelFamilies.named(config.className())
                .<Class<?>>map(ModelFamily::type)
                .orElse(DenoisingModel.class);
        Path dir = Files.isDirectory(path) ? path : path.resolveSibling("");
        if (type == Unet2dCondition.class) {
            throw new ModelException(dir.resolve(CONFIG) + ": " + config.className()
                    + " is conditioned on texts, but a class-conditional model is needed here");
        }
        if (!DenoisingModel.class.isAssignableFrom(type)) {
            throw unsupported(dir, config, supported);
        }
    }

    /**
     * Reads a text-conditional diffusion model; empty if the model is of another kind.
     *
     * @param model the folder, that of a pipeline with it, or its weights file
     */
    public static Optional<Unet2dCondition> textConditional(Path model, DType dtype) {
        return ifSuch(denoiser(model), dtype, Unet2dCondition.class);
    }

    /**
     * Whether a model is conditioned on texts, by its configuration alone.
     *
     * @param model the folder, that of a pipeline with it, or its weights file
     */
    public static boolean isTextConditional(Path model) {
        return isSuch(denoiser(model), Unet2dCondition.class);
    }

    /** Reads a model if its configuration names a family of such networks. */
    private static <N extends Network> Optional<N> ifSuch(Path path, DType dtype, Class<N> type) {
        return isSuch(path, type) ? Optional.of(type.cast(network(path, dtype))) : Optional.empty();
    }

    /** Whether a model's configuration names a family of such networks. */
    private static boolean isSuch(Path path, Class<? extends Network> type) {
        return config(path)
                .flatMap(c -> ModelFamilies.named(c.className()))
                .filter(f -> type.isAssignableFrom(f.type()))
                .isPresent();
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

    /**
     * Reads a network that classifies images; empty if the model is of another kind.
     *
     * @throws ModelException if it has no classes, as a ResNet without its last layer
     */
    public static Optional<Classifier> classifier(Path path, DType dtype) {
        Optional<Classifier> network = config(path).isPresent()
                ? ifSuch(path, dtype, Classifier.class)
                : Optional.of(network(path, dtype))
                        .filter(Classifier.class::isInstance)
                        .map(Classifier.class::cast);
        if (network.isPresent() && network.get().classes() == 0) {
            throw new ModelException(path + ": a "
                    + network.get().getClass().getSimpleName()
                    + " without its last layer, which gives features, no classes");
        }
        return network;
    }

    /**
     * Reads a classifier of a kind.
     *
     * @param kind such as {@code ResNet.class}, or {@code Classifier.class} for any
     * @throws ModelException if the model is another, or has no classes
     */
    public static <C extends Classifier> C classifier(Path path, DType dtype, Class<C> kind) {
        Classifier network = classifier(path, dtype)
                .orElseThrow(() -> new ModelException(path + ": no classifier, such as a ResNet"));
        if (!kind.isInstance(network)) {
            throw new ModelException("%s: its network is of %s; one of %s is needed"
                    .formatted(path, network.getClass().getSimpleName(), kind.getSimpleName()));
        }
        return kind.cast(network);
    }

    /** Reads a text encoder; empty if the model is of another kind. */
    public static Optional<ClipTextModel> textEncoder(Path path, DType dtype) {
        return ifSuch(path, dtype, ClipTextModel.class);
    }

    /** Reads an autoencoder of images; empty if the model is of another kind. */
    public static Optional<Autoencoder> autoencoder(Path path, DType dtype) {
        return ifSuch(path, dtype, Autoencoder.class);
    }

    /** The tensors of a model's weights, read when they are asked for. */
    static Map<String, Tensor> parameters(Path path, DType dtype) {
        WeightNames names = names(path);
        Notes.say(notes(path, names));
        return StateDict.lazy(names.checkpoint(), dtype);
    }

    /** The tensors of a model's weights, under the names of the family that its configuration names, or of any. */
    private static WeightNames names(Path path) {
        return WeightNames.open(
                weights(path),
                config(path)
                        .filter(JsonConfig::hasClassName)
                        .flatMap(c -> ModelFamilies.named(c.className()))
                        .<List<ModelFamily<?>>>map(List::of)
                        .orElseGet(ModelFamilies::all));
    }

    private static List<String> notes(Path path, WeightNames names) {
        List<String> all = new ArrayList<>();
        if (Files.isDirectory(path)) {
            WeightFiles.note(path).ifPresent(all::add);
        }
        all.addAll(names.notes());
        return all;
    }

    /** As {@link WeightNames#notes()}, of a model's file. */
    static List<String> notes(Path model) {
        Path network = denoiser(model);
        return notes(network, names(network));
    }

    /** The sampler's settings that come with a model, if any do. */
    public static Optional<SamplerConfig> sampler(Path path) {
        return scheduler(path).map(SchedulerFile::config);
    }

    /** As {@link #sampler}, with what is to be said of how its file was read. A pipeline's network that is named alone has the pipeline's. */
    public static Optional<SchedulerFile> scheduler(Path path) {
        Path dir = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
        if (dir == null) {
            return Optional.empty();
        }
        Optional<SchedulerFile> own = schedulerIn(dir);
        Path around = dir.toAbsolutePath().normalize().getParent();
        return own.isPresent() || around == null || PipelineDirectory.of(around).isEmpty() ? own : schedulerIn(around);
    }

    private static Optional<SchedulerFile> schedulerIn(Path dir) {
        for (String p : new String[] {SamplerConfig.FILE, "scheduler/" + SamplerConfig.FILE}) {
            if (Files.exists(dir.resolve(p))) {
                String pipeline = PipelineDirectory.of(dir)
                        .map(PipelineDirectory::className)
                        .orElse("");
                return Optional.of(SchedulerFile.read(dir.resolve(p), pipeline));
            }
        }
        return Optional.empty();
    }

    /**
     * Writes a network of any family: configuration, weights and, for diffusion models, sampler settings, each moved into place when complete.
     *
     * @param stateDict what its tensors are, which may be of another type, or an average of them; its buffers are taken from the network where they are
     *     not among them
     */
    public static void save(
            Path dir,
            Network network,
            Optional<SamplerConfig> sampler,
            Map<String, Tensor> stateDict,
            Map<String, String> metadata) {
        save(dir, ModelFamilies.configuration(network), sampler, complete(network, stateDict), metadata);
    }

    /**
     * Writes a network that classifies images: configuration and weights, each moved into place when complete.
     *
     * @param stateDict as of the other networks
     * @param images more entries of the configuration, which say what images the network takes: {@code mean} and {@code std} of the channels of those in [0, 1],
     *     {@code classes}
     */
    public static void saveClassifier(
            Path dir,
            Network network,
            Map<String, ?> images,
            Map<String, Tensor> stateDict,
            Map<String, String> metadata) {
        Map<String, Object> configuration = new LinkedHashMap<>(ModelFamilies.configuration(network));
        configuration.putAll(images);
        save(dir, configuration, Optional.empty(), complete(network, stateDict), metadata);
    }

    private static Map<String, Tensor> complete(Network network, Map<String, Tensor> stateDict) {
        Map<String, Tensor> all = new LinkedHashMap<>(stateDict);
        network.buffers().forEach(all::putIfAbsent);
        return all;
    }

    private static void save(
            Path dir,
            Map<String, ?> configuration,
            Optional<SamplerConfig> sampler,
            Map<String, Tensor> tensors,
            Map<String, String> metadata) {
        AtomicFiles.createFolders(dir);
        JsonConfig.write(dir.resolve(CONFIG), configuration);
        sampler.ifPresent(s -> s.write(dir.resolve(SamplerConfig.FILE)));
        Safetensors.write(dir.resolve(WEIGHTS), tensors, metadata);
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
     * The names of a model's classes: a pipeline's {@code id2label}, what the configuration gives as {@code classes}, as {@code distill} does, or as timm's
     * {@code label_names}, or those that {@code train} writes beside the weights; empty if there are none.
     */
    public static List<String> classNames(Path path) {
        List<String> labels =
                PipelineDirectory.of(path).map(PipelineDirectory::classNames).orElse(List.of());
        if (!labels.isEmpty()) {
            return labels;
        }
        Path network = denoiser(path);
        List<String> configured =
                config(network).map(ModelDirectory::classNames).orElse(List.of());
        if (!configured.isEmpty()) {
            return configured;
        }
        return ClassNames.of(Checkpoint.open(weights(network)).metadata().getOrDefault(CLASSES, ""));
    }

    private static List<String> classNames(JsonConfig config) {
        for (String key : new String[] {CLASSES, "label_names", "labels"}) {
            if (config.hasStrings(key)) {
                return List.copyOf(config.strings(key));
            }
        }
        return List.of();
    }
}
