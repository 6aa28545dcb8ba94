package dev.canonica.models.text;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.Layers;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * transformers' {@code CLIPTextModel}: the text encoder of CLIP (Radford et al. 2021, §2.4), and with it of Stable Diffusion.
 *
 * <pre>
 *   x ← token[ids] + position
 *   x ← x + attention(norm₁ x)      x ← x + mlp(norm₂ x)      for each layer; a token sees those before it alone
 *   last hidden state = final norm of x
 * </pre>
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
    private final String prefix;
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
        this.prefix = rooted ? ROOT + "." : "";
        this.parameters = StateDict.checked(
                MODEL, shapes(config, prefix), StateDict.without(parameters, "embeddings.position_ids"));
        this.layers = names();
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

    /** The names and shapes of the parameters. */
    static Map<String, Shape> shapes(ClipTextConfig c, String prefix) {
        int d = c.width();
        StateDict.Shapes s = new StateDict.Shapes();
        s.put(prefix + "embeddings.token_embedding.weight", c.vocabulary(), d);
        s.put(prefix + "embeddings.position_embedding.weight", c.positions(), d);
        for (int i = 0; i < c.layers(); i++) {
            String l = prefix + "encoder.layers." + i;
            norm(s, l + ".layer_norm1", d);
            for (String name : new String[] {".q_proj", ".k_proj", ".v_proj", ".out_proj"}) {
                s.linear(l + ".self_attn" + name, d, d);
            }
            norm(s, l + ".layer_norm2", d);
            s.linear(l + ".mlp.fc1", d, c.hidden()).linear(l + ".mlp.fc2", c.hidden(), d);
        }
        norm(s, prefix + "final_layer_norm", d);
        return s.map();
    }

    private static void norm(StateDict.Shapes s, String name, int width) {
        s.put(name + ".weight", width).put(name + ".bias", width);
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(prefix + "embeddings");
        for (int i = 0; i < config.layers(); i++) {
            String l = prefix + "encoder.layers." + i;
            names.addAll(List.of(l + ".layer_norm1", l + ".self_attn", l + ".layer_norm2", l + ".mlp", l));
        }
        names.addAll(List.of(prefix + "encoder", prefix + "final_layer_norm"));
        if (!prefix.isEmpty()) {
            names.add(ROOT);
        }
        names.add(Probe.OUTPUT);
        return List.copyOf(names);
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
        Var table = w.get(prefix + "embeddings.token_embedding.weight");
        Var positions = w.get(prefix + "embeddings.position_embedding.weight").slice(0, 0, ids.dim(1));
        Var x = Layouts.gather(table, ids.to(DType.I64)).plus(positions);
        if (probe.at(prefix + "embeddings", x)) {
            return probe.value();
        }
        for (int i = 0; i < config.layers(); i++) {
            x = layer(w, prefix + "encoder.layers." + i, x, probe);
            if (probe.found()) {
                return probe.value();
            }
        }
        if (probe.at(prefix + "encoder", x)) {
            return probe.value();
        }
        return Layers.layerNorm(w, prefix + "final_layer_norm", config.epsilon(), x);
    }

    private Var layer(Weights w, String name, Var x, Probe probe) {
        Var n = Layers.layerNorm(w, name + ".layer_norm1", config.epsilon(), x);
        if (probe.at(name + ".layer_norm1", n)) {
            return n;
        }
        String a = name + ".self_attn";
        Var o = Attentions.causal(
                Layers.linear(w, a + ".q_proj", n),
                Layers.linear(w, a + ".k_proj", n),
                Layers.linear(w, a + ".v_proj", n),
                config.heads());
        Var attended = Layers.linear(w, a + ".out_proj", o);
        if (probe.at(a, attended)) {
            return attended;
        }
        Var y = x.plus(attended);
        Var m = Layers.layerNorm(w, name + ".layer_norm2", config.epsilon(), y);
        if (probe.at(name + ".layer_norm2", m)) {
            return m;
        }
        Var hidden = config.activation().apply(Layers.linear(w, name + ".mlp.fc1", m));
        Var mlp = Layers.linear(w, name + ".mlp.fc2", hidden);
        if (probe.at(name + ".mlp", mlp)) {
            return mlp;
        }
        Var out = y.plus(mlp);
        probe.at(name, out);
        return out;
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
