package dev.canonica.models.unet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Convolution;

/** The small modules: convolutions, alone or after resampling, and the norm before the last one. */
final class Convolutional {
    private Convolutional() {}

    static void declareConvolution(StateDict.Shapes s, String name, int in, int out, int kernel) {
        s.put(name + ".weight", out, in, kernel, kernel).put(name + ".bias", out);
    }

    static void declareNorm(StateDict.Shapes s, String name, int channels) {
        s.put(name + ".weight", channels).put(name + ".bias", channels);
    }

    /** A convolution with an odd kernel that keeps height and width. */
    record Same(String path, int in, int out, int kernel) implements Part {
        @Override
        public void declare(StateDict.Shapes s) {
            declareConvolution(s, path, in, out, kernel);
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return pass.convolve(path, Convolution.same(kernel), x);
        }
    }

    /**
     * {@code Downsample2D}: a 3 × 3 convolution with stride 2; padding 0 means one row and column of zeros at the far ends alone.
     */
    record Down(String path, int channels, int padding) implements Part {
        @Override
        public void declare(StateDict.Shapes s) {
            declareConvolution(s, path + ".conv", channels, channels, 3);
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Convolution c = padding == 0 ? new Convolution(2, 0, 1, 0, 1, 1, 1) : Convolution.of(2, padding);
            return pass.convolve(path + ".conv", c, x);
        }
    }

    /** {@code Upsample2D}: nearest neighbours, then a 3 × 3 convolution. */
    record Up(String path, int channels) implements Part {
        @Override
        public void declare(StateDict.Shapes s) {
            declareConvolution(s, path + ".conv", channels, channels, 3);
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return pass.convolve(path + ".conv", Convolution.same(3), Pooling.upsample(x, 2));
        }
    }

    /** Group normalisation. */
    record Norm(String path, int channels, int groups, double epsilon) implements Part {
        @Override
        public void declare(StateDict.Shapes s) {
            declareNorm(s, path, channels);
        }

        @Override
        public Var forward(Pass pass, Var x) {
            return pass.groupNorm(path, groups, epsilon, x);
        }
    }

    /** SiLU. */
    record Silu(String path) implements Part {
        @Override
        public void declare(StateDict.Shapes s) {}

        @Override
        public Var forward(Pass pass, Var x) {
            return Activations.silu(x);
        }
    }
}
