package dev.canonica.models.dit;

import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * SiT (Ma et al., 2024): the network of DiT, under the same names, for the velocity of a flow along the linear path
 *
 * <pre>
 *   x_t = t data + (1 − t) noise          v(x_t, t, y) = E[data − noise | x_t, y]          t in [0, 1]
 * </pre>
 *
 * so that t = 0 is noise and t = 1 is data, as in its published checkpoints. The paper counts t the other way. Where the last layer makes twice the
 * channels, the second half is left out.
 */
public final class Sit extends DitNetwork {
    /** How it is read and written; checkpoints without a configuration have DiT's tensors and are known by the options in them or by their name. */
    public static final ModelFamily<Sit> FAMILY = ModelFamily.of(
                    Sit.class, (c, parameters) -> new Sit(DitConfig.read(c), parameters), Sit::configuration, "SiT")
            .recognising((checkpoint, parameters) -> isPublished(checkpoint)
                    ? Optional.of(new Sit(DitShapes.infer(checkpoint), parameters))
                    : Optional.empty())
            .marked(DitShapes.MARKS);

    private static final String SIT = "SiT";
    private static final String DIT = "DiT";

    private final DitLayers network;

    /**
     * A SiT with these parameters.
     *
     * @throws dev.canonica.models.ModelException if a parameter is missing, unknown or of another shape
     */
    public Sit(DitConfig config, Map<String, Tensor> parameters) {
        this(config, new DitLayers(config), parameters);
    }

    private Sit(DitConfig config, DitLayers network, Map<String, Tensor> parameters) {
        super(config, network, StateDict.checked("SiT", network.shapes().map(), parameters));
        this.network = network;
    }

    /**
     * Whether a checkpoint has DiT's tensors, and was trained as a SiT by the options that lie beside them ({@code args.model}); where there are none, whether it has
     * the name of one, such as {@code SiT-XL-2-256x256.pt}.
     */
    static boolean isPublished(Checkpoint checkpoint) {
        return DitShapes.isDit(checkpoint)
                && trained(checkpoint).orElse(name(checkpoint)).startsWith(SIT);
    }

    /** What is assumed of a checkpoint with DiT's tensors that neither options nor its name tell of; empty where they do. */
    public static Optional<String> assumption(Checkpoint checkpoint) {
        String told = trained(checkpoint).orElse(name(checkpoint));
        return !DitShapes.isDit(checkpoint) || told.startsWith(SIT) || told.startsWith(DIT)
                ? Optional.empty()
                : Optional.of(
                        checkpoint.file()
                                + ": taken for a DiT; a SiT has the same tensors, and neither args.model in the file nor its name tells"
                                + " which it is: for a SiT, name the file SiT-….pt, or write a config.json with _class_name SiT beside it");
    }

    private static Optional<String> trained(Checkpoint checkpoint) {
        return Optional.ofNullable(checkpoint.metadata().get(Checkpoint.TRAINED_MODEL));
    }

    private static String name(Checkpoint checkpoint) {
        return String.valueOf(checkpoint.file().getFileName());
    }

    private static Map<String, Object> configuration(Sit sit) {
        Map<String, Object> m = new LinkedHashMap<>(sit.config().toMap());
        m.put("_class_name", "SiT");
        return m;
    }

    @Override
    public boolean isFlow() {
        return true;
    }

    @Override
    public Arguments arguments() {
        return new Arguments("x", "t", "y");
    }

    /** The probe's {@code output} is the velocity [B, C, H, W]. */
    @Override
    public void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe) {
        Var out = network.forward(new Pass(w, probe), x, t, classes(given));
        probe.at(Probe.OUTPUT, probe.found() || !config().learnSigma() ? out : out.slice(1, 0, config().inChannels()));
    }
}
