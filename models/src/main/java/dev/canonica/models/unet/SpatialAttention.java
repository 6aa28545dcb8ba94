package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import org.jspecify.annotations.Nullable;

/**
 * Self-attention over the positions of an image, with a residual connection ({@code Attention} with {@code group_norm}):
 * y = x + to_out(attention(q, k, v of norm x)).
 */
final class SpatialAttention extends Composite implements Part {
    private final Norm.@Nullable OfGroups norm;
    private final Attention attention;

    /**
     * A module.
     *
     * @param groups of the norm; 0 for attention without one
     */
    SpatialAttention(String path, int channels, Attention.Heads heads, int groups, double epsilon) {
        super(path);
        norm = groups == 0 ? null : add(new Norm.OfGroups(within("group_norm"), channels, groups, epsilon));
        attention = add(new Attention(path, channels, channels, heads, true, Attention.Names.DIFFUSERS));
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var flat = x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
        Var n = (norm == null ? flat : pass.apply(norm, flat)).permute(0, 2, 1);
        return x.plus(planes(pass.apply(attention.out(), attention.attended(pass, n, n)), x));
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
