package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.LatentDecoder;
import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentSettings;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.data.run.RunSettings;
import dev.canonica.data.set.ImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.TrainingException;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.io.Settings;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** The students of one subject: trained where they are missing, tested, and compared with vanilla ones. */
final class Students {
    private static final String INITIAL = "random";

    private final Scale scale;
    private final Subject subject;
    private final Path folder;
    private final TeachersSide side;
    private final Material material;
    private final Consumer<String> told;

    /**
     * What they learn from and are tested on.
     *
     * @param learned the images that they learn from
     * @param images the same, read
     * @param course what the course of a training is measured on
     * @param tests what they are asked
     * @param backgrounds which images of the test have each background family; empty where that is not known
     */
    record Material(
            ImageSet learned,
            TrainingData images,
            TrainingData course,
            List<Trial> tests,
            Map<String, int[]> backgrounds) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Those of a subject.
     *
     * @param folder where each is kept
     * @param side what makes their companions
     * @param told of each that is begun
     */
    Students(Scale scale, Subject subject, Path folder, TeachersSide side, Material material, Consumer<String> told) {
        this.scale = scale;
        this.subject = subject;
        this.folder = folder;
        this.side = side;
        this.material = material;
        this.told = told;
    }

    /** Every kind and measure. */
    List<Outcomes> outcomes() {
        Map<Arm, Measured> measured = new LinkedHashMap<>();
        for (Arm arm : scale.arms()) {
            Canonical canonical = new Canonical(arm);
            List<Answers> ofArm = new ArrayList<>();
            for (int seed = 0; seed < scale.seeds(); seed++) {
                ofArm.add(answers(arm, seed, canonical));
            }
            measured.put(arm, Measured.of(ofArm, material.tests(), material.backgrounds()));
        }
        List<Outcomes> all = new ArrayList<>();
        Measured vanilla = Objects.requireNonNull(measured.get(Arm.VANILLA));
        measured.forEach((arm, own) ->
                all.addAll(own.outcomes(subject, arm, vanilla, arm.control().map(measured::get))));
        return all;
    }

    /** Companions, made when a student first needs them. */
    private final class Canonical {
        private final Arm arm;
        private Optional<CanonicalSet> made = Optional.empty();

        Canonical(Arm arm) {
            this.arm = arm;
        }

        Optional<CanonicalSet> get() {
            if (made.isEmpty()) {
                made = arm.choice(scale.share()).map(c -> {
                    StoredExtraction stored = side.of(arm.teaching());
                    return CanonicalSet.read(stored, material.learned(), c, () -> LatentDecoder.of(stored));
                });
            }
            return made;
        }
    }

    private Answers answers(Arm arm, int seed, Canonical canonical) {
        Path of = folder.resolve(arm.name()).resolve("seed-" + seed);
        Path file = of.resolve("answers.npz");
        ResNet student = ResNet.initialised(SmallImages.classifier(scale.width()), seed);
        StudentTraining training = StudentTraining.of(scale.epochs(), scale.batch(), SmallImages.RATE, seed);
        if (Files.exists(file)) {
            checkAnswered(
                    file,
                    StudentSettings.withoutCompanions(
                            student, arm.loss(), training, material.images(), material.course(), INITIAL));
            return Answers.read(file, material.tests());
        }
        String title = "%s: %s, seed %d".formatted(subject.title(), arm.name(), seed);
        told.accept(title);
        StudentRun run = new StudentRun(
                student,
                arm.loss(),
                training,
                Optional.empty(),
                canonical.get(),
                material.images().images(),
                material.course().images(),
                material.learned().classes(),
                of);
        Settings settings = StudentSettings.of(
                run,
                material.images(),
                material.course(),
                arm.companions().map(c -> c.title()).orElse("none"),
                INITIAL,
                Optional.empty());
        try {
            run.run(settings, Cadence.every(Duration.ofMinutes(1)), new TrainingRun.Listener() {});
        } catch (TrainingException e) {
            throw new TrainingException(title + ": " + e.getMessage(), e);
        }
        Answers answers = Answers.of(
                ModelDirectory.classifier(of.resolve(StudentRun.LAST), DType.F32, ResNet.class), material.tests());
        answers.write(file);
        return answers;
    }

    /** Answers whose student was trained otherwise, as by another version's weights of losses, are none of this experiment's. Where settings are not kept beside them they are taken as they are. */
    private static void checkAnswered(Path file, Settings settings) {
        Path folder = Objects.requireNonNull(file.getParent());
        RunSettings.read(folder).map(RunSettings::fixed).ifPresent(stored -> {
            Map<String, Object> asked = new LinkedHashMap<>(stored);
            asked.keySet().retainAll(settings.values().keySet());
            List<Settings.Difference> differences = settings.since(Settings.stored(asked));
            if (!differences.isEmpty()) {
                throw new ModelException(
                        "%s: of a student that was trained otherwise: %s; delete %s and it is trained again"
                                .formatted(file, Settings.Difference.sentences(differences), folder));
            }
        });
    }
}
