package dev.canonica.cli.command;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.cli.item.ClassifierItems;
import dev.canonica.cli.item.InputArrays;
import dev.canonica.cli.item.ItemOptions;
import dev.canonica.cli.item.ModelInputs;
import dev.canonica.cli.item.ModelItems;
import dev.canonica.cli.item.PipelineItems;
import dev.canonica.cli.item.TextItems;
import dev.canonica.cli.item.VaeItems;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.MethodDefaults;
import dev.canonica.cli.option.OutputFile;
import dev.canonica.cli.option.Precision;
import dev.canonica.cli.option.ProductOptions;
import dev.canonica.cli.option.ProjectionOptions;
import dev.canonica.cli.option.SamplerOptions;
import dev.canonica.cli.option.SvdOptions;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.Classifier;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Network;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.PipelineDirectory;
import dev.canonica.models.text.ClipTextModel;
import dev.canonica.models.unet.Autoencoder;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica run}: one model, tensors in and tensors out. */
@Command(
        name = "run",
        description = {
            "Runs one model on the tensors of an NPZ file, in the names of its reference implementation.",
            "Items: forward, features:LAYER, jvp:LAYER (needs tangents), vjp:LAYER (needs cotangents), svd:LAYER:N, grad (needs loss_weights),"
                    + " invert, sample, clarep:LAYER:N, or clarep and clarep:LAYER by the model's own setting (its clarid.json); text of a text encoder, encode and decode of an autoencoder. LAYER is a module path such as blocks.3, or output."
        })
public final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR|FILE",
            required = true,
            description =
                    "a folder with config.json and the weights (.safetensors, sharded with its index, or .pt), or the weights")
    private Path model = Path.of("");

    @Option(
            names = "--inputs",
            paramLabel = "IN.npz",
            required = true,
            description = "the reference's forward arguments under their names")
    private Path inputs = Path.of("");

    @Option(names = "--outputs", paramLabel = "OUT.npz", required = true, description = "where the results go")
    private Path outputs = Path.of("");

    @Option(
            names = "--compute",
            paramLabel = "ITEM",
            required = true,
            split = ",",
            description = "what to compute, separated by commas")
    private List<String> compute = new ArrayList<>();

    @Option(
            names = "--dtype",
            paramLabel = "f32|f64",
            defaultValue = "f32",
            description = "working type (default: ${DEFAULT-VALUE})")
    private Precision dtype = Precision.F32;

    @Option(
            names = "--mode",
            paramLabel = "eval|train",
            defaultValue = "eval",
            description = "whose statistics a ResNet's batch normalisation takes: the running ones or the batch's own"
                    + " (default: ${DEFAULT-VALUE})")
    private String mode = "eval";

    @Mixin
    private SamplerOptions sampler = new SamplerOptions();

    @Mixin
    private ProjectionOptions projections = new ProjectionOptions();

    @Mixin
    private SvdOptions svd = new SvdOptions();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private ProductOptions products = new ProductOptions();

    @Mixin
    private Devices devices = new Devices();

    RunCommand() {}

    @Override
    public Integer call() {
        DType type = dtype.dtype();
        Misuse.unlessOneOf("--mode", mode, List.of("eval", "train"));
        sampler.checkNames();
        ItemOptions.check(GivenOptions.of(spec), compute, sampler.inversionName());
        MethodDefaults defaults = defaults();
        projections.check(GivenOptions.of(spec));
        if (compute.stream().noneMatch(item -> item.startsWith("svd:"))) {
            projections.refuseBlocks(GivenOptions.of(spec), "--oversample");
        }
        products.check(GivenOptions.of(spec), type);
        for (String item : compute) {
            String[] parts = item.split(":", -1);
            if (parts[0].equals("clarep")) {
                projections.choice(parts.length == 3 ? Integer.parseInt(parts[2]) : CanonicalPipeline.RANK);
            }
        }
        OutputFile.check(outputs, "--inputs", inputs);
        OutputFile.check(outputs, "--model", model);
        devices.require();
        Items items = items(new InputArrays(inputs, type), defaults);
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (String item : compute) {
            items.compute(item, out);
        }
        products.checkUsed(GivenOptions.of(spec));
        Finite.check("results", out);
        Npz.write(outputs, out);
        return 0;
    }

    /** A model's own setting, of what an item does that has one. */
    private MethodDefaults defaults() {
        GivenOptions given = GivenOptions.of(spec);
        if (compute.stream().noneMatch(ItemOptions::isOfTheMethod)) {
            return MethodDefaults.ofPaper(given, sampler, projections);
        }
        boolean counted = compute.stream().anyMatch(ItemOptions::isCounted) || ProjectionOptions.counted(given);
        return MethodDefaults.of(model, given, counted, sampler, projections);
    }

    /** Computes an item and adds its arrays. */
    private interface Items {
        void compute(String item, Map<String, Tensor> out);
    }

    private Items items(InputArrays in, MethodDefaults defaults) {
        Optional<PipelineDirectory> pipeline = PipelineDirectory.of(model);
        if (pipeline.isPresent()) {
            refuseTraining();
            return new PipelineItems(
                            pipeline.get(), in, () -> denoiser(ModelDirectory.network(model, in.type()), in, defaults))
                    ::compute;
        }
        Network network = ModelDirectory.network(model, in.type());
        if (network instanceof Classifier classifier) {
            return new ClassifierItems(classifier, in, mode, svd)::compute;
        }
        refuseTraining();
        return switch (network) {
            case ClipTextModel encoder -> new TextItems(encoder, in.onlyOf(TextItems.ARRAYS))::compute;
            case Autoencoder autoencoder -> new VaeItems(autoencoder, in.onlyOf(VaeItems.ARRAYS))::compute;
            default -> denoiser(network, in, defaults)::compute;
        };
    }

    private void refuseTraining() {
        if (mode.equals("train")) {
            throw new Misuse("--mode: train is for networks with batch normalisation (ResNet)");
        }
    }

    private ModelItems denoiser(Network network, InputArrays in, MethodDefaults defaults) {
        if (!(network instanceof DenoisingModel denoiser)) {
            throw new ModelException(
                    model + ": a " + network.getClass().getSimpleName() + ", where a diffusion model is needed");
        }
        Set<String> others = PipelineDirectory.of(model).isPresent() ? PipelineItems.ARRAYS : Set.of();
        ModelInputs arguments = new ModelInputs(in, others, denoiser);
        sampler.checkGuidance(denoiser, arguments.condition(arguments.sample().dim(0)));
        return new ModelItems(
                denoiser, in, arguments, () -> sampler.sampler(model, denoiser), sampler, svd, projections, defaults);
    }
}
