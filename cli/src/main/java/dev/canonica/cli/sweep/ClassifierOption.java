package dev.canonica.cli.sweep;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.evaluate.ClassifierJudge;
import dev.canonica.clarid.sweep.Judge;
import dev.canonica.cli.attack.AttackModel;
import dev.canonica.cli.option.ModelClasses;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A classifier that says how much of the class is left. */
public final class ClassifierOption {
    @Option(
            names = "--classifier",
            paramLabel = "DIR",
            description = "a classifier, such as distill's last/, which says how much of the class is left in an image")
    private @Nullable Path classifier;

    /** The defaults; picocli sets what the command line gives. */
    public ClassifierOption() {}

    /**
     * The judge of a set's images; none where no classifier was given.
     *
     * @param description gets the classifier and its weights
     */
    public Judge judge(ImageSet set, Map<String, String> description) {
        Path dir = classifier;
        if (dir == null) {
            return Judge.NONE;
        }
        AttackModel read = read(dir, set.channels(), "those of the set", description);
        return new ClassifierJudge(
                read.victim(),
                ModelClasses.of(
                        set,
                        null,
                        ModelDirectory.classNames(dir),
                        read.classifier().classes()));
    }

    /** The classifier in a folder, of images of so many channels, such as those of the set. */
    private static AttackModel read(Path dir, int channels, String whose, Map<String, String> description) {
        AttackModel read = AttackModel.read(dir);
        if (read.classifier().channels() != channels) {
            throw new ModelException("--classifier: %s: takes images of %d channels; %s have %d"
                    .formatted(dir, read.classifier().channels(), whose, channels));
        }
        description.put("classifier", dir.toString());
        description.put("classifier's weights", ModelDigest.of(dir));
        return read;
    }

    /**
     * A classifier of the classes of a diffusion model.
     *
     * @param model the folder of the diffusion model, which has so many {@code classes}
     * @param description gets the classifier and its weights
     */
    public static Victim ofClasses(Path dir, Path model, int channels, int classes, Map<String, String> description) {
        AttackModel read = read(dir, channels, "those of the diffusion model", description);
        if (read.classifier().classes() != classes) {
            throw new ModelException("--classifier: %s: has %d classes; the diffusion model has %d"
                    .formatted(dir, read.classifier().classes(), classes));
        }
        List<String> own = ModelDirectory.classNames(dir);
        List<String> names = ModelDirectory.classNames(model);
        if (!ModelClasses.same(own, names)) {
            throw new ModelException("--classifier: %s: its classes are %s; those of the diffusion model %s"
                    .formatted(dir, String.join(", ", own), String.join(", ", names)));
        }
        return read.victim();
    }
}
