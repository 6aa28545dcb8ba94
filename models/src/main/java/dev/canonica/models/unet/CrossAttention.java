package dev.canonica.models.unet;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;

/**
 * {@code Attention} between sequences: o = to_out(attention(to_q x, to_k z, to_v z)), where only the last layer has a bias.
 *
 * @param channels of x [B, N, C]
 * @param context of z [B, T, D]
 */
record CrossAttention(String path, int channels, int context, int heads) {
    void declare(StateDict.Shapes s) {
        s.put(path + ".to_q.weight", channels, channels)
                .put(path + ".to_k.weight", channels, context)
                .put(path + ".to_v.weight", channels, context)
                .linear(path + ".to_out.0", channels, channels);
    }

    Var forward(Pass pass, Var x, Var z) {
        Var o = Attentions.attention(
                pass.linearWithoutBias(path + ".to_q", x),
                pass.linearWithoutBias(path + ".to_k", z),
                pass.linearWithoutBias(path + ".to_v", z),
                heads);
        return pass.seen(path, pass.linear(path + ".to_out.0", o));
    }
}
