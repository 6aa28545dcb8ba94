package dev.canonica.cli.option;

import dev.canonica.cadistill.student.Adversary;
import dev.canonica.cadistill.student.Distance;
import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.cli.terminal.Misuse;
import picocli.CommandLine.Option;

/** What a student is to make small. */
public final class StudentLossOptions {
    @Option(
            names = "--method",
            paramLabel = "NAME",
            required = true,
            description = "vanilla, cadistill, fitnet, at, rkd, kd, cfg, pgd-at or trades")
    private String method = "";

    @Option(
            names = "--lambda-cs",
            paramLabel = "W",
            defaultValue = "0.4",
            description = "weight of the cross-entropy on canonical samples (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double canonical;

    @Option(
            names = "--lambda-cf",
            paramLabel = "W",
            defaultValue = "0.5",
            description = "weight of the classifier's cross-entropy on canonical features (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double alignment;

    @Option(
            names = "--lambda-dist",
            paramLabel = "W",
            defaultValue = "1",
            description = "weight of the distance to the teacher's features (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double distance;

    @Option(
            names = "--dist",
            paramLabel = "NAME",
            defaultValue = "cka",
            description = "cka (unbiased), cka-biased, rbf, procrustes or gram (default: ${DEFAULT-VALUE})")
    private String dist = "cka";

    @Option(
            names = "--hint-epochs",
            paramLabel = "N",
            defaultValue = "0",
            description = "fitnet: epochs in the beginning that learn the hint alone (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int hintEpochs;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "4",
            description = "kd: divides the logits (default: ${DEFAULT-VALUE})")
    @Within(above = 0)
    private double temperature;

    @Option(
            names = "--soft",
            paramLabel = "SHARE",
            defaultValue = "0.9",
            description = "kd: share of the teacher's answers in the loss (default: ${DEFAULT-VALUE})")
    @Within(min = 0, max = 1)
    private double soft;

    @Option(
            names = "--eps",
            paramLabel = "E",
            defaultValue = "8/255",
            converter = Fraction.Converter.class,
            description = "pgd-at, trades: how far images are changed (default: ${DEFAULT-VALUE})")
    private Fraction eps = new Fraction(8 / 255.0);

    @Option(
            names = "--step-size",
            paramLabel = "A",
            defaultValue = "2/255",
            converter = Fraction.Converter.class,
            description = "pgd-at, trades: of a step of the attack (default: ${DEFAULT-VALUE})")
    private Fraction stepSize = new Fraction(2 / 255.0);

    @Option(
            names = "--attack-steps",
            paramLabel = "N",
            defaultValue = "10",
            description = "pgd-at, trades: steps of the attack (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int attackSteps;

    @Option(
            names = "--beta",
            paramLabel = "W",
            defaultValue = "6",
            description = "trades: weight of robustness (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double beta;

    StudentLossOptions() {}

    /** The method that was named. */
    public Method method() {
        try {
            return Method.named(method);
        } catch (IllegalArgumentException e) {
            throw Misuse.choice("--method", method, Method.ids());
        }
    }

    /** The loss; options that another method alone has are refused. */
    public StudentLoss loss(GivenOptions given) {
        Method of = method();
        String why = "the method is " + of.id();
        if (!of.canonical()) {
            given.refuse(why, "--lambda-cs", "--lambda-cf", "--dist");
        }
        if (!of.paired()) {
            given.refuse(why, "--lambda-dist");
        }
        if (of.canonical() && distance == 0) {
            given.refuse("--lambda-dist is 0", "--dist");
        }
        if (of != Method.FITNET) {
            given.refuse(why, "--hint-epochs");
        }
        if (of != Method.KD) {
            given.refuse(why, "--temperature", "--soft");
        }
        if (!of.adversarial()) {
            given.refuse(why, "--eps", "--step-size", "--attack-steps");
        }
        if (of != Method.TRADES) {
            given.refuse(why, "--beta");
        }
        eps.requireAtMostOne("--eps");
        Distance kind;
        try {
            kind = Distance.named(dist);
        } catch (IllegalArgumentException e) {
            throw Misuse.choice("--dist", dist, Distance.ids());
        }
        return new StudentLoss(
                of,
                canonical,
                alignment,
                distance,
                kind,
                temperature,
                soft,
                hintEpochs,
                new Adversary(eps.value(), stepSize.value(), attackSteps, beta));
    }
}
