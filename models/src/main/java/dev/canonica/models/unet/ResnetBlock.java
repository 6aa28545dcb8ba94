package dev.canonica.models.unet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Convolution;
import dev.canonica.tensor.PoolWindow;
import java.util.Objects;

/**
 * {@code ResnetBlock2D} (Ho et al. 2020, Appendix B; with scale and shift: Dhariwal &amp; Nichol 2021, Eq. 3):
 *
 * <pre>
 *   h = conv1(r(SiLU(norm1 x)))                        r: resampling by 2, or nothing
 *   h = norm2(h + e)  or  norm2(h) (1 + s) + t         e or (s, t): linear in the embedding of time
 *   y = shortcut(r x) + conv2(SiLU h)                  shortcut: a 1 × 1 convolution where the channels differ
 * </pre>
 *
 * @param embedding width of the embedding of time, 0 for none
 * @param scaleShift whether time scales and shifts
 */
record ResnetBlock(
        String path,
        int in,
        int out,
        int embedding,
        int groups,
        double epsilon,
        boolean scaleShift,
        Resampling resampling)
        implements Part {
    /** What happens to height and width. */
    enum Resampling {
        NONE,
        DOWN,
        UP
    }

    @Override
    public void declare(StateDict.Shapes s) {
        Convolutional.declareNorm(s, path + ".norm1", in);
        Convolutional.declareConvolution(s, path + ".conv1", in, out, 3);
        if (embedding > 0) {
            s.linear(path + ".time_emb_proj", embedding, scaleShift ? 2 * out : out);
        }
        Convolutional.declareNorm(s, path + ".norm2", out);
        Convolutional.declareConvolution(s, path + ".conv2", out, out, 3);
        if (in != out) {
            Convolutional.declareConvolution(s, path + ".conv_shortcut", in, out, 1);
        }
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Convolution same = Convolution.same(3);
        Var h = Activations.silu(pass.groupNorm(path + ".norm1", groups, epsilon, x));
        h = pass.convolve(path + ".conv1", same, resample(h));
        if (pass.found()) {
            return h;
        }
        if (embedding == 0) {
            h = pass.groupNorm(path + ".norm2", groups, epsilon, h);
        } else {
            Var e = pass.linear(path + ".time_emb_proj", Objects.requireNonNull(pass.time()));
            Var plane = e.reshape(e.dim(0), e.dim(1), 1, 1);
            if (scaleShift) {
                Var n = pass.groupNorm(path + ".norm2", groups, epsilon, h);
                h = Arithmetic.modulate(n, plane.slice(1, 0, out), plane.slice(1, out, 2 * out));
            } else {
                h = pass.groupNorm(path + ".norm2", groups, epsilon, h.plus(plane));
            }
        }
        if (pass.found()) {
            return h;
        }
        h = pass.convolve(path + ".conv2", same, Activations.silu(h));
        Var r = resample(x);
        return h.plus(in == out ? r : pass.convolve(path + ".conv_shortcut", Convolution.same(1), r));
    }

    private Var resample(Var x) {
        return switch (resampling) {
            case NONE -> x;
            case DOWN -> Pooling.average(PoolWindow.tiles(2), x);
            case UP -> Pooling.upsample(x, 2);
        };
    }
}
