package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.Companions;
import dev.canonica.cadistill.student.FeatureForm;
import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.models.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kind of student: all of them have the same images, network, steps and learning rate, and none of their settings was searched for.
 *
 * @param name short, for tables and folders
 * @param about one phrase
 * @param loss what it makes small
 * @param companions what stands beside its images, for paired methods
 */
record Arm(String name, String about, StudentLoss loss, Optional<Companions> companions) {
    private static final double GUIDANCE = 4;
    private static final double SHRUNK = 0.8;

    /** That against which all others are compared. */
    static final Arm VANILLA = new Arm("vanilla", "labels alone", StudentLoss.of(Method.VANILLA), Optional.empty());

    /** The paper's method, its controls, and other methods. */
    static List<Arm> main() {
        StudentLoss cadistill = StudentLoss.of(Method.CADISTILL);
        return List.of(
                VANILLA,
                new Arm(
                        "cadistill",
                        "canonical samples and features, all losses",
                        cadistill,
                        Optional.of(new Companions.Canonical())),
                new Arm(
                        "repeated",
                        "control: the images themselves for canonical samples, their own features",
                        cadistill,
                        Optional.of(new Companions.Repeated())),
                new Arm(
                        "shrunk",
                        "control: shrunk latents for CLAReps",
                        cadistill,
                        Optional.of(new Companions.Shrunk(SHRUNK))),
                new Arm(
                        "cfg",
                        "control: samples by guidance for canonical samples",
                        StudentLoss.of(Method.CFG),
                        Optional.of(new Companions.Guided(GUIDANCE))),
                new Arm(
                        "repeated-alone",
                        "control of masked: the images themselves for canonical samples, cross-entropy alone",
                        cadistill.weights(cadistill.canonical(), 0, 0),
                        Optional.of(new Companions.Repeated())),
                new Arm(
                        "masked",
                        "oracle: backgrounds masked by the true mask, cross-entropy alone; to be compared with repeated-alone",
                        cadistill.weights(cadistill.canonical(), 0, 0),
                        Optional.of(new Companions.Masked())),
                new Arm(
                        "fitnet",
                        "the teacher's features of the images",
                        StudentLoss.of(Method.FITNET),
                        Optional.of(new Companions.Repeated())),
                new Arm(
                        "at",
                        "where these features are strong",
                        StudentLoss.of(Method.AT),
                        Optional.of(new Companions.Repeated())),
                new Arm(
                        "rkd",
                        "how these features lie to each other",
                        StudentLoss.of(Method.RKD),
                        Optional.of(new Companions.Repeated())));
    }

    /** Each loss by itself, and left out. */
    private static List<Arm> ablation() {
        StudentLoss all = StudentLoss.of(Method.CADISTILL);
        Optional<Companions> canonical = Optional.of(new Companions.Canonical());
        double cs = all.canonical();
        double cf = all.alignment();
        double dist = all.distance();
        return List.of(
                new Arm("samples-alone", "ablation: canonical samples alone", all.weights(cs, 0, 0), canonical),
                new Arm(
                        "alignment-alone",
                        "ablation: the classifier on canonical features alone",
                        all.weights(0, cf, 0),
                        canonical),
                new Arm("distance-alone", "ablation: CKA alone", all.weights(0, 0, dist), canonical),
                new Arm("no-samples", "ablation: without canonical samples", all.weights(0, cf, dist), canonical),
                new Arm(
                        "no-alignment",
                        "ablation: without the classifier on features",
                        all.weights(cs, 0, dist),
                        canonical),
                new Arm("no-distance", "ablation: without CKA", all.weights(cs, cf, 0), canonical));
    }

    /** All kinds. */
    static List<Arm> all() {
        List<Arm> arms = new ArrayList<>(main());
        arms.addAll(ablation());
        arms.add(new Arm("trades", "reference: adversarial training", StudentLoss.of(Method.TRADES), Optional.empty()));
        return arms;
    }

    /**
     * The kind of a name.
     *
     * @throws ModelException if there is none
     */
    static Arm named(String name) {
        return all().stream()
                .filter(a -> a.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new ModelException("students: '%s' is not one of %s"
                        .formatted(
                                name,
                                String.join(", ", all().stream().map(Arm::name).toList()))));
    }

    /** How its companions are read; empty if it has none. */
    Optional<CanonicalSet.Choice> choice(double share) {
        FeatureForm form = loss.method() == Method.AT ? FeatureForm.MAP : FeatureForm.MEAN;
        return companions.map(c ->
                new CanonicalSet.Choice(share, 0, c, form, 1, !loss.method().canonical()));
    }
}
