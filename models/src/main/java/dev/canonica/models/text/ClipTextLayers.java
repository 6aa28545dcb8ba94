package dev.canonica.models.text;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Closed;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Embedding;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Tensor;

/**
 * The layers of CLIP's text encoder:
 *
 * <pre>
 *   x ← token[ids] + position
 *   x ← x + attention(norm₁ x)      x ← x + mlp(norm₂ x)      for each layer; a token sees those before it alone
 *   last hidden state = final norm of x
 * </pre>
 */
final class ClipTextLayers extends Composite {
    private static final Attention.Names PROJECTIONS = new Attention.Names("q_proj", "k_proj", "v_proj", "out_proj");

    private final Embeddings embeddings;
    private final Chain encoder;
    private final Norm.OfLayer last;

    /**
     * The layers.
     *
     * @param root the module that holds all; empty if there is none
     */
    ClipTextLayers(ClipTextConfig c, String root) {
        super(root);
        embeddings = new Embeddings(within("embeddings"), c);
        add(new Closed(embeddings));
        encoder = new Chain(within("encoder"));
        for (int i = 0; i < c.layers(); i++) {
            encoder.add(new Layer(within("encoder.layers." + i), c));
        }
        add(encoder);
        last = add(new Norm.OfLayer(within("final_layer_norm"), c.width(), c.epsilon()));
    }

    /** The last hidden state [B, T, width] of tokens [B, T] in I64; any value at all once the pass has found what is wanted. */
    Var forward(Pass pass, Tensor ids) {
        Var x = pass.seen(embeddings, embeddings.of(pass, ids));
        Var y = encoder.forward(pass, x);
        if (pass.found()) {
            return y;
        }
        Var out = pass.apply(last, y);
        return path().isEmpty() ? out : pass.seen(this, out);
    }

    /** Tokens and positions. */
    private static final class Embeddings extends Composite {
        private final Embedding tokens;
        private final Embedding positions;

        Embeddings(String path, ClipTextConfig c) {
            super(path);
            tokens = add(new Embedding(within("token_embedding"), c.vocabulary(), c.width()));
            positions = add(new Embedding(within("position_embedding"), c.positions(), c.width()));
        }

        Var of(Pass pass, Tensor ids) {
            return tokens.of(pass, ids).plus(positions.first(pass, ids.dim(1)));
        }
    }

    private static final class Layer extends Composite implements Part {
        private final Norm.OfLayer norm1;
        private final Attention attention;
        private final Norm.OfLayer norm2;
        private final Mlp mlp;

        Layer(String path, ClipTextConfig c) {
            super(path);
            int d = c.width();
            norm1 = add(new Norm.OfLayer(within("layer_norm1"), d, c.epsilon()));
            attention = new Attention(within("self_attn"), d, d, c.heads(), true, PROJECTIONS);
            add(new Closed(attention));
            norm2 = add(new Norm.OfLayer(within("layer_norm2"), d, c.epsilon()));
            mlp = new Mlp(within("mlp"), c);
            add(new Closed(mlp));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Var attended = attention.causal(pass, pass.apply(norm1, x));
            Var y = x.plus(pass.seen(attention, pass.apply(attention.out(), attended)));
            return pass.found() ? y : y.plus(pass.apply(mlp, pass.apply(norm2, y)));
        }
    }

    private static final class Mlp extends Composite implements Part {
        private final ClipTextConfig.Activation activation;
        private final Linear first;
        private final Linear second;

        Mlp(String path, ClipTextConfig c) {
            super(path);
            activation = c.activation();
            first = add(new Linear(within("fc1"), c.width(), c.hidden()));
            second = add(new Linear(within("fc2"), c.hidden(), c.width()));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return pass.apply(second, activation.apply(pass.apply(first, x)));
        }
    }
}
