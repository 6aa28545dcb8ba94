package dev.canonica.cadistill.student;

import dev.canonica.models.ModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss of a student:
 *
 * <pre>
 *   cadistill, cfg:  L = L_cls + λ_cs L_cano + λ_cf L_align + λ_dist L_dist
 *   fitnet, at, rkd: L = L_cls + λ_dist L_method          at: its weight of 1000 is in L, rkd: 25 and 50
 *   kd:              L = (1 − α) L_cls + α T² KL(teacher at T ‖ student at T)
 *   pgd-at:          L = L_cls of attacked images         trades: L = L_cls + β KL(images ‖ attacked images)
 * </pre>
 *
 * <p>Not to be had from the paper, and so choices of ours: the features of the student are those of its last layer's input, and L_align is the cross-entropy of the
 * student's classifier on features that a learned linear map brings there.
 *
 * @param canonical λ_cs
 * @param alignment λ_cf
 * @param distance λ_dist
 * @param kind of L_dist
 * @param temperature T
 * @param soft α
 * @param hintEpochs epochs in the beginning in which fitnet learns the hint alone, as its paper's first stage
 * @param adversary of the adversarial methods
 */
public record StudentLoss(
        Method method,
        double canonical,
        double alignment,
        double distance,
        Distance kind,
        double temperature,
        double soft,
        int hintEpochs,
        Adversary adversary) {
    /** The paper's weights on ImageNet; Hinton's usual temperature and weight; the usual attack of images of CIFAR's size. */
    public static StudentLoss of(Method method) {
        return new StudentLoss(
                method, 0.4, 0.5, 1, Distance.CKA, 4, 0.9, 0, new Adversary(8 / 255.0, 2 / 255.0, 10, 6));
    }

    /** Checks that no weight is negative. */
    public StudentLoss {
        if (!(canonical >= 0) || !(alignment >= 0) || !(distance >= 0)) {
            throw new ModelException("student: weights of losses are 0 or more: lambda-cs " + canonical + ", lambda-cf "
                    + alignment + ", lambda-dist " + distance);
        }
        if (!(temperature > 0) || !(soft >= 0 && soft <= 1) || hintEpochs < 0) {
            throw new ModelException("student: a temperature above 0 (" + temperature + "), a share from 0 to 1 ("
                    + soft + ") and no negative number of epochs (" + hintEpochs + ") are needed");
        }
        if (hintEpochs > 0 && !(distance > 0)) {
            throw new ModelException("student: epochs of the hint alone need a weight of it, lambda-dist, above 0");
        }
    }

    /** The same by another distance. */
    public StudentLoss by(Distance other) {
        return new StudentLoss(method, canonical, alignment, distance, other, temperature, soft, hintEpochs, adversary);
    }

    /** The same with other weights of the terms. */
    public StudentLoss weights(double cs, double cf, double dist) {
        return new StudentLoss(method, cs, cf, dist, kind, temperature, soft, hintEpochs, adversary);
    }

    /** Whether the teacher's features are in a term that counts. */
    public boolean takesFeatures() {
        return method.paired() && (distance > 0 || method.canonical() && alignment > 0);
    }

    /** How many pairs a step needs at least. */
    public int fewestPairs() {
        return method.canonical() && distance > 0 ? kind.fewest() : method.paired() ? 1 : 0;
    }

    /** What is logged of it: its terms that count, and the distance by chance. */
    public List<String> columns() {
        List<String> columns = new ArrayList<>(method.terms());
        if (method.canonical()) {
            if (canonical == 0) {
                columns.remove("canonical");
            }
            if (alignment == 0) {
                columns.remove("alignment");
            }
            if (distance == 0) {
                columns.remove("distance");
            } else {
                columns.add("distance_by_chance");
            }
        }
        return columns;
    }
}
