package dev.canonica.cadistill.experiment;

import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Students on Scenes with a known confounder: class c has background family c with probability ρ where they learn, and never in the swapped test. Who relies on
 * backgrounds is worse there. Or on CIFAR-10, where nothing of the kind is known. All kinds of students have the same images, network, steps and learning rate, the
 * last epoch's weights are tested, and nothing was searched for.
 *
 * <pre>
 *   settings.json                                  scale, teacher, code's constants; another experiment is refused
 *   SUBJECT/settings.json                          the contents of the sets; others are refused. SUBJECT is rho-R or cifar10
 *   SUBJECT/teacher/                               the teacher, where it learns from the students' images
 *   SUBJECT/extraction/                            canonical samples and features of a share of the images
 *   SUBJECT/extraction-NAME/                       the same, made in another way
 *   SUBJECT/KIND/seed-S/                           a student's training, and answers.npz: its answers to the tests
 *   results.json, results.csv, report.html
 * </pre>
 */
public final class CadistillExperiment {
    /** Of corruptions. */
    private static final int SEVERITY = 3;

    /** Of attacks, in steps of 1/255. */
    private static final int[] EPS = {2, 4, 8};

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
            case Teacher.Shipped(Path folder) -> withTeacher(all, folder);
            case Teacher.Given(Path folder) -> withTeacher(all, folder);
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
                .with("student", SmallImages.classifier(scale.width()).toMap().toString())
                .with("epochs", scale.epochs())
                .with("batch", scale.batch())
                .with("rate", SmallImages.RATE)
                .with("seeds", scale.seeds())
                .with("data", scale.data())
                .with("rhos", scale.rhos().stream().map(String::valueOf).toList())
                .with("students", scale.kinds())
                .with("layer", Teaching.STANDARD.layer())
                .with("te", SmallImages.TE)
                .with("tr", SmallImages.TR)
                .with("steps", scale.samplerSteps())
                .with("tolerance", SmallImages.TOLERANCE)
                .with("guidance of cfg", Arm.GUIDANCE)
                .with("gamma of shrunk", Arm.SHRUNK)
                .with("strength of local-soft", Arm.STRENGTH)
                .with("device", Device.byDefault().toString())
                .mayChange("teacher", "seeds", "rhos", "students", "device");
    }

    private static Settings withTeacher(Settings all, Path folder) {
        return all.with("teacher", folder.toString()).with("teacher's weights", ModelDigest.of(folder));
    }

    /** Does what is missing, and makes results and page of all. */
    public void run() {
        Settings settings = settings();
        checkTeacher();
        scale.subjects().forEach(this::checkSets);
        try (RunFolder _ = RunFolder.claim(out, "experiment on students", settings)) {
            List<Outcomes> all = new ArrayList<>();
            for (Subject subject : scale.subjects()) {
                all.addAll(run(subject));
            }
            AtomicFiles.write(
                    out.resolve("results.json"),
                    JsonText.write(
                            Map.of("outcomes", all.stream().map(Outcomes::toMap).toList())));
            AtomicFiles.write(out.resolve("results.csv"), ExperimentPage.csv(all));
            ExperimentPage.write(scale, teacher, all, settings, command, out.resolve("report.html"));
        }
    }

    /** One that is to be trained learns from a batch of the students' images at least. */
    private void checkTeacher() {
        if (scale.asksTeacher() && teacher.folder().isEmpty() && scale.images() < Teacher.BATCH) {
            throw new ModelException("experiment: %d images to learn from; a teacher of them needs %d at least"
                    .formatted(scale.images(), Teacher.BATCH));
        }
    }

    /** Opens the sets, so that what there is too little of is refused before anything is written. */
    private void checkSets(Subject subject) {
        try (ImageSet learned = subject.learned(sets, scale.images())) {
            teacher.folder()
                    .filter(_ -> scale.asksTeacher())
                    .ifPresent(folder -> TeachersSide.check(folder, scale, learned));
        }
        subject.course(sets, scale.images()).close();
        subject.tests(sets, scale.tested()).values().forEach(ImageSet::close);
    }

    private List<Outcomes> run(Subject subject) {
        Path folder = out.resolve(subject.folder());
        Map<String, ImageSet> tests = subject.tests(sets, scale.tested());
        try (ImageSet learned = subject.learned(sets, scale.images());
                ImageSet course = subject.course(sets, scale.images())) {
            TrainingData images = SmallImages.read(learned);
            TrainingData during = SmallImages.read(course);
            Map<String, TrainingData> tested = new LinkedHashMap<>();
            tests.forEach((name, set) -> tested.put(name, SmallImages.read(set)));
            Settings contents = Settings.NONE
                    .with("images that are learned from", images.digest())
                    .with("images of the course", during.digest());
            for (Map.Entry<String, TrainingData> test : tested.entrySet()) {
                contents = contents.with(
                        "images of the " + test.getKey().replace('-', ' '),
                        test.getValue().digest());
            }
            try (RunFolder _ = RunFolder.claim(folder, "students of one subject", contents)) {
                return new Students(
                                scale,
                                subject,
                                folder,
                                new TeachersSide(scale, teacher, sets, images, subject, folder, told),
                                new Students.Material(
                                        learned, images, during, trials(tests, tested), backgrounds(subject, tests)),
                                told)
                        .outcomes();
            }
        } finally {
            tests.values().forEach(ImageSet::close);
        }
    }

    private List<Trial> trials(Map<String, ImageSet> tests, Map<String, TrainingData> tested) {
        List<Trial> all = new ArrayList<>();
        tested.forEach((name, data) -> all.add(new Trial.Shown(name, data.images())));
        ImageSet test = Objects.requireNonNull(tests.get(Subject.TEST));
        ImageSource shown = Objects.requireNonNull(tested.get(Subject.TEST)).images();
        int attacked = scale.attackedImages();
        all.add(new Trial.Shown("corrupted", new CorruptedImages(test, attacked, SEVERITY)));
        for (int eps : EPS) {
            all.add(new Trial.Attacked(
                    "%s %d/255".formatted(scale.attack(), eps), shown, scale.attack(), eps / 255.0, attacked));
        }
        return all;
    }

    /** Which images of the test have each background family that any has; empty where that is not known. */
    private static Map<String, int[]> backgrounds(Subject subject, Map<String, ImageSet> tests) {
        Map<String, int[]> images = new LinkedHashMap<>();
        if (subject.masks() && tests.get(Subject.TEST) instanceof MaskedImageSet test) {
            int[] of = IntStream.range(0, test.size()).map(test::background).toArray();
            for (int family : Arrays.stream(of).sorted().distinct().toArray()) {
                images.put(
                        test.backgrounds().get(family),
                        IntStream.range(0, of.length)
                                .filter(i -> of[i] == family)
                                .toArray());
            }
        }
        return images;
    }
}
