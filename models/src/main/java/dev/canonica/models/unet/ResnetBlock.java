package dev.canonica.models.unet;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.operation.PoolWindow;
import org.jspecify.annotations.Nullable;

/**
 * {@code ResnetBlock2D} (Ho et al. 2020, Appendix B; with scale and shift: Dhariwal &amp; Nichol 2021, Eq. 3):
 *
 * <pre>
 *   h = conv1(r(SiLU(norm1 x)))                        r: resampling by 2, or nothing; SiLU, or another function
 *   h = norm2(h + e)  or  norm2(h) (1 + s) + t         e or (s, t): linear in the embedding of time
 *   y = shortcut(r x) + conv2(SiLU h)                  shortcut: a 1 × 1 convolution where the channels differ
 * </pre>
 */
final class ResnetBlock extends Composite implements Part {
    private final int out;
    private final boolean scaleShift;
    private final Function.Kind activation;
    private final Resampling resampling;
    private final Norm.OfGroups norm1;
    private final Conv conv1;
    private final @Nullable Linear time;
    private final Norm.OfGroups norm2;
    private final Conv conv2;
    private final @Nullable Conv shortcut;

    /** What happens to height and width. */
    enum Resampling {
        NONE,
        DOWN,
        UP
    }

    /**
     * What the blocks of a network have in common.
     *
     * @param embedding width of the embedding of time, 0 for none
     * @param scaleShift whether time scales and shifts
     */
    record Settings(int embedding, int groups, double epsilon, boolean scaleShift, Function.Kind activation) {}

    ResnetBlock(String path, int in, int out, Settings s, Resampling resampling) {
        super(path);
        this.out = out;
        this.scaleShift = s.scaleShift;
        this.activation = s.activation;
        this.resampling = resampling;
        norm1 = add(new Norm.OfGroups(within("norm1"), in, s.groups, s.epsilon));
        conv1 = add(Conv.same(within("conv1"), in, out, 3));
        time = s.embedding > 0
                ? add(new Linear(within("time_emb_proj"), s.embedding, scaleShift ? 2 * out : out))
                : null;
        norm2 = add(new Norm.OfGroups(within("norm2"), out, s.groups, s.epsilon));
        conv2 = add(Conv.same(within("conv2"), out, out, 3));
        shortcut = in == out ? null : add(Conv.same(within("conv_shortcut"), in, out, 1));
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var h = activation.apply(pass.apply(norm1, x));
        h = pass.apply(conv1, resample(h));
        if (pass.found()) {
            return h;
        }
        if (time == null) {
            h = pass.apply(norm2, h);
        } else {
            Var e = pass.apply(time, pass.condition());
            Var plane = e.reshape(e.dim(0), e.dim(1), 1, 1);
            if (scaleShift) {
                Var n = pass.apply(norm2, h);
                h = Arithmetic.modulate(n, plane.slice(1, 0, out), plane.slice(1, out, 2 * out));
            } else {
                h = pass.apply(norm2, h.plus(plane));
            }
        }
        if (pass.found()) {
            return h;
        }
        h = pass.apply(conv2, activation.apply(h));
        Var r = resample(x);
        return h.plus(shortcut == null ? r : pass.apply(shortcut, r));
    }

    private Var resample(Var x) {
        return switch (resampling) {
            case NONE -> x;
            case DOWN -> Pooling.average(PoolWindow.tiles(2), x);
            case UP -> Pooling.upsample(x, 2);
        };
    }
}
