package dev.canonica.models.text;

import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * transformers' {@code CLIPTextModel}: the text encoder of CLIP (Radford et al. 2021, §2.4), and with it of Stable Diffusion.
 *
 * Parameters and layers have the names of the checkpoint: under {@code text_model}, as transformers wrote them until its version 5, or without.
 */
public final class ClipTextModel implements Network {
    /** How it is read and written. */
    public static final ModelFamily<ClipTextModel> FAMILY =
            ModelFamily.of(ClipTextModel.class, ClipTextModel::new, network -> network.settings, "CLIPTextModel");

    private static final String MODEL = "CLIPTextModel";
    private static final String ROOT = "text_model";

    private final Map<String, ?> settings;
    private final ClipTextConfig config;
    private final ClipTextLayers network;
    private final Map<String, Tensor> parameters;
    private final List<String> layers;

    /**
     * A text encoder with these parameters; its settings are those of {@code CLIPTextConfig}.
     *
     * @throws ModelException if a setting or a tensor does not fit, or the tensors are those of another model
     */
    public ClipTextModel(JsonConfig settings, Map<String, Tensor> parameters) {
        this.settings = settings.values();
        this.config = ClipTextConfig.read(settings);
        refuseOthers(parameters);
        boolean rooted = parameters.keySet().stream().anyMatch(name -> name.startsWith(ROOT + "."));
        this.network = new ClipTextLayers(config, rooted ? ROOT : "");
        this.parameters = StateDict.checked(
                MODEL, network.shapes().map(), StateDict.without(parameters, "embeddings.position_ids"));
        List<String> names = new ArrayList<>(network.layers());
        names.add(Probe.OUTPUT);
        this.layers = List.copyOf(names);
    }

    /** Tensors by whose names a checkpoint is known as that of another model. */
    private static void refuseOthers(Map<String, Tensor> parameters) {
        for (String name : parameters.keySet()) {
            if (name.startsWith("vision_model.") || name.equals("logit_scale")) {
                throw new ModelException(
                        MODEL + ": tensor '" + name
                                + "' belongs to a whole CLIPModel; its text encoder alone is needed (text_model, saved by itself)");
            }
            if (name.equals("text_projection.weight")) {
                throw new ModelException(
                        MODEL + ": tensor '" + name
                                + "' belongs to a CLIPTextModelWithProjection, which is not supported; a CLIPTextModel is needed");
            }
            if (name.contains("transformer.resblocks.")) {
                throw new ModelException(MODEL + ": tensor '" + name
                        + "' belongs to a model of OpenCLIP or openai/CLIP; their text encoder under transformers' names is"
                        + " needed");
            }
        }
    }

    /**
     * The names and shapes of the parameters.
     *
     * @param root the module that holds all; empty if there is none
     */
    static Map<String, Shape> shapes(ClipTextConfig c, String root) {
        return new ClipTextLayers(c, root).shapes().map();
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public List<String> layers() {
        return layers;
    }

    /** Width of the last hidden state. */
    public int width() {
        return config.width();
    }

    /** The longest text, in tokens. */
    public int positions() {
        return config.positions();
    }

    /** The last hidden state [B, T, width] of tokens [B, T], after the final norm. */
    public Tensor encode(Tensor ids) {
        return features(ids, Probe.OUTPUT).value();
    }

    /** A layer's output [B, T, width], with constant parameters. */
    public Var features(Tensor ids, String layer) {
        return forward(Weights.constant(parameters), ids, layer);
    }

    /**
     * A layer's output; nothing after it is computed.
     *
     * @param w parameters
     * @param ids tokens [B, T] of an integer type, T at most {@link #positions}
     * @param layer one of {@link #layers}; {@code output} is the last hidden state
     * @return [B, T, width]
     */
    public Var forward(Weights w, Tensor ids, String layer) {
        check(ids);
        Probe probe = new Probe(layer).checked(layers);
        probe.at(Probe.OUTPUT, network.forward(new Pass(w, probe), ids.to(DType.I64)));
        return probe.value();
    }

    private void check(Tensor ids) {
        if (ids.dtype().isFloating() || ids.dtype() == DType.BOOL) {
            throw new ModelException("input_ids: type " + ids.dtype() + ", integers are needed");
        }
        if (ids.rank() != 2 || ids.dim(1) > config.positions()) {
            throw new ModelException(
                    "input_ids: shape " + ids.shape() + ", needed [B, T] with T at most " + config.positions());
        }
        for (long id : ids.to(DType.I64).toLongs()) {
            if (id < 0 || id >= config.vocabulary()) {
                throw new ModelException(
                        "input_ids: token " + id + " does not lie in [0, " + (config.vocabulary() - 1) + "]");
            }
        }
    }
}
