package dev.canonica.cadistill.attack.check;

import dev.canonica.cadistill.attack.AttackRun;
import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Questions;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.method.Apgd;
import dev.canonica.cadistill.attack.method.ApgdRun;
import dev.canonica.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Whether an attack by cross-entropy breaks more once the logits are divided by their median margin: no prediction changes by that, but a saturated loss has a gradient again (Croce &amp; Hein 2020, arXiv
 * 2003.01690, Section 4).
 */
final class ScaleCheck {
    private static final int STEPS = 20;

    private final Victim victim;
    private final Images images;
    private final Budget budget;
    private final int batch;

    ScaleCheck(Victim victim, Images images, Budget budget, int batch) {
        this.victim = victim;
        this.images = images;
        this.budget = budget;
        this.batch = batch;
    }

    /** Looks at some images, which are classified rightly. */
    Finding of(int[] places) {
        Images some = images.select(places);
        List<float[]> points = Arrays.stream(places).mapToObj(images::values).toList();
        Shape shape = images.shape();
        List<float[]> logits = new Questions(victim, shape, batch).logits(points);
        double[] margins = new double[places.length];
        Arrays.setAll(margins, i -> Logits.margin(logits.get(i), images.label(places[i])));
        Arrays.sort(margins);
        double median = margins[places.length / 2];
        boolean[] plain = robust(victim, some);
        boolean[] scaled = median > 0 ? robust(victim.scaled(1 / median), some) : plain;
        int onlyPlain = 0;
        int onlyScaled = 0;
        for (int i = 0; i < plain.length; i++) {
            onlyPlain += scaled[i] && !plain[i] ? 1 : 0;
            onlyScaled += plain[i] && !scaled[i] ? 1 : 0;
        }
        boolean warns = Masking.isMore(onlyScaled, onlyPlain);
        return new Finding(
                "logit-scale",
                warns,
                "with logits divided by their median margin %s, cross-entropy breaks %d more and %d fewer of %d images%s"
                        .formatted(
                                "%.3g".formatted(median),
                                onlyScaled,
                                onlyPlain,
                                plain.length,
                                warns
                                        ? ": its loss is saturated; apgd-dlr and apgd-t do not depend on the scale"
                                        : ""));
    }

    private boolean[] robust(Victim of, Images some) {
        ApgdRun.Settings settings = new ApgdRun.Settings(STEPS, true);
        List<ImageResult> results = new AttackRun(Apgd.crossEntropy(settings, 1), of, some, budget)
                .batch(batch)
                .results();
        boolean[] robust = new boolean[results.size()];
        for (int i = 0; i < robust.length; i++) {
            robust[i] = results.get(i).robust();
        }
        return robust;
    }
}
