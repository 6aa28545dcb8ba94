package dev.canonica.cadistill.evaluate;

import java.util.Arrays;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.MaxIter;
import org.apache.commons.math3.optim.SimpleValueChecker;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunctionGradient;
import org.apache.commons.math3.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer;
import org.apache.commons.math3.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer.Formula;
import org.jspecify.annotations.Nullable;

/**
 * A linear classifier of features (G. Alain, Y. Bengio, "Understanding intermediate layers using linear classifier probes", 2016): multinomial logistic
 * regression on features of mean 0 and variance 1 in the bank, with weights W and biases b that minimise
 *
 * <pre>
 *   (1/n) Σ −log softmax(W x + b)_y + (λ/2) ‖W‖²
 * </pre>
 *
 * <p>by conjugate gradients from 0, in double precision: the same on any machine and in any order of threads.
 */
final class LinearProbe {
    /** λ. */
    static final double DECAY = 1e-3;

    private static final int ITERATIONS = 200;
    private static final double TOLERANCE = 1e-7;

    private final double[] mean;
    private final double[] scale;
    private final double[] weights;
    private final int classes;

    private LinearProbe(double[] mean, double[] scale, double[] weights, int classes) {
        this.mean = mean;
        this.scale = scale;
        this.weights = weights;
        this.classes = classes;
    }

    /**
     * The probe of a bank.
     *
     * @param x [n, d], n at least 1
     * @param y [n], classes 0 … {@code classes} − 1
     */
    static LinearProbe of(double[][] x, int[] y, int classes) {
        int d = x[0].length;
        double[] mean = new double[d];
        double[] scale = new double[d];
        for (int j = 0; j < d; j++) {
            for (double[] row : x) {
                mean[j] += row[j] / x.length;
            }
            double variance = 0;
            for (double[] row : x) {
                variance += (row[j] - mean[j]) * (row[j] - mean[j]) / x.length;
            }
            scale[j] = variance > 0 ? 1 / Math.sqrt(variance) : 0;
        }
        LinearProbe start = new LinearProbe(mean, scale, new double[classes * (d + 1)], classes);
        double[][] standard = Arrays.stream(x).map(start::standard).toArray(double[][]::new);
        var optimizer = new NonLinearConjugateGradientOptimizer(
                Formula.POLAK_RIBIERE, new SimpleValueChecker(TOLERANCE, TOLERANCE, ITERATIONS));
        double[] found = optimizer
                .optimize(
                        GoalType.MINIMIZE,
                        new ObjectiveFunction(w -> loss(w, standard, y, classes, null)),
                        new ObjectiveFunctionGradient(w -> {
                            double[] gradient = new double[w.length];
                            loss(w, standard, y, classes, gradient);
                            return gradient;
                        }),
                        new InitialGuess(start.weights),
                        MaxEval.unlimited(),
                        new MaxIter(2 * ITERATIONS))
                .getPoint();
        return new LinearProbe(mean, scale, found, classes);
    }

    /** The class of each row: [m, d] to [m]. */
    int[] predict(double[][] x) {
        return Arrays.stream(x).map(this::standard).mapToInt(this::best).toArray();
    }

    private int best(double[] row) {
        double[] z = logits(weights, row, classes);
        int best = 0;
        for (int k = 1; k < classes; k++) {
            best = z[k] > z[best] ? k : best;
        }
        return best;
    }

    private double[] standard(double[] row) {
        double[] standard = new double[row.length];
        for (int j = 0; j < row.length; j++) {
            standard[j] = (row[j] - mean[j]) * scale[j];
        }
        return standard;
    }

    private static double[] logits(double[] w, double[] row, int classes) {
        double[] z = new double[classes];
        for (int k = 0, at = 0; k < classes; k++) {
            double sum = 0;
            for (double v : row) {
                sum += w[at++] * v;
            }
            z[k] = sum + w[at++];
        }
        return z;
    }

    /** The loss; adds its gradient, where one is wanted. */
    private static double loss(double[] w, double[][] x, int[] y, int classes, double @Nullable [] gradient) {
        int d = x[0].length;
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double[] z = logits(w, x[i], classes);
            double most = Arrays.stream(z).max().orElseThrow();
            double total = 0;
            for (double v : z) {
                total += StrictMath.exp(v - most);
            }
            sum += (StrictMath.log(total) + most - z[y[i]]) / x.length;
            for (int k = 0; gradient != null && k < classes; k++) {
                double g = (StrictMath.exp(z[k] - most) / total - (k == y[i] ? 1 : 0)) / x.length;
                for (int j = 0; j < d; j++) {
                    gradient[k * (d + 1) + j] += g * x[i][j];
                }
                gradient[k * (d + 1) + d] += g;
            }
        }
        for (int k = 0; k < classes; k++) {
            for (int j = 0; j < d; j++) {
                double v = w[k * (d + 1) + j];
                sum += DECAY / 2 * v * v;
                if (gradient != null) {
                    gradient[k * (d + 1) + j] += DECAY * v;
                }
            }
        }
        return sum;
    }
}
