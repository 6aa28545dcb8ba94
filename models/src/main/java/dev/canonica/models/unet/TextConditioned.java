package dev.canonica.models.unet;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A text-conditional network with the texts that it will be given: a class-conditional model whose classes are these texts. All that is
 * computed under a class, from guidance to canonical samples, is so computed under a text.
 *
 * <p>The unconditional half of guidance is one text for all classes (the empty one), or one for each.
 */
public final class TextConditioned implements DenoisingModel {
    private final Unet2dCondition network;
    private final Tensor table; // [P + N, T · D]
    private final int tokens;
    private final int conditions;
    private final int negatives;

    /**
     * A network and its texts.
     *
     * @param texts encoded texts [P, T, D], those of classes 0 … P − 1
     * @param negatives encoded texts [N, T, D] that stand for no condition, N being 0, 1 or P; with 0 there is no guidance
     */
    public TextConditioned(Unet2dCondition network, Tensor texts, Tensor negatives) {
        this.network = network;
        int d = network.contextWidth();
        check("encoder_hidden_states", texts, d);
        check("negative_encoder_hidden_states", negatives, d);
        this.tokens = texts.dim(1);
        this.conditions = texts.dim(0);
        this.negatives = negatives.dim(0);
        if (this.negatives > 0 && negatives.dim(1) != tokens) {
            throw new ModelException("negative_encoder_hidden_states: shape " + negatives.shape() + ", needed as many"
                    + " tokens as encoder_hidden_states " + texts.shape());
        }
        if (this.negatives > 1 && this.negatives != conditions) {
            throw new ModelException("negative_encoder_hidden_states: " + this.negatives + " texts, needed 1 or "
                    + conditions + ", as many as of encoder_hidden_states");
        }
        Tensor rows = texts.reshape(conditions, tokens * d);
        this.table =
                this.negatives == 0 ? rows : Tensor.concatenate(0, rows, negatives.reshape(this.negatives, tokens * d));
    }

    private static void check(String name, Tensor texts, int width) {
        if (texts.rank() != 3 || texts.dim(2) != width || (texts.dim(0) > 0 && texts.dim(1) == 0)) {
            throw new ModelException(name + ": shape " + texts.shape() + ", needed [B, T, " + width + "]");
        }
    }

    @Override
    public Map<String, Tensor> parameters() {
        return network.parameters();
    }

    @Override
    public Set<String> fixed() {
        return network.fixed();
    }

    @Override
    public Shape sampleShape() {
        return network.sampleShape();
    }

    @Override
    public int channels() {
        return network.channels();
    }

    @Override
    public boolean accepts(Shape sample) {
        return Unet2d.fits(sample, channels(), network.factor());
    }

    @Override
    public String acceptedShapes() {
        return Unet2d.fitting(channels(), network.factor());
    }

    /** Number of texts. */
    @Override
    public int classes() {
        return conditions;
    }

    /** The first text that stands for no condition, if there is one. */
    @Override
    public OptionalInt nullClass() {
        return negatives > 0 ? OptionalInt.of(conditions) : OptionalInt.empty();
    }

    @Override
    public long nullClass(long y) {
        if (negatives == 0) {
            throw new ModelException("negative_encoder_hidden_states is missing: the encoding of no text");
        }
        return negatives > 1 ? conditions + y : conditions;
    }

    @Override
    public List<String> layers() {
        return network.layers();
    }

    @Override
    public Arguments arguments() {
        return new Arguments("sample", "timestep", "encoder_hidden_states");
    }

    @Override
    public void checkClasses(long[] y) {
        for (long c : y) {
            if (c < 0 || c >= conditions + negatives) {
                throw new ModelException("text " + c + " of " + (conditions + negatives));
            }
        }
    }

    @Override
    public void run(Weights w, Var x, double[] t, long[] y, Probe probe) {
        Var context = Layouts.gather(Var.constant(table), Tensor.of(y, y.length))
                .reshape(y.length, tokens, network.contextWidth());
        network.run(w, x, t, context, probe);
    }
}
