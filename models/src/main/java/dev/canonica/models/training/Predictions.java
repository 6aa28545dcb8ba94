package dev.canonica.models.training;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Probe;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Ordering;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a classifier makes of labelled images.
 *
 * @param classes of each image the class with the greatest logit, of several the first [N]
 * @param labels its class [N]
 * @param losses its cross-entropy [N]
 */
public record Predictions(int[] classes, int[] labels, double[] losses) {
    /** Images at a time; results do not depend on it. */
    private static final int BATCH = 250;

    /** Those of a network in evaluation. */
    public static Predictions of(Classifier network, ImageSource images) {
        return of(x -> network.features(x, Probe.OUTPUT), network.dtype(), images);
    }

    /**
     * Those of a function.
     *
     * @param logits of images [B, C, H, W], without batch statistics: [B, classes]
     * @param dtype the type that it computes in
     */
    public static Predictions of(UnaryOperator<Var> logits, DType dtype, ImageSource images) {
        int[] classes = new int[images.size()];
        int[] labels = new int[images.size()];
        double[] losses = new double[images.size()];
        Shape shape = images.shape();
        int size = Math.toIntExact(shape.size());
        for (int from = 0; from < images.size(); from += BATCH) {
            int n = Math.min(BATCH, images.size() - from);
            float[] x = new float[n * size];
            long[] y = new long[n];
            for (int i = 0; i < n; i++) {
                images.copy(from + i, x, i * size);
                labels[from + i] = images.label(from + i);
                y[i] = labels[from + i];
            }
            try (Scope _ = Scope.open()) {
                Var in = Var.constant(Tensor.of(x, shape.prepend(n).dims()).to(dtype));
                Var out = logits.apply(in);
                Tensor each = Losses.negativeLogLikelihood(out.logSoftmax(), Tensor.of(y, n))
                        .value();
                System.arraycopy(each.to(DType.F64).toDoubles(), 0, losses, from, n);
                long[] greatest = Ordering.argMax(out.value(), -1).toLongs();
                for (int i = 0; i < n; i++) {
                    classes[from + i] = Math.toIntExact(greatest[i]);
                }
            }
        }
        return new Predictions(classes, labels, losses);
    }

    /** The mean cross-entropy; 0 of none. */
    public double loss() {
        double loss = 0;
        for (double v : losses) {
            loss += v / losses.length;
        }
        return loss;
    }

    /** Which images are classified rightly [N]. */
    public boolean[] right() {
        boolean[] right = new boolean[classes.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = classes[i] == labels[i];
        }
        return right;
    }

    /** How many images are classified rightly. */
    public int correct() {
        int correct = 0;
        for (boolean right : right()) {
            correct += right ? 1 : 0;
        }
        return correct;
    }

    /** The share of images that are classified rightly; NaN of none. */
    public double accuracy() {
        return (double) correct() / classes.length;
    }

    /**
     * Which classes are taken for which: how many images of class i are said to be of class j, at [i][j].
     *
     * @param count of classes
     */
    public int[][] confusion(int count) {
        int[][] confusion = new int[count][count];
        for (int i = 0; i < classes.length; i++) {
            confusion[labels[i]][classes[i]]++;
        }
        return confusion;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Predictions p
                && Arrays.equals(classes, p.classes)
                && Arrays.equals(labels, p.labels)
                && Arrays.equals(losses, p.losses);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(classes) + Arrays.hashCode(labels)) + Arrays.hashCode(losses);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
