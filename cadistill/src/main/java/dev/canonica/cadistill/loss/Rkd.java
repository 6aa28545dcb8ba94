package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.function.Unary;

/**
 * Relational knowledge distillation (Park et al., 2019): the student's samples, x [n, p], are to lie to each other as the teacher's, y [n, q], do. Huber's
 * loss h (δ = 1) of the differences; means are over all entries, those that are always 0 among them, as in the authors' code.
 *
 * <p>Memory grows with n² p and n³.
 */
public final class Rkd {
    /** The authors' weight of distances. */
    public static final double DISTANCE = 25;

    /** The authors' weight of angles. */
    public static final double ANGLE = 50;

    private Rkd() {}

    /**
     * Distances (Park et al., 2019, Section 3.2.1).
     *
     * <pre>
     *   mean over i, j of h(d_S[i, j]/μ_S − d_T[i, j]/μ_T)      μ: the mean of the distances that are not 0
     * </pre>
     *
     * The derivative goes through μ_S. Where all samples of one side are the same, its quotients are 0.
     *
     * @return a scalar
     */
    public static Var distance(Var x, Var y) {
        Similarities.check("rkd", x, y);
        return huber(relativeDistances(x).minus(relativeDistances(y))).mean();
    }

    private static Var relativeDistances(Var x) {
        Var d = Reductions.norm(Similarities.differences(Similarities.scaled(x)));
        double apart = d.value().map(Unary.STEP).sumAll().item(); // pairs that are not the same
        return apart == 0 ? d.times(0) : d.divide(d.sum().times(1 / apart));
    }

    /**
     * Angles (Park et al., 2019, Section 3.2.2).
     *
     * <pre>
     *   e[i, j] = (x[j] − x[i])/‖x[j] − x[i]‖      mean over i, j, k of h(⟨e_S[i, j], e_S[i, k]⟩ − ⟨e_T[i, j], e_T[i, k]⟩)
     * </pre>
     *
     * where e is 0 if two samples are the same, and its derivative that of x[j] − x[i], times the power of two that brings features far from 1 there.
     *
     * @return a scalar
     */
    public static Var angle(Var x, Var y) {
        Similarities.check("rkd", x, y);
        return huber(cosines(x).minus(cosines(y))).mean();
    }

    private static Var cosines(Var x) {
        Var e = Normalisation.unit(Similarities.differences(Similarities.scaled(x)), 0);
        return e.matmul(e.transpose());
    }

    /**
     * {@value #DISTANCE} distance + {@value #ANGLE} angle.
     *
     * @return a scalar
     */
    public static Var loss(Var x, Var y) {
        return distance(x, y).times(DISTANCE).plus(angle(x, y).times(ANGLE));
    }

    /** h(d) = d²/2 where |d| &lt; 1, else |d| − ½: with m = min(|d|, 1), m²/2 + |d| − m. */
    private static Var huber(Var d) {
        Var a = d.abs();
        Var m = a.negate().plus(1).relu().negate().plus(1);
        return m.square().times(0.5).plus(a).minus(m);
    }

    /** A mean over all n² pairs, as one over those of different samples. */
    public static double offDiagonal(double distance, int n) {
        return distance * n / (n - 1.0);
    }

    /** A mean over all n³ triples, as one over those of different samples. */
    public static double distinct(double angle, int n) {
        return angle * n * n / ((n - 1.0) * (n - 2.0));
    }
}
