package dev.canonica.models.nn;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;

/** Normalisations within a sample. */
public final class Norm {
    private Norm() {}

    /** To mean 0 and variance 1 along the last axis, without parameters. */
    public record Plain(String path, double epsilon) implements Part {
        @Override
        public void declare(StateDict.Shapes shapes) {
            // there are no parameters
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return Normalisation.normalize(x, epsilon);
        }
    }

    /** Layer normalisation (Ba et al., 2016) along the last axis. */
    public record OfLayer(String path, int width, double epsilon) implements Part {
        @Override
        public void declare(StateDict.Shapes shapes) {
            affine(shapes, path, width);
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return Arithmetic.multiplyAdd(
                    Normalisation.normalize(x, epsilon),
                    pass.parameter(path + ".weight"),
                    pass.parameter(path + ".bias"));
        }
    }

    /** Group normalisation (Wu &amp; He 2018) of [B, C, …]. */
    public record OfGroups(String path, int channels, int groups, double epsilon) implements Part {
        @Override
        public void declare(StateDict.Shapes shapes) {
            affine(shapes, path, channels);
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return Normalisation.groupNorm(
                    x, groups, pass.parameter(path + ".weight"), pass.parameter(path + ".bias"), epsilon);
        }
    }

    private static void affine(StateDict.Shapes shapes, String path, int size) {
        shapes.put(path + ".weight", size).put(path + ".bias", size);
    }
}
