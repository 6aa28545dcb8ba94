package dev.canonica.models.dit;

import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** DiT as diffusers spells it ({@code DiTTransformer2DModel}): the same network in other names. */
public final class DiffusersDit extends DitNetwork {
    /** How it is read and written. */
    public static final ModelFamily<DiffusersDit> FAMILY = ModelFamily.of(
                    DiffusersDit.class,
                    DiffusersDit::read,
                    network -> configuration(network.config(), network.normEpsilon),
                    "DiTTransformer2DModel",
                    DiffusersDit.OLD_NAME)
            .marked("pos_embed.proj.weight", "transformer_blocks.0.attn1.to_q.weight");

    /** The class in diffusers before 0.28, and that of other transformers. */
    private static final String OLD_NAME = "Transformer2DModel";

    private final DiffusersDitLayers network;
    private final double normEpsilon;

    /**
     * A network with these parameters.
     *
     * @param normEpsilon {@code norm_eps}: of the norm before a block's MLP
     */
    public DiffusersDit(DitConfig config, double normEpsilon, Map<String, Tensor> parameters) {
        this(config, normEpsilon, new DiffusersDitLayers(config, normEpsilon), parameters);
    }

    private DiffusersDit(
            DitConfig config, double normEpsilon, DiffusersDitLayers network, Map<String, Tensor> parameters) {
        super(
                config,
                network,
                StateDict.checked("DiTTransformer2DModel", network.shapes().map(), parameters));
        this.network = network;
        this.normEpsilon = normEpsilon;
    }

    private static DiffusersDit read(JsonConfig c, Map<String, Tensor> parameters) {
        double epsilon = c.number("norm_eps", 1e-5);
        return new DiffusersDit(config(c), epsilon, parameters);
    }

    private static DitConfig config(JsonConfig c) {
        int heads = c.integer("num_attention_heads", 16);
        int in = c.integer("in_channels", 4);
        int out = c.integer("out_channels", in);
        if (out != in && out != 2 * in) {
            throw new ModelException(
                    "DiTTransformer2DModel: out_channels " + out + " must be in_channels or twice as many");
        }
        c.oneOf("activation_fn", "gelu-approximate", "gelu-approximate");
        c.oneOf("norm_type", c.className().equals(OLD_NAME) ? "layer_norm" : "ada_norm_zero", "ada_norm_zero");
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

    private static Map<String, Object> configuration(DitConfig c, double normEpsilon) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("_class_name", "DiTTransformer2DModel");
        m.put("sample_size", c.inputSize());
        m.put("patch_size", c.patchSize());
        m.put("in_channels", c.inChannels());
        m.put("out_channels", c.outChannels());
        m.put("num_attention_heads", c.numHeads());
        m.put("attention_head_dim", c.hiddenSize() / c.numHeads());
        m.put("num_layers", c.depth());
        m.put("num_embeds_ada_norm", c.numClasses());
        m.put("norm_eps", normEpsilon);
        return m;
    }

    @Override
    public Arguments arguments() {
        return new Arguments("hidden_states", "timestep", "class_labels");
    }

    @Override
    public void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe) {
        probe.at(Probe.OUTPUT, network.forward(new Pass(w, probe), x, t, classes(given)));
    }
}
