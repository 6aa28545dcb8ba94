package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.loss.Cka;
import dev.canonica.cadistill.loss.Gram;
import dev.canonica.cadistill.loss.Procrustes;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;

/** How far a student's features are from canonical ones: 0 where they lie to each other in the same way, up to rotation and scale. */
public enum Distance {
    /** 1 − CKA, linear, by the unbiased estimator: near 1 for features that have nothing in common. */
    CKA("cka", Cka.FEWEST, (x, y) -> Cka.unbiased(x, y).negate().plus(1)),
    /** 1 − CKA as in the paper (equation 5): far below 1 by chance where a batch has fewer samples than features have values. */
    CKA_BIASED("cka-biased", 2, (x, y) -> Cka.linear(x, y).negate().plus(1)),
    /** 1 − CKA of Gaussian kernels, whose width is the median distance, a constant of the loss. */
    RBF(
            "rbf",
            2,
            (x, y) -> Cka.rbf(x, y, Cka.Bandwidth.MEDIAN_OF_ALL, false).negate().plus(1)),
    /** The orthogonal Procrustes distance: at most 2. */
    PROCRUSTES("procrustes", 2, Procrustes::loss),
    /** The mean squared difference of cosines. */
    GRAM("gram", 2, Gram::loss);

    private final String id;
    private final int fewest;
    private final BinaryOperator<Var> loss;

    Distance(String id, int fewest, BinaryOperator<Var> loss) {
        this.id = id;
        this.fewest = fewest;
        this.loss = loss;
    }

    /** Its name on command lines. */
    public String id() {
        return id;
    }

    /** Fewest samples that it is defined for. */
    public int fewest() {
        return fewest;
    }

    /**
     * The loss of features x [n, p] and y [n, q] of the same samples.
     *
     * @return a scalar
     */
    Var of(Var x, Var y) {
        return loss.apply(x, y);
    }

    /** The names. */
    public static List<String> ids() {
        return Arrays.stream(values()).map(Distance::id).toList();
    }

    /**
     * The distance of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Distance named(String id) {
        return Arrays.stream(values())
                .filter(d -> d.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "dist: '%s' is not one of %s".formatted(id, String.join(", ", ids()))));
    }
}
