package dev.canonica.cadistill.attack.check;

import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Questions;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.method.ApgdRun;
import dev.canonica.models.Probe;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.List;

/**
 * An active test (Zimmermann, Brendel, Tramèr &amp; Carlini 2022, arXiv 2206.13991, "Increasing confidence in adversarial robustness evaluations"): for some images the network's last layer is exchanged for one of two
 * classes that tells the inside of the ball around the image from one point on its edge. So there is an adversarial point, and an attack that does not find one cannot be
 * trusted where it finds none in the network itself.
 *
 * <p>The last layer's inputs φ are taken; where the network names no layer before its logits, these. The new layer is a logistic regression on them.
 */
final class ActiveTest {
    private static final int IMAGES = 16;
    private static final int INNER = 31;
    private static final int STEPS = 50;

    /** Inner points lie at most so far out. */
    private static final double INSIDE = 0.5;

    /** Of the images whose copies can be made, that must be broken. */
    private static final double ENOUGH = 0.8;

    private static final String CHECK = "active-test";

    private final Victim victim;
    private final Images images;
    private final Budget budget;
    private final int batch;
    private final String layer;

    ActiveTest(Victim victim, Images images, Budget budget, int batch) {
        this.images = images;
        this.budget = budget;
        this.batch = batch;
        this.layer = beforeLast(victim.layers());
        this.victim = victim.at(layer);
    }

    /** The outermost layer before the last module and the output, such as {@code avgpool} of a residual network. */
    private static String beforeLast(List<String> layers) {
        List<String> outer = layers.stream()
                .filter(name -> !name.contains(".") && !name.equals(Probe.OUTPUT))
                .toList();
        return outer.size() < 2 ? Probe.OUTPUT : outer.get(outer.size() - 2);
    }

    /** Looks at the first of some images, which are classified rightly. */
    Finding of(int[] places) {
        Questions questions = new Questions(victim, images.shape(), batch);
        List<Pursuit> pursuits = new ArrayList<>();
        int tried = Math.min(IMAGES, places.length);
        for (int k = 0; k < tried; k++) {
            int i = places[k];
            Philox random = new Philox(images.key(i));
            List<float[]> points = points(images.values(i), random);
            List<float[]> features = questions.logits(points);
            Regression.separating(features).ifPresent(r -> {
                Target target = new Target(
                        images.values(i),
                        images.shape().dim(0),
                        images.shape().dim(1),
                        images.shape().dim(2),
                        0,
                        new float[] {1, 0},
                        budget,
                        random);
                pursuits.add(new PlantedPursuit(target, r, new ApgdRun.Settings(STEPS, true), random.child(1)));
            });
        }
        questions.pursue(pursuits);
        int broken = (int) pursuits.stream().filter(Pursuit::broken).count();
        boolean warns = pursuits.isEmpty() || broken < ENOUGH * pursuits.size();
        String says = pursuits.isEmpty()
                ? "no adversarial point could be planted: %s does not tell points of the ball apart".formatted(layer)
                : "APGD broke %d of %d copies into which an adversarial point was planted%s"
                        .formatted(
                                broken,
                                pursuits.size(),
                                warns ? ": where it breaks none in the network itself, that means little" : "");
        return new Finding(CHECK, warns, says);
    }

    /** The planted point, on the edge of the ball, first; then the image and points around it. */
    private List<float[]> points(float[] x, Philox random) {
        List<float[]> points = new ArrayList<>();
        points.add(budget.norm().around(x, budget.eps(), random.child(0)));
        points.add(x);
        for (int j = 1; j < INNER; j++) {
            double radius = INSIDE * budget.eps() * j / (INNER - 1);
            points.add(budget.norm().around(x, radius, random.child(1L + j)));
        }
        return points;
    }
}
