package dev.canonica.cadistill.attack.check;

import dev.canonica.cadistill.attack.method.AttackSuite.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * Whether Square, which asks for no gradient, breaks more than the attacks that do: a sign that gradients are masked (Athalye et al. 2018, arXiv 1802.00420). Of attacks on all images, those that only one side
 * has broken are compared (McNemar's exact test); in a sequence Square sees the survivors alone, and what it breaks of these counts.
 */
final class Masking {
    /** Of a chance that both sides are alike. */
    private static final double SIGNIFICANT = 0.01;

    /** A share of all images, as in AutoAttack's own check. */
    private static final double SHARE = 0.002;

    /** Gradients of an image, from which on an attack is one that Square is worth comparing with: it beats a step or two with no masking at all. */
    private static final int STRONG = 10;

    private static final String SQUARE = "square";
    private static final String CHECK = "square-better";

    private Masking() {}

    static Optional<Finding> of(List<Outcome> outcomes) {
        for (Outcome o : outcomes) {
            if (o.after().size() > 1 && o.after().containsKey(SQUARE)) {
                return Optional.of(ofSequence(o));
            }
        }
        Optional<Outcome> square =
                outcomes.stream().filter(o -> o.name().equals(SQUARE)).findFirst();
        List<Outcome> others = outcomes.stream()
                .filter(o -> o.images().stream().anyMatch(r -> r.effort().gradients() > 0))
                .toList();
        boolean strong = others.stream()
                .flatMap(o -> o.images().stream())
                .anyMatch(r -> r.effort().gradients() >= STRONG);
        return square.isEmpty() || !strong ? Optional.empty() : Optional.of(ofAll(square.get(), others));
    }

    private static Finding ofSequence(Outcome o) {
        List<Map.Entry<String, boolean[]>> steps = new ArrayList<>(o.after().entrySet());
        int at = 0;
        while (!steps.get(at).getKey().equals(SQUARE)) {
            at++;
        }
        int more = 0;
        for (int i = 0; at > 0 && i < o.images().size(); i++) {
            more += steps.get(at - 1).getValue()[i] && !steps.get(at).getValue()[i] ? 1 : 0;
        }
        boolean warns = more > SHARE * o.images().size();
        return new Finding(
                CHECK,
                warns,
                "square broke %d of the images that gradients had left robust%s".formatted(more, cure(warns)));
    }

    private static Finding ofAll(Outcome square, List<Outcome> others) {
        int onlySquare = 0;
        int onlyOthers = 0;
        for (int i = 0; i < square.images().size(); i++) {
            int at = i;
            boolean bySquare = !square.images().get(i).robust();
            boolean byOthers = others.stream().anyMatch(o -> !o.images().get(at).robust());
            onlySquare += bySquare && !byOthers ? 1 : 0;
            onlyOthers += byOthers && !bySquare ? 1 : 0;
        }
        boolean warns = isMore(onlySquare, onlyOthers);
        return new Finding(
                CHECK,
                warns,
                "square alone broke %d images, the attacks by gradients alone %d%s"
                        .formatted(onlySquare, onlyOthers, cure(warns)));
    }

    private static String cure(boolean warns) {
        return warns
                ? ": gradients may be masked; more queries and restarts of square, and an attack adapted to the model, are needed"
                : "";
    }

    /** Whether a is so much more than b that it is no chance. */
    static boolean isMore(int a, int b) {
        return a > b && 1 - new BinomialDistribution(null, a + b, 0.5).cumulativeProbability(a - 1) < SIGNIFICANT;
    }
}
