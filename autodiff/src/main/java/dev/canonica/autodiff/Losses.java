package dev.canonica.autodiff;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** Losses, composed of primitives. */
public final class Losses {
    private Losses() {}

    /**
     * The negative log likelihood of each row's label: for log probabilities l [B, C] and labels c (I64) [B],
     *
     * <pre>
     *   y_b = −l[b, c_b]
     * </pre>
     *
     * @return [B]
     */
    public static Var negativeLogLikelihood(Var logProbabilities, Tensor labels) {
        Shape s = logProbabilities.shape();
        Tensor places = places("negativeLogLikelihood", s, labels);
        return Layouts.gather(logProbabilities.reshape(Math.toIntExact(s.size())), places)
                .times(-1);
    }

    /** As {@link #crossEntropy(Var, Tensor, double)}, without smoothing. */
    public static Var crossEntropy(Var logits, Tensor labels) {
        return crossEntropy(logits, labels, 0);
    }

    /**
     * Cross entropy of softmax against labels smoothed by ε (Szegedy et al. 2016, Section 7), the mean over a batch: for logits x [B, C] and
     * labels c (I64) [B], with l = log softmax(x),
     *
     * <pre>
     *   y = −(1 − ε)/B Σ_b l[b, c_b] − ε/(B C) Σ_b Σ_j l[b, j]
     * </pre>
     *
     * @param smoothing ε in [0, 1]
     * @return a scalar
     */
    public static Var crossEntropy(Var logits, Tensor labels, double smoothing) {
        Shape s = logits.shape();
        Tensor places = places("crossEntropy", s, labels);
        if (s.size() == 0) {
            throw new IllegalArgumentException("crossEntropy: no mean of an empty batch: logits " + s);
        }
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("crossEntropy: smoothing must lie in [0, 1]: " + smoothing);
        }
        Var l = Normalisation.logSoftmax(logits);
        Var hard = Reductions.meanAll(Layouts.gather(l.reshape(Math.toIntExact(s.size())), places))
                .times(smoothing - 1);
        return smoothing == 0 ? hard : hard.minus(Reductions.meanAll(l).times(smoothing));
    }

    /**
     * The mean of (x − y)² over all elements of two tensors of one shape.
     *
     * @return a scalar
     */
    public static Var meanSquaredError(Var x, Var y) {
        if (!x.shape().equals(y.shape())) {
            throw new IllegalArgumentException("meanSquaredError: shapes differ: " + x.shape() + " and " + y.shape());
        }
        if (x.shape().size() == 0) {
            throw new IllegalArgumentException("meanSquaredError: no mean of an empty tensor: " + x.shape());
        }
        return Reductions.meanAll(Activations.square(x.minus(y)));
    }

    /** Where the elements [b, c_b] lie in a [B, C] array. */
    private static Tensor places(String operation, Shape s, Tensor labels) {
        if (s.rank() != 2 || labels.dtype() != DType.I64 || !labels.shape().equals(Shape.of(s.dim(0)))) {
            throw new IllegalArgumentException(
                    operation + ": rows [B, C] and I64 labels [B] needed, not " + s + " and " + labels.described());
        }
        long[] place = labels.toLongs();
        int classes = s.dim(1);
        for (int b = 0; b < place.length; b++) {
            if (place[b] < 0 || place[b] >= classes) {
                throw new IllegalArgumentException(
                        operation + ": label " + place[b] + " of row " + b + " does not lie in [0, " + classes + ")");
            }
            place[b] += (long) b * classes;
        }
        return Tensor.of(place, place.length);
    }
}
