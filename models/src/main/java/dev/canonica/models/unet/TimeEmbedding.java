package dev.canonica.models.unet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Layers;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The embedding of time, and of a class where there are any: linear(SiLU(linear(sinusoids of t))) + table[class].
 *
 * @param width of the sinusoids
 * @param embedding width of the embedding
 * @param cosineFirst {@code flip_sin_to_cos}
 * @param shift {@code freq_shift}
 * @param classes rows of the table, 0 for none
 */
record TimeEmbedding(int width, int embedding, boolean cosineFirst, int shift, int classes) {
    private static final String TIME = "time_embedding";
    private static final String FIRST = TIME + ".linear_1";
    private static final String ACT = TIME + ".act";
    private static final String SECOND = TIME + ".linear_2";
    private static final String CLASS = "class_embedding";

    void declare(StateDict.Shapes s) {
        s.linear(FIRST, width, embedding).linear(SECOND, embedding, embedding);
        if (classes > 0) {
            s.put(CLASS + ".weight", classes, embedding);
        }
    }

    /** SiLU of the embedding [B, E]: all that the blocks use. */
    Var forward(Weights w, double[] t, long @Nullable [] y, DType dtype, Probe probe) {
        Tensor e = Layers.timestepEmbedding(t, width, shift, dtype);
        if (!cosineFirst) {
            e = Tensor.concatenate(1, e.slice(1, width / 2, width), e.slice(1, 0, width / 2));
        }
        Var sum = Layers.siluMlp(w, probe, FIRST, ACT, SECOND, Var.constant(e));
        probe.at(TIME, sum);
        if (classes > 0 && y != null) {
            Var row = Layouts.gather(w.get(CLASS + ".weight"), Tensor.of(y, y.length));
            probe.at(CLASS, row);
            sum = sum.plus(row);
        }
        return Activations.silu(sum);
    }

    /** The modules that the probe is shown. */
    List<String> layers() {
        return classes > 0 ? List.of(FIRST, ACT, SECOND, TIME, CLASS) : List.of(FIRST, ACT, SECOND, TIME);
    }
}
