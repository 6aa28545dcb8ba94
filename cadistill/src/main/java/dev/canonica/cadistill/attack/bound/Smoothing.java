package dev.canonica.cadistill.attack.bound;

import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Questions;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.L2;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import java.util.Collections;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Randomised smoothing (Cohen, Rosenfeld &amp; Kolter 2019, arXiv 1902.02918): of any classifier f, the smoothed g(x) = the class that f(x + σ n), n ~ N(0, 1), most probably is. Where that class has at
 * least the probability p > 1/2,
 *
 * <pre>
 *   g does not change within ‖δ‖₂ &lt; σ Φ⁻¹(p)
 * </pre>
 *
 * <p>p is a lower bound from counts, by Clopper and Pearson: it is wrong with a probability of at most α. A verdict of broken rests on either of two such bounds, so it is wrong with a probability of at most 2 α. Certificates are of g, and not of f: an attack that breaks f says nothing
 * of g, and so breaks are judged by g, too, with the same confidence.
 */
public final class Smoothing {
    /** Draws that choose the class, as in the paper. */
    private static final int CHOOSING = 100;

    /** The probability with which a bound may be wrong, as in the paper. */
    private static final double ALPHA = 0.001;

    private final Victim victim;
    private final Shape shape;
    private final double sigma;
    private final int draws;
    private final int batch;

    /**
     * The smoothing of a classifier.
     *
     * @param victim f, without noise
     * @param shape of an image, [C, H, W]
     * @param sigma σ, above 0
     * @param draws by which probabilities are bounded
     * @param batch draws in the classifier at a time, at most; no count depends on it
     */
    public Smoothing(Victim victim, Shape shape, double sigma, int draws, int batch) {
        if (!(sigma > 0) || draws < 1) {
            throw new IllegalArgumentException("smoothing: sigma " + sigma + ", " + draws
                    + " draws: sigma above 0 and at least one draw are needed");
        }
        this.victim = victim.randomised(sigma, 1);
        this.shape = shape;
        this.sigma = sigma;
        this.draws = draws;
        this.batch = batch;
    }

    /**
     * What g is at a point.
     *
     * @param label its class; −1 where the counts do not tell
     * @param probability the lower bound of the class's probability
     * @param radius within which g does not change; 0 where the counts do not tell
     */
    public record Certificate(int label, double probability, double radius) {
        /** The radius within which g gives a class; 0 where it gives another, or the counts do not tell. */
        double radiusOf(int asked) {
            return label == asked ? radius : 0;
        }
    }

    /**
     * Certifies a point.
     *
     * @param random for this point alone
     */
    public Certificate certify(float[] x, Philox random) {
        int[] few = counts(x, random.child(0), CHOOSING);
        int label = most(few);
        int[] many = counts(x, random.child(1), draws);
        double p = lowerBound(many[label], draws, ALPHA);
        return p > 0.5
                ? new Certificate(label, p, sigma * new NormalDistribution(null, 0, 1).inverseCumulativeProbability(p))
                : new Certificate(-1, p, 0);
    }

    /**
     * The verdict of an image by the certificates of itself and of what an attack made of it: robust where g gives its class within the budget, broken where g gives the image another class or gives one to the
     * attack's image.
     *
     * @param budget by L2
     */
    public static Verdict verdict(
            Budget budget, int label, Certificate image, Certificate adversarial, double perturbation) {
        if (!(budget.norm() instanceof L2)) {
            throw new IllegalArgumentException(
                    "smoothing: certificates are by l2, not by " + budget.norm().name());
        }
        boolean isOther = image.label() >= 0 && image.label() != label;
        boolean becomesOther = adversarial.label() >= 0 && adversarial.label() != label && budget.allows(perturbation);
        double radius = image.radiusOf(label);
        // two bounds that each may be wrong contradict one another rarely; then neither is believed
        return radius >= budget.eps() && becomesOther
                ? Verdict.UNDECIDED
                : Verdict.of(budget, radius, isOther || becomesOther);
    }

    /** The Clopper–Pearson lower bound of a probability that holds with confidence 1 − α, after {@code successes} of {@code n}. */
    static double lowerBound(int successes, int n, double alpha) {
        return successes == 0
                ? 0
                : new BetaDistribution(null, successes, n - successes + 1.0, 1e-12).inverseCumulativeProbability(alpha);
    }

    private int[] counts(float[] x, Philox random, int n) {
        int[] counts = new int[victim.classes()];
        Questions questions = new Questions(victim, shape, batch);
        // the logits of all draws at once may take more memory than there is
        for (int from = 0; from < n; from += batch) {
            int first = from;
            questions
                    .logits(Collections.nCopies(Math.min(batch, n - from), x), k -> random.child(first + k))
                    .forEach(z -> counts[Logits.predicted(z)]++);
        }
        return counts;
    }

    private static int most(int[] counts) {
        int best = 0;
        for (int j = 1; j < counts.length; j++) {
            best = counts[j] > counts[best] ? j : best;
        }
        return best;
    }
}
