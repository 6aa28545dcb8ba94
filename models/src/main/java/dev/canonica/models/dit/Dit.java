package dev.canonica.models.dit;

import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/** DiT with adaLN-Zero blocks (Peebles &amp; Xie 2023), under the names of its published checkpoints. */
public final class Dit extends DitNetwork {
    /** How it is read and written; published checkpoints come without a configuration. */
    public static final ModelFamily<Dit> FAMILY = ModelFamily.of(
                    Dit.class,
                    (c, parameters) -> new Dit(DitConfig.read(c), parameters),
                    dit -> dit.config().toMap(),
                    "DiT")
            .recognising((checkpoint, parameters) -> DitShapes.isDit(checkpoint) && !Sit.isPublished(checkpoint)
                    ? Optional.of(new Dit(DitShapes.infer(checkpoint), parameters))
                    : Optional.empty())
            .marked(DitShapes.MARKS);

    private final DitLayers network;

    /**
     * A DiT with these parameters.
     *
     * @throws dev.canonica.models.ModelException if a parameter is missing, unknown or of another shape
     */
    public Dit(DitConfig config, Map<String, Tensor> parameters) {
        this(config, new DitLayers(config), parameters);
    }

    private Dit(DitConfig config, DitLayers network, Map<String, Tensor> parameters) {
        super(config, network, StateDict.checked("DiT", network.shapes().map(), parameters));
        this.network = network;
    }

    /** The names and shapes of the parameters. */
    public static Map<String, Shape> shapes(DitConfig c) {
        return new DitLayers(c).shapes().map();
    }

    @Override
    public Arguments arguments() {
        return new Arguments("x", "t", "y");
    }

    @Override
    public void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe) {
        probe.at(Probe.OUTPUT, network.forward(new Pass(w, probe), x, t, classes(given)));
    }

    /** A DiT to train: see {@link DitInitialiser}. */
    public static Dit initialised(DitConfig config, long seed) {
        return new Dit(config, DitInitialiser.parameters(config, seed));
    }

    /** This network computing in another type. */
    public Dit to(DType dtype) {
        return new Dit(config(), StateDict.converted(parameters(), dtype));
    }
}
