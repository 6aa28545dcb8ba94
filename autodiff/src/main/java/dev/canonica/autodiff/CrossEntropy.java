package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Losses#crossEntropy(Var, Tensor, CrossEntropy)} does with labels beside taking them as they are.
 *
 * @param smoothing ε in [0, 1]
 * @param weights of the classes [C], of the logits' type, not negative; null for 1
 * @param ignored the label of rows that do not count, which need be no class; null for none
 */
public record CrossEntropy(
        double smoothing,
        @Nullable Tensor weights,
        @Nullable Long ignored) {
    /** Labels as they are. */
    public static final CrossEntropy PLAIN = new CrossEntropy(0, null, null);

    /** Checks that the smoothing lies in [0, 1], and weights are finite and not negative. */
    public CrossEntropy {
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("crossEntropy: smoothing must lie in [0, 1]: " + smoothing);
        }
        if (weights != null) {
            for (double w : weights.toDoubles()) {
                if (!(w >= 0 && w < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException("crossEntropy: weights are finite and not negative, not " + w);
                }
            }
        }
    }

    /** With labels smoothed by ε. */
    public CrossEntropy withSmoothing(double epsilon) {
        return new CrossEntropy(epsilon, weights, ignored);
    }

    /** With classes that count so much. */
    public CrossEntropy withWeights(Tensor of) {
        return new CrossEntropy(smoothing, of, ignored);
    }

    /** Without the rows of this label. */
    public CrossEntropy ignoring(long label) {
        return new CrossEntropy(smoothing, weights, label);
    }

    Var loss(Var logits, Tensor labels) {
        Shape s = logits.shape();
        long[] label = Losses.labels("crossEntropy", s, labels);
        if (s.size() == 0) {
            throw new IllegalArgumentException("crossEntropy: no mean of an empty batch: logits " + s);
        }
        int classes = s.dim(1);
        if (weights != null && !weights.shape().equals(Shape.of(classes))) {
            throw new IllegalArgumentException(
                    "crossEntropy: weights [" + classes + "] needed, not " + weights.shape());
        }
        long[] rows = IntStream.range(0, label.length)
                .filter(b -> ignored == null || label[b] != ignored)
                .mapToLong(b -> b)
                .toArray();
        if (rows.length == 0) {
            throw new IllegalArgumentException(
                    "crossEntropy: all " + label.length + " labels are the ignored one, " + ignored);
        }
        long[] place = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
            place[i] = Losses.place("crossEntropy", rows[i], label[(int) rows[i]], i, classes);
        }
        Var counted = rows.length == label.length ? logits : Layouts.gather(logits, Tensor.of(rows, rows.length));
        Var l = Normalisation.logSoftmax(counted);
        Var own = Layouts.gather(l.reshape(Math.toIntExact(l.shape().size())), Tensor.of(place, place.length));
        return weights == null ? mean(l, own) : weighted(l, own, place, weights);
    }

    private Var mean(Var l, Var own) {
        Var hard = Reductions.meanAll(own).times(smoothing - 1);
        return smoothing == 0 ? hard : hard.minus(Reductions.meanAll(l).times(smoothing));
    }

    private Var weighted(Var l, Var own, long[] place, Tensor w) {
        Tensor here = w.to(l.value().device());
        int classes = l.dim(1);
        Tensor each =
                here.gather(Tensor.of(Arrays.stream(place).map(i -> i % classes).toArray(), place.length));
        double total = each.sumAll().item();
        if (total == 0) {
            throw new IllegalArgumentException("crossEntropy: the weights of all labels are 0");
        }
        Var hard = own.times(Var.constant(each)).sum().times((smoothing - 1) / total);
        double share = smoothing / (total * classes);
        return smoothing == 0
                ? hard
                : hard.minus(l.times(Var.constant(here)).sum().times(share));
    }
}
