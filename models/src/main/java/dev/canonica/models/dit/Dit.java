package dev.canonica.models.dit;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Layers;
import dev.canonica.models.Probe;
import dev.canonica.models.Segment;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * DiT with adaLN-Zero blocks (Peebles &amp; Xie 2023), under the names of its published checkpoints.
 *
 * <pre>
 *   tokens = patches(x) + positions          c = mlp(embedding(t)) + table[y]
 *   tokens ← block_i(tokens, c), i = 0 … depth − 1          output = patches⁻¹(final(tokens, c))
 * </pre>
 */
public final class Dit implements DenoisingModel {
    private static final int FREQUENCIES = 256;
    /** The modules of a block, in the order of computation. */
    private static final List<String> MODULES = List.of(
            ".adaLN_modulation.0",
            ".adaLN_modulation.1",
            ".adaLN_modulation",
            ".norm1",
            ".attn.qkv",
            ".attn.proj",
            ".attn",
            ".norm2",
            ".mlp.fc1",
            ".mlp.act",
            ".mlp.fc2",
            ".mlp",
            "");

    private final DitConfig config;
    private final Map<String, Tensor> parameters;

    /**
     * A DiT with these parameters.
     *
     * @throws dev.canonica.models.ModelException if a parameter is missing, unknown or of another shape
     */
    public Dit(DitConfig config, Map<String, Tensor> parameters) {
        this.config = config;
        this.parameters = StateDict.checked("DiT", shapes(config), parameters);
    }

    /** The names and shapes of the parameters. */
    public static Map<String, Shape> shapes(DitConfig c) {
        int d = c.hiddenSize();
        int p = c.patchSize();
        StateDict.Shapes s = new StateDict.Shapes();
        s.put("x_embedder.proj.weight", d, c.inChannels(), p, p).put("x_embedder.proj.bias", d);
        s.linear("t_embedder.mlp.0", FREQUENCIES, d).linear("t_embedder.mlp.2", d, d);
        s.put("y_embedder.embedding_table.weight", c.embeddedClasses(), d);
        s.put("pos_embed", 1, c.tokens(), d);
        for (int i = 0; i < c.depth(); i++) {
            String b = "blocks." + i;
            s.linear(b + ".attn.qkv", d, 3 * d).linear(b + ".attn.proj", d, d);
            s.linear(b + ".mlp.fc1", d, c.mlpHidden()).linear(b + ".mlp.fc2", c.mlpHidden(), d);
            s.linear(b + ".adaLN_modulation.1", d, 6 * d);
        }
        s.linear("final_layer.linear", d, p * p * c.outChannels()).linear("final_layer.adaLN_modulation.1", d, 2 * d);
        return s.map();
    }

    /** The constructor arguments. */
    public DitConfig config() {
        return config;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public Set<String> fixed() {
        return Set.of("pos_embed");
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
        return new Arguments("x", "t", "y");
    }

    @Override
    public List<String> layers() {
        List<String> names = new ArrayList<>(List.of("x_embedder.proj", "x_embedder"));
        names.addAll(
                List.of("t_embedder.mlp.0", "t_embedder.mlp.1", "t_embedder.mlp.2", "t_embedder.mlp", "t_embedder"));
        names.addAll(List.of("y_embedder.embedding_table", "y_embedder"));
        for (int i = 0; i < config.depth(); i++) {
            for (String module : MODULES) {
                names.add("blocks." + i + module);
            }
        }
        names.addAll(List.of("final_layer.adaLN_modulation.0", "final_layer.adaLN_modulation.1"));
        names.addAll(List.of("final_layer.adaLN_modulation", "final_layer.norm_final", "final_layer.linear"));
        names.addAll(List.of("final_layer", Probe.OUTPUT));
        return names;
    }

    @Override
    public Var forward(Weights w, Var x, double[] t, long[] y, String layer) {
        check(x.shape(), t, y, layer);
        Probe probe = new Probe(layer);
        Probed p = new Probed(w, probe);
        Var tokens = DitParts.embedPatches(p, "x_embedder.proj", x, config.patchSize());
        p.seen("x_embedder", tokens);
        if (probe.found()) {
            return probe.value();
        }
        tokens = tokens.plus(w.get("pos_embed"));
        Var frequencies = Var.constant(
                Layers.timestepEmbedding(t, FREQUENCIES, 0, x.value().dtype()));
        Var time = p.siluMlp("t_embedder.mlp.0", "t_embedder.mlp.1", "t_embedder.mlp.2", frequencies);
        p.seen("t_embedder", p.seen("t_embedder.mlp", time));
        Var label = Layouts.gather(w.get("y_embedder.embedding_table.weight"), Tensor.of(y, y.length));
        p.seen("y_embedder", p.seen("y_embedder.embedding_table", label));
        if (probe.found()) {
            return probe.value();
        }
        Var condition = time.plus(label);
        for (int i = 0; i < config.depth(); i++) {
            String path = "blocks." + i;
            Segment block = (parameters, within, v) -> block(path, parameters, within, v.get(0), v.get(1));
            tokens = block.run(path, w, probe, tokens, condition);
            if (probe.at(path, tokens)) {
                return probe.value();
            }
        }
        Var modulation = modulation(p, "final_layer.adaLN_modulation", condition);
        DitParts.Norm norm = new DitParts.Norm("final_layer.norm_final", DitParts.EPSILON);
        Var out = DitParts.finalLayer(p, norm, "final_layer.linear", tokens, modulation);
        p.seen("final_layer", out);
        return probe.found() ? probe.value() : DitParts.joinPatches(out, config.patchSize(), config.outChannels());
    }

    private static Var modulation(Probed p, String path, Var condition) {
        return p.seen(path, p.modulation(path + ".0", path + ".1", condition));
    }

    private Var block(String path, Weights w, Probe probe, Var x, Var condition) {
        Probed p = new Probed(w, probe);
        return DitParts.block(
                p,
                x,
                modulation(p, path + ".adaLN_modulation", condition),
                new DitParts.Norm(path + ".norm1", DitParts.EPSILON),
                new DitParts.Norm(path + ".norm2", DitParts.EPSILON),
                (h, gate, x0) -> {
                    Var heads = Attentions.selfAttention(p.linear(path + ".attn.qkv", h), config.numHeads());
                    return p.gated(path + ".attn.proj", path + ".attn", heads, gate, x0);
                },
                (h, gate, x0) -> {
                    Var inner = p.gelu(path + ".mlp.fc1", path + ".mlp.act", h);
                    return p.gated(path + ".mlp.fc2", path + ".mlp", inner, gate, x0);
                });
    }

    /** A DiT to train: see {@link DitInitialiser}. */
    public static Dit initialised(DitConfig config, long seed) {
        return new Dit(config, DitInitialiser.parameters(config, seed));
    }

    /** This network with parameters of its own, which training may write without changing these. */
    public Dit copy() {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        parameters.forEach((name, t) -> copies.put(
                name, Tensor.uninitialised(t.device(), t.dtype(), t.shape()).assign(t)));
        return new Dit(config, copies);
    }

    /** This network computing in another type. */
    public Dit to(DType dtype) {
        return new Dit(config, StateDict.converted(parameters, dtype));
    }
}
