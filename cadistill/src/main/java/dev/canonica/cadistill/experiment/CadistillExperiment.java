package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.LatentDecoder;
import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentSettings;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Students on Scenes with a known confounder: class c has background family c with probability ρ where they learn, and never in the swapped test. Who relies on
 * backgrounds is worse there. All kinds of students have the same images, network, steps and learning rate, the last epoch's weights are tested, and nothing was
 * searched for.
 *
 * <pre>
 *   settings.json                                  scale, teacher, code's constants; another experiment is refused
 *   rho-R/settings.json                            the contents of the sets; others are refused
 *   rho-R/teacher/                                 the teacher, where it learns from the students' images
 *   rho-R/extraction/                              canonical samples and features of a share of the images
 *   rho-R/extraction-NAME/                         the same, made in another way
 *   rho-R/KIND/seed-S/                             a student's training, and answers.npz: its answers to the tests
 *   results.json, results.csv, report.html
 * </pre>
 */
public final class CadistillExperiment {
    /** Of corruptions. */
    private static final int SEVERITY = 3;

    /** Of attacks, in steps of 1/255. */
    private static final int[] EPS = {2, 4, 8};

    private static final String TEST = "test";
    private static final String SWAPPED = "swapped-test";

    private final Scale scale;
    private final Teacher teacher;
    private final Function<String, ImageSet> sets;
    private final Path out;
    private final String command;
    private final Consumer<String> told;

    /**
     * An experiment.
     *
     * @param teacher what makes the companions
     * @param sets opens a set by its name
     * @param command the command line that repeats it
     * @param told of each thing that is begun
     */
    public CadistillExperiment(
            Scale scale,
            Teacher teacher,
            Function<String, ImageSet> sets,
            Path out,
            String command,
            Consumer<String> told) {
        this.scale = scale;
        this.teacher = teacher;
        this.sets = sets;
        this.out = out;
        this.command = command;
        this.told = told;
    }

    private Settings settings() {
        Settings all = Settings.NONE.with("scale", scale.id());
        all = switch (teacher) {
            case Teacher.Given(Path folder) ->
                all.with("teacher", folder.toString()).with("teacher's weights", ModelDigest.of(folder));
            case Teacher.OfStudentsImages(long images) ->
                all.with("teacher", "trained on the students' images").with("teacher's training, images", images);
        };
        return all.with("images", scale.images())
                .with("images with companions", scale.companions())
                .with("tested", scale.tested())
                .with("corrupted and attacked", scale.attacked())
                .with("severity of corruptions", SEVERITY)
                .with("attack", scale.attack())
                .with("eps of attacks, of 255", Arrays.toString(EPS))
                .with("student", OnScenes.classifier(scale.width()).toMap().toString())
                .with("epochs", scale.epochs())
                .with("batch", scale.batch())
                .with("rate", OnScenes.RATE)
                .with("seeds", scale.seeds())
                .with("rhos", scale.rhos().stream().map(String::valueOf).toList())
                .with("students", scale.kinds())
                .with("layer", Teaching.STANDARD.layer())
                .with("te", OnScenes.TE)
                .with("tr", OnScenes.TR)
                .with("steps", scale.samplerSteps())
                .with("tolerance", OnScenes.TOLERANCE)
                .with("guidance of cfg", Arm.GUIDANCE)
                .with("gamma of shrunk", Arm.SHRUNK)
                .with("strength of local-soft", Arm.STRENGTH)
                .with("device", Device.byDefault().toString())
                .mayChange("teacher", "seeds", "rhos", "students", "device");
    }

    /** Does what is missing, and makes results and page of all. */
    public void run() {
        Settings settings = settings();
        try (RunFolder _ = RunFolder.claim(out, "experiment on students", settings)) {
            List<Outcomes> all = new ArrayList<>();
            for (double rho : scale.rhos()) {
                all.addAll(run(rho));
            }
            AtomicFiles.write(
                    out.resolve("results.json"),
                    JsonText.write(
                            Map.of("outcomes", all.stream().map(Outcomes::toMap).toList())));
            AtomicFiles.write(out.resolve("results.csv"), ExperimentPage.csv(all));
            ExperimentPage.write(scale, all, settings, command, out.resolve("report.html"));
        }
    }

    private List<Outcomes> run(double rho) {
        Path folder = out.resolve("rho-" + rho);
        try (ImageSet learned = sets.apply("scenes:biased-train?rho=%s&size=%d".formatted(rho, scale.images()));
                ImageSet test = sets.apply("scenes:test?size=" + scale.tested());
                ImageSet swapped = sets.apply("scenes:swapped-test?size=" + scale.tested());
                ImageSet course = sets.apply("scenes:train?seed=1&size=" + OnScenes.COURSE)) {
            TrainingData images = OnScenes.read(learned);
            TrainingData during = OnScenes.read(course);
            TrainingData tested = OnScenes.read(test);
            TrainingData moved = OnScenes.read(swapped);
            Settings contents = Settings.NONE
                    .with("images that are learned from", images.digest())
                    .with("images of the course", during.digest())
                    .with("images of the test", tested.digest())
                    .with("images of the swapped test", moved.digest());
            try (RunFolder _ = RunFolder.claim(folder, "students of one confounder", contents)) {
                TeachersSide made = new TeachersSide(scale, teacher, sets, images, rho, folder, told);
                return new Students(
                                rho,
                                folder,
                                made,
                                learned,
                                images,
                                during,
                                trials(test, tested.images(), moved.images()),
                                (MaskedImageSet) test)
                        .outcomes();
            }
        }
    }

