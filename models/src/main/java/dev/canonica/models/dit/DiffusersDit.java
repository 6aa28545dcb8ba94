package dev.canonica.models.dit;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/** DiT as diffusers spells it ({@code DiTTransformer2DModel}): the same network in other names. */
public final class DiffusersDit extends DitNetwork {
    private final DiffusersDitLayers network;

    /**
     * A network with these parameters.
     *
     * @param normEpsilon {@code norm_eps}: of the norm before a block's MLP
     */
    public DiffusersDit(DitConfig config, double normEpsilon, Map<String, Tensor> parameters) {
        this(config, new DiffusersDitLayers(config, normEpsilon), parameters);
    }

    private DiffusersDit(DitConfig config, DiffusersDitLayers network, Map<String, Tensor> parameters) {
        super(
                config,
                network,
                StateDict.checked("DiTTransformer2DModel", network.shapes().map(), parameters));
        this.network = network;
    }

    @Override
    public Arguments arguments() {
        return new Arguments("hidden_states", "timestep", "class_labels");
    }

    @Override
    public void run(Weights w, Var x, double[] t, long[] y, Probe probe) {
        probe.at(Probe.OUTPUT, network.forward(new Pass(w, probe), x, t, y));
    }
}
