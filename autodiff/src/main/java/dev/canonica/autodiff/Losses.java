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
     * Cross entropy of softmax against labels smoothed by ε (Szegedy et al., 2016, Section 7), the mean over a batch: for logits x [B, C] and
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
        return crossEntropy(logits, labels, CrossEntropy.PLAIN.withSmoothing(smoothing));
    }

    /**
     * As {@link #crossEntropy(Var, Tensor, double)}, with classes that count differently and rows that do not: with weights w [C], Σ_b over the rows that count, and
     * W = Σ_b w[c_b], as PyTorch has it,
     *
     * <pre>
     *   y = −(1 − ε)/W Σ_b w[c_b] l[b, c_b] − ε/(W C) Σ_b Σ_j w[j] l[b, j]
     * </pre>
     *
     * @return a scalar
     * @throws IllegalArgumentException if no row counts
     */
    public static Var crossEntropy(Var logits, Tensor labels, CrossEntropy settings) {
        return settings.loss(logits, labels);
    }

    /**
     * The mean of (x − y)² over all n elements of two tensors of one shape: dz = 2/n ⟨x − y, dx − dy⟩.
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
        long[] place = labels(operation, s, labels);
        for (int b = 0; b < place.length; b++) {
            place[b] = place(operation, b, place[b], b, s.dim(1));
        }
        return Tensor.of(place, place.length);
    }

    /** The labels of rows [B, C], of which there must be B. */
    static long[] labels(String operation, Shape s, Tensor labels) {
        if (s.rank() != 2 || labels.dtype() != DType.I64 || !labels.shape().equals(Shape.of(s.dim(0)))) {
            throw new IllegalArgumentException(
                    operation + ": rows [B, C] and I64 labels [B] needed, not " + s + " and " + labels.described());
        }
        return labels.toLongs();
    }

    /** Where the element of a label lies in row {@code at} of C classes; row b of the caller's is named where it does not. */
    static long place(String operation, long b, long label, long at, int classes) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException(
                    operation + ": label " + label + " of row " + b + " does not lie in [0, " + classes + ")");
        }
        return at * classes + label;
    }
}
