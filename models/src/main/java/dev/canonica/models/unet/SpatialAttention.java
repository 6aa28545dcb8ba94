package dev.canonica.models.unet;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;

/**
 * Self-attention over the positions of an image, with a residual connection ({@code Attention} with {@code group_norm}):
 * y = x + to_out(attention(q, k, v of norm x)).
 */
record SpatialAttention(String path, int channels, int heads, int groups, double epsilon) implements Part {
    @Override
    public void declare(StateDict.Shapes s) {
        Convolutional.declareNorm(s, path + ".group_norm", channels);
        for (String name : new String[] {".to_q", ".to_k", ".to_v", ".to_out.0"}) {
            s.linear(path + name, channels, channels);
        }
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var flat = x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
        Var n = pass.groupNorm(path + ".group_norm", groups, epsilon, flat).permute(0, 2, 1);
        Var o = Attentions.attention(
                pass.linear(path + ".to_q", n), pass.linear(path + ".to_k", n), pass.linear(path + ".to_v", n), heads);
        return x.plus(planes(pass.linear(path + ".to_out.0", o), x));
    }

    /** [B, C, H, W] → [B, H W, C]. */
    static Var tokens(Var x) {
        return x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3)).permute(0, 2, 1);
    }

    /** [B, H W, C] → the shape of {@code like}, [B, C, H, W]. */
    static Var planes(Var t, Var like) {
        return t.permute(0, 2, 1).reshape(like.dim(0), t.dim(2), like.dim(2), like.dim(3));
    }
}
