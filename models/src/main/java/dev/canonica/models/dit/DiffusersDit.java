package dev.canonica.models.dit;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Layers;
import dev.canonica.models.Probe;
import dev.canonica.models.Segment;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * DiT as diffusers spells it ({@code DiTTransformer2DModel}): the same network, but every block embeds timestep and class by itself, and
 * the last layer takes the condition of the first block.
 */
public final class DiffusersDit implements DenoisingModel {
    private static final int FREQUENCIES = 256;

    /** The modules of a block, in the order of computation. */
    private static final List<String> MODULES = List.of(
            ".norm1.emb.timestep_embedder.linear_1",
            ".norm1.emb.timestep_embedder.act",
            ".norm1.emb.timestep_embedder.linear_2",
            ".norm1.emb.timestep_embedder",
            ".norm1.emb.class_embedder.embedding_table",
            ".norm1.emb.class_embedder",
            ".norm1.emb",
            ".norm1.silu",
            ".norm1.linear",
            ".norm1.norm",
            ".attn1.to_q",
            ".attn1.to_k",
            ".attn1.to_v",
            ".attn1.to_out.0",
            ".attn1",
            ".norm3",
            ".ff.net.0.proj",
            ".ff.net.0",
            ".ff.net.2",
            ".ff",
            "");

    private final DitConfig config;
    private final double normEpsilon;
    private final Map<String, Tensor> parameters;

    /**
     * A network with these parameters.
     *
     * @param normEpsilon {@code norm_eps}: of the norm before a block's MLP
     */
    public DiffusersDit(DitConfig config, double normEpsilon, Map<String, Tensor> parameters) {
        this.config = config;
        this.normEpsilon = normEpsilon;
        this.parameters = StateDict.checked("DiTTransformer2DModel", shapes(config), parameters);
    }

    private static Map<String, Shape> shapes(DitConfig c) {
        int d = c.hiddenSize();
        int p = c.patchSize();
        StateDict.Shapes s = new StateDict.Shapes();
        s.put("pos_embed.proj.weight", d, c.inChannels(), p, p).put("pos_embed.proj.bias", d);
        for (int i = 0; i < c.depth(); i++) {
            String b = "transformer_blocks." + i;
            s.linear(b + ".norm1.emb.timestep_embedder.linear_1", FREQUENCIES, d);
            s.linear(b + ".norm1.emb.timestep_embedder.linear_2", d, d);
            s.put(b + ".norm1.emb.class_embedder.embedding_table.weight", c.embeddedClasses(), d);
            s.linear(b + ".norm1.linear", d, 6 * d);
            s.linear(b + ".attn1.to_q", d, d).linear(b + ".attn1.to_k", d, d).linear(b + ".attn1.to_v", d, d);
            s.linear(b + ".attn1.to_out.0", d, d);
            s.linear(b + ".ff.net.0.proj", d, c.mlpHidden()).linear(b + ".ff.net.2", c.mlpHidden(), d);
        }
        s.linear("proj_out_1", d, 2 * d).linear("proj_out_2", d, p * p * c.outChannels());
        return s.map();
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(config.inChannels(), config.inputSize(), config.inputSize());
    }

    @Override
    public int classes() {
        return config.numClasses();
    }

    @Override
    public OptionalInt nullClass() {
        return config.nullClass();
    }

    @Override
    public Arguments arguments() {
        return new Arguments("hidden_states", "timestep", "class_labels");
    }

    @Override
    public List<String> layers() {
        List<String> names = new ArrayList<>();
        names.addAll(List.of("pos_embed.proj", "pos_embed"));
        for (int i = 0; i < config.depth(); i++) {
            for (String module : MODULES) {
                names.add("transformer_blocks." + i + module);
            }
        }
        names.addAll(List.of("proj_out_1", "norm_out", "proj_out_2"));
        names.add(Probe.OUTPUT);
        return names;
    }

    @Override
    public Var forward(Weights w, Var x, double[] t, long[] y, String layer) {
        check(x.shape(), t, y, layer);
        Probe probe = new Probe(layer);
        Var positions = Var.constant(PositionEmbedding.sinCos(
                config.grid(), config.hiddenSize(), x.value().dtype()));
        Probed p = new Probed(w, probe);
        Var tokens = DitParts.embedPatches(p, "pos_embed.proj", x, config.patchSize())
                .plus(positions);
        p.seen("pos_embed", tokens);
        if (probe.found()) {
            return probe.value();
        }
        Var frequencies = Var.constant(
                Layers.timestepEmbedding(t, FREQUENCIES, 1, x.value().dtype()));
        Tensor labels = Tensor.of(y, y.length);
        Var first = condition(p, "transformer_blocks.0", frequencies, labels);
        for (int i = 0; i < config.depth(); i++) {
            String path = "transformer_blocks." + i;
            Var condition = i == 0 ? first : condition(p, path, frequencies, labels);
            if (probe.found()) {
                return probe.value();
            }
            Segment block = (parameters, within, v) -> block(path, parameters, within, v.get(0), v.get(1));
            tokens = block.run(path, w, probe, tokens, condition);
            if (probe.at(path, tokens)) {
                return probe.value();
            }
        }
        Var modulation = p.linear("proj_out_1", Activations.silu(first));
        DitParts.Norm norm = new DitParts.Norm("norm_out", DitParts.EPSILON);
        Var out = DitParts.finalLayer(p, norm, "proj_out_2", tokens, modulation);
        if (probe.found()) {
            return probe.value();
        }
        return DitParts.joinPatches(out, config.patchSize(), config.outChannels());
    }

    private Var block(String path, Weights w, Probe probe, Var x, Var condition) {
        Probed p = new Probed(w, probe);
        return DitParts.block(
                p,
                x,
                p.modulation(path + ".norm1.silu", path + ".norm1.linear", condition),
                new DitParts.Norm(path + ".norm1.norm", DitParts.EPSILON),
                new DitParts.Norm(path + ".norm3", normEpsilon),
                (h, gate, x0) -> {
                    Var heads = Attentions.attention(
                            p.linear(path + ".attn1.to_q", h),
                            p.linear(path + ".attn1.to_k", h),
                            p.linear(path + ".attn1.to_v", h),
                            config.numHeads());
                    return p.gated(path + ".attn1.to_out.0", path + ".attn1", heads, gate, x0);
                },
                (h, gate, x0) -> {
                    Var inner = p.gelu(path + ".ff.net.0.proj", path + ".ff.net.0", h);
                    return p.gated(path + ".ff.net.2", path + ".ff", inner, gate, x0);
                });
    }

    private static Var condition(Probed p, String block, Var frequencies, Tensor labels) {
        String e = block + ".norm1.emb";
        String t = e + ".timestep_embedder";
        String c = e + ".class_embedder";
        Var time = p.seen(t, p.siluMlp(t + ".linear_1", t + ".act", t + ".linear_2", frequencies));
        Var label = Layouts.gather(p.weights().get(c + ".embedding_table.weight"), labels);
        return p.seen(e, time.plus(p.seen(c, p.seen(c + ".embedding_table", label))));
    }
}
