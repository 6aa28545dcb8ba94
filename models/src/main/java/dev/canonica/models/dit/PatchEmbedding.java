package dev.canonica.models.dit;

import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Layer;
import dev.canonica.models.nn.Pass;

/** A module with the convolution {@code proj}, whose stride is its kernel: patches of an image through a linear layer. */
final class PatchEmbedding extends Composite {
    private final Projection projection;

    /** The convolution's weight is [D, C, p, p]. */
    private record Projection(String path, int channels, int width, int patch) implements Layer {
        @Override
        public void declare(StateDict.Shapes shapes) {
            shapes.put(path + ".weight", width, channels, patch, patch).put(path + ".bias", width);
        }
    }

    PatchEmbedding(String path, int channels, int width, int patch) {
        super(path);
        projection = add(new Projection(within("proj"), channels, width, patch));
    }

    /** Tokens [B, T, D] of x [B, C, H, W]. The probe sees the convolution's output, [B, D, H/p, W/p]. */
    Var tokens(Pass pass, Var x) {
        int b = x.dim(0);
        int c = x.dim(1);
        int p = projection.patch;
        int g = x.dim(2) / p;
        Var patches = x.reshape(b, c, g, p, g, p).permute(0, 2, 4, 1, 3, 5).reshape(b, g * g, c * p * p);
        Var weight = pass.parameter(projection.path + ".weight").reshape(projection.width, c * p * p);
        Var tokens = Matrices.linear(patches, weight, pass.parameter(projection.path + ".bias"));
        if (pass.wants(projection)) {
            pass.seen(projection, tokens.permute(0, 2, 1).reshape(b, projection.width, g, g));
        }
        return tokens;
    }

    /** The way back of [B, T, p·p·C] to [B, C, H, W]: channels are the fastest within a token. */
    static Var joined(Var x, int p, int channels) {
        int b = x.dim(0);
        int g = (int) Math.round(Math.sqrt(x.dim(1)));
        return x.reshape(b, g, g, p, p, channels).permute(0, 5, 1, 3, 2, 4).reshape(b, channels, g * p, g * p);
    }
}
