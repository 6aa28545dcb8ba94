package dev.canonica.models.text;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * transformers' {@code CLIPTextModel}: the text encoder of CLIP (Radford et al., 2021, §2.4), and with it of Stable Diffusion; as {@code
 * CLIPTextModelWithProjection} with a linear layer that makes a text one vector, as Stable Diffusion XL has it.
 *
 * Parameters and layers have the names of the checkpoint: under {@code text_model}, as transformers wrote them until its version 5, or without.
 */
public final class ClipTextModel implements Network {
    /** How it is read and written. */
    public static final ModelFamily<ClipTextModel> FAMILY = ModelFamily.of(
                    ClipTextModel.class,
                    ClipTextModel::new,
                    network -> network.settings,
                    "CLIPTextModel",
                    ClipTextConfig.PROJECTED)
            .marked("text_model.embeddings.token_embedding.weight", "text_model.final_layer_norm.weight");

    private static final String MODEL = "CLIPTextModel";
    private static final String ROOT = "text_model";
    /** {@code eos_token_id} of old files, which the tokenizer does not have. */
    private static final int OLD_END = 2;

    private final Map<String, ?> settings;
    private final ClipTextConfig config;
    private final ClipTextLayers network;
    private final @Nullable Linear projection;
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
        this.projection = config.projection() == 0
                ? null
                : new Linear("text_projection", config.width(), config.projection(), false);
        refuseOthers(parameters, projection);
        boolean rooted = parameters.keySet().stream().anyMatch(name -> name.startsWith(ROOT + "."));
        this.network = new ClipTextLayers(config, rooted ? ROOT : "");
        StateDict.Shapes shapes = network.shapes();
        List<String> names = new ArrayList<>(network.layers());
        if (projection != null) {
            projection.declare(shapes);
            projection.list(names);
        }
        this.parameters =
                StateDict.checked(MODEL, shapes.map(), StateDict.without(parameters, "embeddings.position_ids"));
        names.add(Probe.OUTPUT);
        this.layers = List.copyOf(names);
    }

    /** Tensors by whose names a checkpoint is known as that of another model. */
    private static void refuseOthers(Map<String, Tensor> parameters, @Nullable Linear projection) {
        for (String name : parameters.keySet()) {
            if (name.startsWith("vision_model.") || name.equals("logit_scale")) {
                throw new ModelException(
                        MODEL + ": tensor '" + name
                                + "' belongs to a whole CLIPModel; its text encoder alone is needed (text_model, saved by itself)");
            }
            if (projection == null && name.equals("text_projection.weight")) {
                throw new ModelException(MODEL + ": tensor '" + name + "' belongs to a " + ClipTextConfig.PROJECTED
                        + ", but config.json names a CLIPTextModel");
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

    /**
     * What the encoder makes of texts.
     *
     * @param state the last hidden state [B, T, width], after the final norm
     * @param inner the hidden state before the last layer, without that norm: what Stable Diffusion XL is conditioned on
     */
    public record Encoded(Tensor state, Tensor inner) {}

    /** Both hidden states of tokens [B, T] by one pass. */
    public Encoded encodeWithInner(Tensor ids) {
        check(ids);
        String module = network.path().isEmpty() ? "" : network.path() + ".";
        String inner = module + (config.layers() == 1 ? "embeddings" : "encoder.layers." + (config.layers() - 2));
        Probe probe = new Probe(List.of(inner, Probe.OUTPUT)).checked(layers);
        Pass pass = new Pass(Weights.constant(parameters), probe);
        probe.at(Probe.OUTPUT, network.forward(pass, ids.to(DType.I64)));
        Map<String, Var> values = probe.values();
        return new Encoded(
                Objects.requireNonNull(values.get(Probe.OUTPUT)).value(),
                Objects.requireNonNull(values.get(inner)).value());
    }

    /** Width of the vectors of {@link #embed}; 0 for a model without a projection. */
    public int projection() {
        return config.projection();
    }

    /**
     * A vector of each text [B, projection_dim]: the projection of the last hidden state at the end of the text. That is at the first {@code eos_token_id}; where
     * it is 2, as files from before transformers 4.31 have it, at the first of the highest number.
     *
     * @param ids tokens [B, T]
     * @param state the last hidden state of {@link #encode}
     * @return empty for a model without a projection
     */
    public Optional<Tensor> embed(Tensor ids, Tensor state) {
        if (projection == null) {
            return Optional.empty();
        }
        Pass pass = new Pass(Weights.constant(parameters), new Probe(Probe.OUTPUT));
        return Optional.of(
                pass.apply(projection, atEnd(Var.constant(state), ids)).value());
    }

    /** The vector of each token [B, T, width] at the end of its text [B, width]. */
    private Var atEnd(Var state, Tensor ids) {
        int length = ids.dim(1);
        double[] tokens = ids.toDoubles();
        long[] rows = new long[ids.dim(0)];
        for (int b = 0; b < rows.length; b++) {
            int end = 0;
            for (int i = length - 1; i >= 0; i--) {
                double token = tokens[b * length + i];
                boolean ends = config.end() == OLD_END ? token >= tokens[b * length + end] : token == config.end();
                end = ends ? i : end;
            }
            rows[b] = (long) b * length + end;
        }
        return Layouts.gather(state.reshape(rows.length * length, config.width()), Tensor.of(rows, rows.length));
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
     * @return [B, T, width], of the projection [B, projection_dim]
     */
    public Var forward(Weights w, Tensor ids, String layer) {
        check(ids);
        Probe probe = new Probe(layer).checked(layers);
        Pass pass = new Pass(w, probe);
        Var last = network.forward(pass, ids.to(DType.I64));
        if (projection != null && pass.wants(projection)) {
            pass.apply(projection, atEnd(last, ids));
        }
        probe.at(Probe.OUTPUT, last);
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
