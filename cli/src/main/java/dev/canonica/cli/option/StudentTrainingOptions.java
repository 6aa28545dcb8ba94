package dev.canonica.cli.option;

import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.cli.terminal.Misuse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a student is trained. */
public final class StudentTrainingOptions {
    /** Images of a step, for the statistics of batch normalisation. */
    public static final int FEWEST = 2;

    @Option(
            names = "--epochs",
            paramLabel = "E",
            required = true,
            description = "times that the images are gone through")
    @Within(min = 1)
    private int epochs;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "64",
            description = "images in a step (default: ${DEFAULT-VALUE})")
    @Within(min = FEWEST)
    private int batch;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            description = "images with companions in a step, beside those of --batch (default: half as many)")
    @Within(min = 1)
    private @Nullable Integer pairs;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "0.1",
            description = "learning rate (default: ${DEFAULT-VALUE})")
    @Within(above = 0)
    private double rate;

    @Option(
            names = "--warmup",
            paramLabel = "E",
            defaultValue = "0.5",
            description = "epochs in which the learning rate rises to --rate (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double warmup;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            defaultValue = "sgd",
            description = "sgd or adamw (default: ${DEFAULT-VALUE})")
    private String optimizer = "sgd";

    @Option(
            names = "--momentum",
            paramLabel = "M",
            defaultValue = "0.9",
            description = "of sgd (default: ${DEFAULT-VALUE})")
    @Within(min = 0, below = 1)
    private double momentum;

    @Option(
            names = "--nesterov",
            arity = "0..1",
            paramLabel = "BOOL",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Nesterov's momentum in sgd (default: ${DEFAULT-VALUE})")
    private boolean nesterov;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "5e-4",
            description = "of the weights (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double decay;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            defaultValue = "0",
            description = "greatest norm of the gradient; 0 for any (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double clip;

    @Option(
            names = "--ema-decay",
            paramLabel = "D",
            defaultValue = "0",
            description =
                    "of a moving average of the weights and of the statistics of batch normalisation, which is what is kept then; 0 for none (default: ${DEFAULT-VALUE})")
    @Within(min = 0, below = 1)
    private double emaDecay;

    @Option(
            names = "--augment",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "crop,flip",
            description =
                    "how images are changed at random: none, or some of crop and flip (default: ${DEFAULT-VALUE})")
    private List<String> augment = List.of();

    @Option(
            names = "--mix",
            paramLabel = "NAME",
            defaultValue = "none",
            description = "none, mixup or cutmix (default: ${DEFAULT-VALUE})")
    private String mix = "none";

    @Option(
            names = "--mix-alpha",
            paramLabel = "A",
            defaultValue = "1",
            description = "of --mix: shares are drawn from Beta(A, A) (default: ${DEFAULT-VALUE})")
    @Within(above = 0)
    private double mixAlpha;

    @Option(
            names = "--label-smoothing",
            paramLabel = "E",
            defaultValue = "0",
            description =
                    "the share of an image's label that is spread over all classes, in the loss of the set's images (default: ${DEFAULT-VALUE})")
    @Within(min = 0, below = 1)
    private double smoothing;

    @Mixin
    private DecayOptions falling;

    @Option(
            names = "--patience",
            paramLabel = "E",
            defaultValue = "0",
            description =
                    "epochs without a more accurate one on --validation after which the training ends; 0 for none (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int patience;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    StudentTrainingOptions() {}

    /** The seed. */
    public long seed() {
        return seed;
    }

    /**
     * How it is trained; options that have no effect are refused.
     *
     * @param loss what the student is to make small
     */
    public StudentTraining training(GivenOptions given, StudentLoss loss) {
        Method method = loss.method();
        Misuse.unlessOneOf("--optimizer", optimizer, StudentTraining.OPTIMIZERS);
        Misuse.unlessOneOf("--mix", mix, StudentTraining.MIXTURES);
        augment.forEach(a -> Misuse.unlessOneOf("--augment", a, StudentTraining.AUGMENTATIONS));
        Once.check("--augment", augment);
        if (augment.contains("none") && augment.size() > 1) {
            throw new Misuse("--augment: 'none' stands alone");
        }
        if (!method.paired()) {
            given.refuse("the method learns from no pairs", "--pairs");
        }
        if (!optimizer.equals("sgd")) {
            given.refuse("the optimizer is " + optimizer, "--momentum", "--nesterov");
        }
        if (optimizer.equals("sgd") && momentum == 0) {
            given.refuse("--momentum is 0", "--nesterov");
        }
        if (warmup > epochs) {
            throw new Misuse("--warmup: %s; at most the %d of --epochs are needed".formatted(warmup, epochs));
        }
        if (method == Method.PGD_AT && !mix.equals("none")) {
            throw new Misuse("--mix: pgd-at attacks images by their one label; mixed images have two");
        }
        if (mix.equals("none")) {
            given.refuse("nothing is mixed", "--mix-alpha");
        }
        int of = pairs != null ? pairs : StudentTraining.pairsBeside(batch);
        int fewest = loss.fewestPairs();
        if (of < fewest) {
            throw new Misuse("--pairs: %d%s; the distance %s needs at least %d"
                    .formatted(
                            of,
                            pairs != null ? "" : ", half of --batch",
                            loss.kind().id(),
                            fewest));
        }
        if (loss.hintEpochs() > 0 && loss.hintEpochs() >= epochs) {
            throw new Misuse(
                    "--hint-epochs: %d; fewer than the %d of --epochs are needed: labels are learned after them"
                            .formatted(loss.hintEpochs(), epochs));
        }
        return new StudentTraining(
                epochs,
                batch,
                of,
                rate,
                warmup,
                optimizer,
                momentum,
                nesterov,
                decay,
                clip,
                emaDecay,
                augment,
                mix,
                mixAlpha,
                seed,
                smoothing,
                falling.decay(given),
                patience);
    }
}