    private List<Trial> trials(ImageSet test, ImageSource shown, ImageSource swapped) {
        int attacked = Math.min(scale.attacked(), test.size());
        List<Trial> all = new ArrayList<>();
        all.add(new Trial.Shown(TEST, shown));
        all.add(new Trial.Shown(SWAPPED, swapped));
        all.add(new Trial.Shown("corrupted", new CorruptedImages(test, attacked, SEVERITY)));
        for (int eps : EPS) {
            all.add(new Trial.Attacked(
                    "%s %d/255".formatted(scale.attack(), eps), shown, scale.attack(), eps / 255.0, attacked));
        }
        return all;
    }

    /** The students of one strength of the confounder. */
    private final class Students {
        private final double rho;
        private final Path folder;
        private final TeachersSide side;
        private final ImageSet learned;
        private final TrainingData images;
        private final TrainingData course;
        private final List<Trial> tests;
        private final MaskedImageSet test;

        Students(
                double rho,
                Path folder,
                TeachersSide side,
                ImageSet learned,
                TrainingData images,
                TrainingData course,
                List<Trial> tests,
                MaskedImageSet test) {
            this.rho = rho;
            this.folder = folder;
            this.side = side;
            this.learned = learned;
            this.images = images;
            this.course = course;
            this.tests = tests;
            this.test = test;
        }

        List<Outcomes> outcomes() {
            Map<Arm, List<Answers>> answers = new LinkedHashMap<>();
            for (Arm arm : scale.arms()) {
                Canonical canonical = new Canonical(arm);
                List<Answers> ofArm = new ArrayList<>();
                for (int seed = 0; seed < scale.seeds(); seed++) {
                    ofArm.add(answers(arm, seed, canonical));
                }
                answers.put(arm, ofArm);
            }
            List<Answers> vanilla = Objects.requireNonNull(answers.get(Arm.VANILLA));
            List<Outcomes> all = new ArrayList<>();
            answers.forEach((arm, own) -> all.addAll(outcomes(arm, own, vanilla)));
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
                        return CanonicalSet.read(stored, learned, c, () -> LatentDecoder.of(stored));
                    });
                }
                return made;
            }
        }

        private Answers answers(Arm arm, int seed, Canonical canonical) {
            Path of = folder.resolve(arm.name()).resolve("seed-" + seed);
            Path file = of.resolve("answers.npz");
            if (Files.exists(file)) {
                return Answers.read(file, tests);
            }
            told.accept("rho %s: %s, seed %d".formatted(rho, arm.name(), seed));
            ResNet student = ResNet.initialised(OnScenes.classifier(scale.width()), seed);
            StudentTraining training = StudentTraining.of(scale.epochs(), scale.batch(), OnScenes.RATE, seed);
            StudentRun run = new StudentRun(
                    student,
                    arm.loss(),
                    training,
                    Optional.empty(),
                    canonical.get(),
                    images.images(),
                    course.images(),
                    learned.classes(),
                    of);
            Settings settings = StudentSettings.of(
                    run,
                    images,
                    course,
                    arm.companions().map(c -> c.title()).orElse("none"),
                    "random",
                    Optional.empty());
            run.run(settings, Cadence.every(Duration.ofMinutes(1)), new TrainingRun.Listener() {});
            Answers answers = Answers.of(
                    ModelDirectory.classifier(of.resolve(StudentRun.LAST), DType.F32)
                            .map(ResNet.class::cast)
                            .orElseThrow(),
                    tests);
            answers.write(file);
            return answers;
        }

        private List<Outcomes> outcomes(Arm arm, List<Answers> own, List<Answers> vanilla) {
            List<Outcomes> all = new ArrayList<>();
            Map<String, double[]> shares = new LinkedHashMap<>();
            Map<String, double[]> others = new LinkedHashMap<>();
            for (Trial trial : tests) {
                String name = trial.name();
                List<boolean[]> right = own.stream().map(a -> a.of(name)).toList();
                List<boolean[]> other = vanilla.stream().map(a -> a.of(name)).toList();
                all.add(Outcomes.ofShares(rho, arm, name, right, other));
                shares.put(name, Outcomes.shares(right));
                others.put(name, Outcomes.shares(other));
            }
            all.add(Outcomes.ofNumbers(rho, arm, "gap", gap(shares), gap(others)));
            all.add(Outcomes.ofNumbers(rho, arm, "worst background", worst(own), worst(vanilla)));
            return all;
        }

        /** By how much accuracy falls where the class never has its background. */
        private static double[] gap(Map<String, double[]> shares) {
            double[] test = Objects.requireNonNull(shares.get(TEST));
            double[] swapped = Objects.requireNonNull(shares.get(SWAPPED));
            double[] gap = new double[test.length];
            Arrays.setAll(gap, i -> test[i] - swapped[i]);
            return gap;
        }

        /** The accuracy on the test's images of that background family on which it is least. */
        private double[] worst(List<Answers> all) {
            return all.stream()
                    .mapToDouble(a -> {
                        boolean[] right = a.of(TEST);
                        int families = test.backgrounds().size();
                        int[] count = new int[families];
                        int[] correct = new int[families];
                        for (int i = 0; i < right.length; i++) {
                            int family = test.background(i);
                            count[family]++;
                            correct[family] += right[i] ? 1 : 0;
                        }
                        double worst = 1;
                        for (int f = 0; f < families; f++) {
                            worst = count[f] == 0 ? worst : Math.min(worst, (double) correct[f] / count[f]);
                        }
                        return worst;
                    })
                    .toArray();
        }
    }
}
