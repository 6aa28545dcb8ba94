package dev.canonica.cli.option;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.Companions;
import dev.canonica.cadistill.student.FeatureForm;
import dev.canonica.cadistill.student.LatentDecoder;
import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a student learns from beside its images. */
public final class TeacherOptions {
    @Option(
            names = "--extraction",
            paramLabel = "DIR",
            description = "what canonica extract made of images of --data: for all methods with pairs")
    private @Nullable Path extraction;

    @Option(
            names = "--share",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description =
                    "the share of the images that have companions, drawn class by class (default: ${DEFAULT-VALUE})")
    @Within(above = 0, max = 1)
    private double share;

    @Option(
            names = "--companions",
            paramLabel = "NAME",
            description =
                    "what stands beside an image: canonical, guided, shrunk, repeated or masked (default: canonical; cfg: guided)")
    private @Nullable String companions;

    @Option(
            names = "--cfg-scale",
            paramLabel = "W",
            defaultValue = "4",
            description = "guidance of guided companions (default: ${DEFAULT-VALUE})")
    @Within(above = 1)
    private double scale;

    @Option(
            names = "--shrink",
            paramLabel = "G",
            defaultValue = "0.8",
            description = "what latents of shrunk companions are multiplied by (default: ${DEFAULT-VALUE})")
    @Within(above = 0, below = 1)
    private double shrink;

    @Option(
            names = "--features",
            paramLabel = "mean|tokens",
            defaultValue = "mean",
            description =
                    "the teacher's features: their mean over places, or all brought down to principal components (default: ${DEFAULT-VALUE})")
    private String features = "mean";

    @Option(
            names = "--feature-rank",
            paramLabel = "N",
            defaultValue = "64",
            description = "of --features tokens: how many principal components (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int rank;

    @Option(
            names = "--teacher",
            paramLabel = "DIR",
            description = "kd: a classifier (ResNet) whose answers are learned from")
    private @Nullable Path teacher;

    TeacherOptions() {}

    /** Refuses options without effect, and misses those that are needed. */
    public void check(GivenOptions given, StudentLoss loss) {
        Method method = loss.method();
        String why = "the method is " + method.id();
        if (!method.paired()) {
            given.refuse(why, "--extraction", "--share", "--features", "--feature-rank");
        } else if (extraction == null) {
            throw new Misuse("--extraction: is needed: " + method.id() + " learns from what canonica extract makes");
        }
        if (!method.canonical()) {
            given.refuse(why, "--companions", "--cfg-scale", "--shrink");
        }
        if (method == Method.AT) {
            given.refuse("at learns where features are strong", "--features", "--feature-rank");
        }
        if (method.paired() && !loss.takesFeatures()) {
            given.refuse("no term of the loss has a weight that takes features", "--features", "--feature-rank");
        }
        Misuse.unlessOneOf("--features", features, List.of("mean", "tokens"));
        if (features.equals("mean")) {
            given.refuse("--features are their mean", "--feature-rank");
        }
        Misuse.unlessOneOf("--companions", companions, Companions.NAMES);
        Companions of = companions(method);
        if (method == Method.CFG && !(of instanceof Companions.Guided)) {
            throw new Misuse("--companions: those of cfg are guided; cadistill takes others");
        }
        if (!(of instanceof Companions.Guided)) {
            given.refuse("companions are " + of.title(), "--cfg-scale");
        }
        if (!(of instanceof Companions.Shrunk)) {
            given.refuse("companions are " + of.title(), "--shrink");
        }
        if (method != Method.KD) {
            given.refuse(why, "--teacher");
        } else if (teacher == null) {
            throw new Misuse("--teacher: is needed: kd learns from the answers of a classifier");
        }
    }

    private Companions companions(Method method) {
        String name = companions != null ? companions : method == Method.CFG ? "guided" : "canonical";
        return Companions.of(name, scale, shrink);
    }

    /**
     * The companions and features for a method; empty if it needs none.
     *
     * @param given a number of components that was asked for has to be had; as many as there are are taken of the default
     */
    public Optional<CanonicalSet> canonical(GivenOptions given, Method method, ImageSet set, long seed) {
        if (extraction == null || !method.paired()) {
            return Optional.empty();
        }
        StoredExtraction stored = StoredExtraction.open(extraction);
        FeatureForm form = method == Method.AT
                ? FeatureForm.MAP
                : features.equals("tokens") ? FeatureForm.TOKENS : FeatureForm.MEAN;
        CanonicalSet.Choice choice =
                new CanonicalSet.Choice(share, seed, companions(method), form, rank, !method.canonical());
        CanonicalSet read = CanonicalSet.read(stored, set, choice, () -> LatentDecoder.of(stored));
        int components = read.featureShape().dim(0);
        if (given.has("--feature-rank") && rank > components) {
            throw new Misuse("--feature-rank: %d: the features of %d images have %d principal components"
                    .formatted(rank, read.size(), components));
        }
        return Optional.of(read);
    }

    /** What a setting says of it. */
    public String title(Method method) {
        return companions(method).title();
    }

    /** The folder of the classifier of kd. */
    public Optional<Path> teacher() {
        return Optional.ofNullable(teacher);
    }

    /**
     * The classifier of kd.
     *
     * @param classes what those of the images are called: answers are learned from class by class
     */
    public Optional<ImageClassifier> classifier(List<String> classes) {
        Optional<ImageClassifier> read = teacher().map(folder -> ImageClassifier.read(folder, DType.F32));
        read.map(ImageClassifier::classes)
                .filter(own -> ModelClasses.clash(own, classes))
                .ifPresent(own -> {
                    throw new ModelException("--teacher %s: its classes are %s; those of the images %s"
                            .formatted(teacher, String.join(", ", own), String.join(", ", classes)));
                });
        return read;
    }
}
