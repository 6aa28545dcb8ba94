package dev.canonica.models.dit;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Container;
import dev.canonica.models.nn.Embedding;
import dev.canonica.models.nn.FixedTable;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.SiluMlp;
import dev.canonica.models.nn.TimestepEmbedding;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/**
 * The layers of DiT (Peebles &amp; Xie 2023) under the names of its published checkpoints:
 *
 * <pre>
 *   tokens = patches(x) + positions          c = mlp(embedding(t)) + table[y]
 *   tokens ← block_i(tokens, c), i = 0 … depth − 1          output = patches⁻¹(final(tokens, c))
 * </pre>
 */
final class DitLayers extends Composite {
    private final DitConfig config;
    private final PatchEmbedding patches;
    private final SiluMlp timeMlp;
    private final Container time;
    private final Embedding table;
    private final Container label;
    private final FixedTable positions;
    private final Chain blocks;
    private final FinalLayer last;

    DitLayers(DitConfig c) {
        super("");
        config = c;
        int d = c.hiddenSize();
        patches = add(new PatchEmbedding("x_embedder", c.inChannels(), d, c.patchSize()));
        timeMlp = new SiluMlp("t_embedder.mlp", TimestepEmbedding.FREQUENCIES, d, "0", "1", "2");
        time = add(new Container("t_embedder", timeMlp));
        table = new Embedding("y_embedder.embedding_table", c.embeddedClasses(), d);
        label = add(new Container("y_embedder", table));
        positions = add(new FixedTable("pos_embed", Shape.of(1, c.tokens(), d)));
        blocks = new Chain();
        for (int i = 0; i < c.depth(); i++) {
            blocks.add(new Block("blocks." + i, c));
        }
        add(blocks);
        last = add(new FinalLayer("final_layer", c));
    }

    /** The output [B, C or 2C, H, W]; any value at all once the pass has found what is wanted. */
    Var forward(Pass pass, Var x, Tensor t, Tensor y) {
        Var tokens = pass.seen(patches, patches.tokens(pass, x));
        if (pass.found()) {
            return tokens;
        }
        tokens = tokens.plus(positions.of(pass));
        Var frequencies = Var.constant(TimestepEmbedding.sinusoids(
                t, TimestepEmbedding.FREQUENCIES, 0, x.value().dtype()));
        Var embedded = pass.seen(time, pass.apply(timeMlp, frequencies));
        Var of = pass.seen(label, table.of(pass, y));
        if (pass.found()) {
            return of;
        }
        Pass under = pass.under(embedded.plus(of));
        Var out = blocks.forward(under, tokens);
        if (pass.found()) {
            return out;
        }
        out = under.apply(last, out);
        return pass.found() ? out : PatchEmbedding.joined(out, config.patchSize(), config.outChannels());
    }

    /** SiLU and a linear layer: n D numbers from the condition. */
    private static final class Modulation extends Composite implements Part {
        private final Function silu;
        private final Linear linear;

        Modulation(String path, int d, int n) {
            super(path);
            silu = add(Function.silu(within("0")));
            linear = add(new Linear(within("1"), d, n * d));
        }

        @Override
        public Var forward(Pass pass, Var condition) {
            return pass.apply(linear, pass.apply(silu, condition));
        }
    }

    private static final class Block extends AdaLnBlock {
        private final Modulation modulation;
        private final Norm.Plain norm1;
        private final SelfAttention attention;
        private final Norm.Plain norm2;
        private final Mlp mlp;

        Block(String path, DitConfig c) {
            super(path);
            modulation = addStoredLast(new Modulation(within("adaLN_modulation"), c.hiddenSize(), 6));
            norm1 = add(new Norm.Plain(within("norm1"), AdaLn.EPSILON));
            attention = add(new SelfAttention(within("attn"), c.hiddenSize(), c.numHeads()));
            norm2 = add(new Norm.Plain(within("norm2"), AdaLn.EPSILON));
            mlp = add(new Mlp(within("mlp"), c, "fc1", "act", "fc2"));
        }

        @Override
        Var modulation(Pass pass) {
            return pass.apply(modulation, pass.condition());
        }

        @Override
        Norm.Plain norm1() {
            return norm1;
        }

        @Override
        Var attention(Pass pass, Var h, Var gate, Var x) {
            return attention.gated(pass, h, gate, x);
        }

        @Override
        Norm.Plain norm2() {
            return norm2;
        }

        @Override
        Mlp mlp() {
            return mlp;
        }
    }

    /** Attention whose queries, keys and values come from one linear layer. */
    private static final class SelfAttention extends Composite {
        private final int heads;
        private final Linear qkv;
        private final Linear projection;

        SelfAttention(String path, int d, int heads) {
            super(path);
            this.heads = heads;
            qkv = add(new Linear(within("qkv"), d, 3 * d));
            projection = add(new Linear(within("proj"), d, d));
        }

        Var gated(Pass pass, Var h, Var gate, Var x) {
            Var attended = Attentions.selfAttention(pass.apply(qkv, h), heads);
            return projection.gated(pass, this, attended, gate, x);
        }
    }

    /** norm(x) (1 + α) + β, then a linear layer; (β, α) from the condition. */
    private static final class FinalLayer extends Composite implements Part {
        private final Modulation modulation;
        private final Norm.Plain norm;
        private final Linear linear;

        FinalLayer(String path, DitConfig c) {
            super(path);
            int d = c.hiddenSize();
            modulation = addStoredLast(new Modulation(within("adaLN_modulation"), d, 2));
            norm = add(new Norm.Plain(within("norm_final"), AdaLn.EPSILON));
            linear = add(new Linear(within("linear"), d, c.patchSize() * c.patchSize() * c.outChannels()));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Var m = pass.apply(modulation, pass.condition());
            return pass.apply(linear, AdaLn.modulated(pass, norm, x, m, 0));
        }
    }
}
