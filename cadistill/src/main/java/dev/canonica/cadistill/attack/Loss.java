package dev.canonica.cadistill.attack;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * What an attack maximises: a function of an image's logits z, with its gradient. y is the label, t a target, z₁ ≥ z₂ ≥ … the sorted logits.
 */
public sealed interface Loss {
    /** Keeps quotients finite. */
    double TINY = 1e-12;

    /** The value. */
    double value(float[] z);

    /** Sets {@code g}, of the logits' length, to the gradient. */
    void gradient(float[] z, float[] g);

    /** Cross-entropy: log Σ exp zⱼ − z_y. Where softmax is 1 at y up to rounding, its gradient vanishes. */
    record CrossEntropy(int y) implements Loss {
        @Override
        public double value(float[] z) {
            return Logits.logSumExp(z) - z[y];
        }

        @Override
        public void gradient(float[] z, float[] g) {
            double all = Logits.logSumExp(z);
            double others = 0;
            for (int j = 0; j < z.length; j++) {
                double p = Math.exp(z[j] - all);
                g[j] = (float) p;
                others += j == y ? 0 : p;
            }
            g[y] = (float) -others;
        }
    }

    /** Difference of logits ratio (Croce &amp; Hein 2020, equation 6): −(z_y − max_{j≠y} zⱼ) / (z₁ − z₃), which does not change with the logits' scale. */
    record Dlr(int y) implements Loss {
        @Override
        public double value(float[] z) {
            int[] top = Logits.top(z, 3);
            return (other(z, top) - (double) z[y]) / spread(z, top);
        }

        private double other(float[] z, int[] top) {
            return z[top[0] == y ? top[1] : top[0]];
        }

        private static double spread(float[] z, int[] top) {
            return (double) z[top[0]] - z[top[2]] + TINY;
        }

        @Override
        public void gradient(float[] z, float[] g) {
            int[] top = Logits.top(z, 3);
            double s = spread(z, top);
            double r = (other(z, top) - (double) z[y]) / s;
            double[] d = new double[z.length];
            d[top[0] == y ? top[1] : top[0]] += 1 / s;
            d[y] -= 1 / s;
            d[top[0]] -= r / s;
            d[top[2]] += r / s;
            Logits.copy(d, g);
        }
    }

    /** Targeted difference of logits ratio (Croce &amp; Hein 2020, equation 7): −(z_y − z_t) / (z₁ − (z₃ + z₄) / 2). */
    record TargetedDlr(int y, int t) implements Loss {
        @Override
        public double value(float[] z) {
            return ((double) z[t] - z[y]) / spread(z, Logits.top(z, 4));
        }

        private static double spread(float[] z, int[] top) {
            return z[top[0]] - 0.5 * ((double) z[top[2]] + z[top[3]]) + TINY;
        }

        @Override
        public void gradient(float[] z, float[] g) {
            int[] top = Logits.top(z, 4);
            double s = spread(z, top);
            double r = ((double) z[t] - z[y]) / s;
            double[] d = new double[z.length];
            d[t] += 1 / s;
            d[y] -= 1 / s;
            d[top[0]] -= r / s;
            d[top[2]] += 0.5 * r / s;
            d[top[3]] += 0.5 * r / s;
            Logits.copy(d, g);
        }
    }

    /** z_t − z_y: 0 on the boundary between the two classes. */
    record Difference(int y, int t) implements Loss {
        @Override
        public double value(float[] z) {
            return (double) z[t] - z[y];
        }

        @Override
        public void gradient(float[] z, float[] g) {
            Arrays.fill(g, 0);
            g[t] += 1;
            g[y] -= 1;
        }
    }

    /**
     * A loss of two logits (0, ⟨w, φ⟩ + b) that are read off the outputs φ of a layer, as a function of these.
     *
     * @param of the loss of the two logits
     * @param w weights
     * @param b bias
     */
    record Readout(Loss of, double[] w, double b) implements Loss {
        /** The two logits. */
        public float[] logits(float[] features) {
            double z = b;
            for (int i = 0; i < w.length; i++) {
                z += w[i] * features[i];
            }
            return new float[] {0, (float) z};
        }

        @Override
        public double value(float[] features) {
            return of.value(logits(features));
        }

        @Override
        public void gradient(float[] features, float[] g) {
            float[] two = new float[2];
            of.gradient(logits(features), two);
            for (int i = 0; i < w.length; i++) {
                g[i] = (float) (two[1] * w[i]);
            }
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }
}
