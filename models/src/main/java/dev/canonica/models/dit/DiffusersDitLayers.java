package dev.canonica.models.dit;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Container;
import dev.canonica.models.nn.Embedding;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.SiluMlp;
import dev.canonica.models.nn.TimestepEmbedding;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The layers of DiT under diffusers' names: every block embeds timestep and class by itself, and the last layer takes the condition of the first block. */
final class DiffusersDitLayers extends Composite {
    private final DitConfig config;
    private final PatchEmbedding patches;
    private final List<Block> blocks = new ArrayList<>();
    private final Linear lastModulation;
    private final Norm.Plain lastNorm;
    private final Linear last;

    DiffusersDitLayers(DitConfig c, double normEpsilon) {
        super("");
        config = c;
        int d = c.hiddenSize();
        patches = add(new PatchEmbedding("pos_embed", c.inChannels(), d, c.patchSize()));
        for (int i = 0; i < c.depth(); i++) {
            blocks.add(add(new Block("transformer_blocks." + i, c, normEpsilon)));
        }
        lastModulation = add(new Linear("proj_out_1", d, 2 * d));
        lastNorm = add(new Norm.Plain("norm_out", AdaLn.EPSILON));
        last = add(new Linear("proj_out_2", d, c.patchSize() * c.patchSize() * c.outChannels()));
    }

    /** The output [B, C or 2C, H, W]; any value at all once the pass has found what is wanted. */
    Var forward(Pass pass, Var x, Tensor t, Tensor y) {
        Var positions = Var.constant(PositionEmbedding.sinCos(
                config.grid(), config.hiddenSize(), x.value().dtype()));
        Var tokens = pass.seen(patches, patches.tokens(pass, x).plus(positions));
        if (pass.found()) {
            return tokens;
        }
        Var frequencies = Var.constant(TimestepEmbedding.sinusoids(
                t, TimestepEmbedding.FREQUENCIES, 1, x.value().dtype()));
        Var first = blocks.getFirst().embedding.of(pass, frequencies, y);
        for (Block block : blocks) {
            Var condition = block == blocks.getFirst() ? first : block.embedding.of(pass, frequencies, y);
            if (pass.found()) {
                return tokens;
            }
            tokens = pass.under(condition).run(block, tokens);
            if (pass.found()) {
                return tokens;
            }
        }
        Var modulation = pass.apply(lastModulation, Activations.silu(first));
        Var out = pass.apply(last, AdaLn.modulated(pass, lastNorm, tokens, modulation, 0));
        return pass.found() ? out : PatchEmbedding.joined(out, config.patchSize(), config.outChannels());
    }

    /** The condition: embedding of time plus that of the class. */
    private static final class Condition extends Composite {
        private final SiluMlp time;
        private final Embedding table;
        private final Container label;

        Condition(String path, DitConfig c) {
            super(path);
            int d = c.hiddenSize();
            time = add(new SiluMlp(
                    within("timestep_embedder"), TimestepEmbedding.FREQUENCIES, d, "linear_1", "act", "linear_2"));
            table = new Embedding(within("class_embedder.embedding_table"), c.embeddedClasses(), d);
            label = add(new Container(within("class_embedder"), table));
        }

        Var of(Pass pass, Var frequencies, Tensor labels) {
            Var embedded = pass.apply(time, frequencies);
            return pass.seen(this, embedded.plus(pass.seen(label, table.of(pass, labels))));
        }
    }

    private static final class Block extends AdaLnBlock {
        private final Condition embedding;
        private final Function silu;
        private final Linear linear;
        private final Norm.Plain norm1;
        private final Attention attention;
        private final Norm.Plain norm2;
        private final Mlp mlp;

        Block(String path, DitConfig c, double normEpsilon) {
            super(path);
            int d = c.hiddenSize();
            embedding = add(new Condition(within("norm1.emb"), c));
            silu = add(Function.silu(within("norm1.silu")));
            linear = add(new Linear(within("norm1.linear"), d, 6 * d));
            norm1 = add(new Norm.Plain(within("norm1.norm"), AdaLn.EPSILON));
            attention = add(new Attention(within("attn1"), d, d, c.numHeads(), true, Attention.Names.DIFFUSERS));
            norm2 = add(new Norm.Plain(within("norm3"), normEpsilon));
            mlp = add(new Mlp(within("ff"), c, "net.0.proj", "net.0", "net.2"));
        }

        @Override
        Var modulation(Pass pass) {
            return pass.apply(linear, pass.apply(silu, pass.condition()));
        }

        @Override
        Norm.Plain norm1() {
            return norm1;
        }

        @Override
        Var attention(Pass pass, Var h, Var gate, Var x) {
            return attention.out().gated(pass, attention, attention.attended(pass, h, h), gate, x);
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
}
