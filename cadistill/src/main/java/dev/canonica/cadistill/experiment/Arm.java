package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.Companions;
import dev.canonica.cadistill.student.FeatureForm;
import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
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
 * @param teaching how that is made
 * @param share of the images that have companions, as a part of the scale's, unless every image has one
 */
record Arm(
        String name, String about, StudentLoss loss, Optional<Companions> companions, Teaching teaching, double share) {
    /** w of samples by guidance. */
    static final double GUIDANCE = 4;

    /** γ of shrunk latents. */
    static final double SHRUNK = 0.8;

    /** r of localised soft projections: strong, for students are to see no background. */
    static final double STRENGTH = 1;

    private Arm(String name, String about, StudentLoss loss, Optional<Companions> companions) {
        this(name, about, loss, companions, Teaching.STANDARD, 1);
    }

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
                taught(
                        "local-soft",
                        "canonical samples and features of a localised soft projection",
                        Teaching.STANDARD.by("local-soft", new Projection.LocalSoft().withStrength(STRENGTH)),
                        1),
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
                        "local-soft-alone",
                        "samples of a localised soft projection, cross-entropy alone; to be compared with repeated-alone",
                        cadistill.weights(cadistill.canonical(), 0, 0),
                        Optional.of(new Companions.Canonical()),
                        Teaching.STANDARD.by("local-soft", new Projection.LocalSoft().withStrength(STRENGTH)),
                        1),
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

    /** What the paper's method owes to each of its parts: losses, their weights, the share of images, the layer and k. */
    private static List<Arm> ablation() {
        StudentLoss all = StudentLoss.of(Method.CADISTILL);
        double cs = all.canonical();
        double cf = all.alignment();
        double dist = all.distance();
        Teaching standard = Teaching.STANDARD;
        return List.of(
                ofLosses("samples-alone", "ablation: canonical samples alone", all.weights(cs, 0, 0)),
                ofLosses(
                        "alignment-alone",
                        "ablation: the classifier on canonical features alone",
                        all.weights(0, cf, 0)),
                ofLosses("distance-alone", "ablation: CKA alone", all.weights(0, 0, dist)),
                ofLosses("no-samples", "ablation: without canonical samples", all.weights(0, cf, dist)),
                ofLosses("no-alignment", "ablation: without the classifier on features", all.weights(cs, 0, dist)),
                ofLosses("no-distance", "ablation: without CKA", all.weights(cs, cf, 0)),
                ofLosses("weights-quarter", "ablation: all λ divided by 4", all.weights(cs / 4, cf / 4, dist / 4)),
                ofLosses("weights-fourfold", "ablation: all λ times 4", all.weights(cs * 4, cf * 4, dist * 4)),
                taught("share-1", "ablation: 1 % of the images have companions, not 10 %", standard, 0.1),
                taught("share-5", "ablation: 5 % have", standard, 0.5),
                taught("share-100", "ablation: all have", standard.ofEveryImage(), 1),
                taught("layer-1", "ablation: the teacher's blocks.1 for blocks.2", standard.at("blocks.1"), 1),
                taught("layer-3", "ablation: the teacher's blocks.3", standard.at("blocks.3"), 1),
                taught("k-3", "ablation: three directions removed, not one", standard.removing(new KChoice(3)), 1),
                taught(
                        "k-elbow",
                        "ablation: as many as each image's spectrum says",
                        standard.removing(KChoice.ADAPTIVE),
                        1));
    }

    private static Arm ofLosses(String name, String about, StudentLoss loss) {
        return new Arm(name, about, loss, Optional.of(new Companions.Canonical()));
    }

    private static Arm taught(String name, String about, Teaching teaching, double share) {
        return new Arm(
                name,
                about,
                StudentLoss.of(Method.CADISTILL),
                Optional.of(new Companions.Canonical()),
                teaching,
                share);
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

    /** The kind that has the images themselves in the place of this one's canonical samples, and as many of them, and the same weights of losses: what samples win is the difference to it. Empty where there is none. */
    Optional<Arm> control() {
        return companions.isEmpty() || !loss.method().canonical()
                ? Optional.empty()
                : main().stream()
                        .filter(arm -> arm.isRepeated() && arm.loss.method().canonical())
                        .filter(arm -> arm.loss.canonical() == loss.canonical()
                                && arm.loss.alignment() == loss.alignment()
                                && arm.loss.distance() == loss.distance())
                        .filter(arm -> arm.share == share && !teaching.everyImage())
                        .filter(arm -> !isRepeated())
                        .findFirst();
    }

    private boolean isRepeated() {
        return companions.filter(Companions.Repeated.class::isInstance).isPresent();
    }

    /** Whether masks of objects have to be known. */
    boolean asksMasks() {
        return companions.filter(Companions.Masked.class::isInstance).isPresent();
    }

    /**
     * How its companions are read; empty if it has none.
     *
     * @param usual the share of the images that has some in the scale
     */
    Optional<CanonicalSet.Choice> choice(double usual) {
        FeatureForm form = loss.method() == Method.AT ? FeatureForm.MAP : FeatureForm.MEAN;
        double of = teaching.everyImage() ? 1 : usual * share;
        return companions.map(
                c -> new CanonicalSet.Choice(of, 0, c, form, 1, !loss.method().canonical()));
    }
}
