package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Embedding;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.SiluMlp;
import dev.canonica.models.nn.TimestepEmbedding;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The embedding of time, and of a class where there are any: linear(SiLU(linear(sinusoids of t))) + table[class]. */
final class TimeEmbedding extends Composite {
    private final Settings settings;
    private final SiluMlp time;
    private final @Nullable Embedding classes;

    /**
     * How times and classes are embedded.
     *
     * @param width of the sinusoids
     * @param embedding width of the embedding
     * @param cosineFirst {@code flip_sin_to_cos}
     * @param shift {@code freq_shift}
     * @param classes rows of the table, 0 for none
     * @param inner function between the linear layers
     * @param outer function of the sum, with which the blocks begin
     */
    record Settings(
            int width,
            int embedding,
            boolean cosineFirst,
            int shift,
            int classes,
            Function.Kind inner,
            Function.Kind outer) {}

    TimeEmbedding(Settings s) {
        super("");
        settings = s;
        time = add(new SiluMlp("time_embedding", s.width, s.embedding, SiluMlp.Names.DIFFUSERS, s.inner));
        classes = s.classes > 0 ? add(new Embedding("class_embedding", s.classes, s.embedding)) : null;
    }

    /**
     * The blocks' function of the embedding [B, E]: all that the blocks use.
     *
     * @param y classes [B] where there is a table of them
     */
    Var forward(Pass pass, Tensor t, @Nullable Tensor y, DType dtype) {
        int width = settings.width;
        Tensor e = TimestepEmbedding.sinusoids(t, width, settings.shift, dtype);
        if (!settings.cosineFirst) {
            e = Tensor.concatenate(1, e.slice(1, width / 2, width), e.slice(1, 0, width / 2));
        }
        Var sum = pass.apply(time, Var.constant(e));
        if (classes != null && y != null) {
            sum = sum.plus(classes.of(pass, y));
        }
        return settings.outer.apply(sum);
    }
}
