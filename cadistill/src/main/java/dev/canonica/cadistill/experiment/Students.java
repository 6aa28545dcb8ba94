package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.LatentDecoder;
import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentSettings;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.data.set.ImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The students of one subject: trained where they are missing, tested, and compared with vanilla ones. */
final class Students {
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
     * @param backgrounds the background family of each image of the first test, where they are known
     */
    record Material(
            ImageSet learned,
            TrainingData images,
            TrainingData course,
            List<Trial> tests,
            Optional<List<Integer>> backgrounds) {}

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
        Map<Arm, List<Answers>> answers = new LinkedHashMap<>();
        for (Arm arm : scale.arms()) {
            Canonical canonical = new Canonical(arm);
            List<Answers> ofArm = new ArrayList<>();
            for (int seed = 0; seed < scale.seeds(); seed++) {
                ofArm.add(answers(arm, seed, canonical));
            }
            answers.put(arm, ofArm);
        }
        Map<Arm, Map<String, double[]>> numbers = new LinkedHashMap<>();
        answers.forEach((arm, own) -> numbers.put(arm, numbers(own)));
        List<Outcomes> all = new ArrayList<>();
        answers.keySet().forEach(arm -> all.addAll(outcomes(arm, answers, numbers)));
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
        if (Files.exists(file)) {
            return Answers.read(file, material.tests());
        }
        told.accept("%s: %s, seed %d".formatted(subject.title(), arm.name(), seed));
        ResNet student = ResNet.initialised(SmallImages.classifier(scale.width()), seed);
        StudentTraining training = StudentTraining.of(scale.epochs(), scale.batch(), SmallImages.RATE, seed);
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
                "random",
                Optional.empty());
        run.run(settings, Cadence.every(Duration.ofMinutes(1)), new TrainingRun.Listener() {});
        Answers answers = Answers.of(
                ModelDirectory.classifier(of.resolve(StudentRun.LAST), DType.F32, ResNet.class), material.tests());
        answers.write(file);
        return answers;
    }

    private List<Outcomes> outcomes(Arm arm, Map<Arm, List<Answers>> answers, Map<Arm, Map<String, double[]>> numbers) {
        List<Answers> own = Objects.requireNonNull(answers.get(arm));
        List<Answers> vanilla = Objects.requireNonNull(answers.get(Arm.VANILLA));
        Map<String, double[]> others = Objects.requireNonNull(numbers.get(Arm.VANILLA));
        Map<String, double[]> controls = arm.control().map(numbers::get).orElse(Map.of());
        List<Outcomes> all = new ArrayList<>();
        Set<String> shares = new HashSet<>();
        for (Trial trial : material.tests()) {
            String name = trial.name();
            List<boolean[]> right = own.stream().map(a -> a.of(name)).toList();
            List<boolean[]> other = vanilla.stream().map(a -> a.of(name)).toList();
            all.add(Outcomes.ofShares(subject, arm, name, right, other, controls.get(name)));
            shares.add(name);
        }
        Objects.requireNonNull(numbers.get(arm)).forEach((name, values) -> {
            if (!shares.contains(name)) {
                double[] other = Objects.requireNonNull(others.get(name));
                all.add(Outcomes.ofNumbers(subject, arm, name, values, other, controls.get(name)));
            }
        });
        return all;
    }

    /** Every measure, by seed. */
    private Map<String, double[]> numbers(List<Answers> of) {
        Map<String, double[]> numbers = new LinkedHashMap<>();
        for (Trial trial : material.tests()) {
            numbers.put(
                    trial.name(),
                    Outcomes.shares(of.stream().map(a -> a.of(trial.name())).toList()));
        }
        if (numbers.containsKey(Subject.SWAPPED)) {
            numbers.put("gap", gap(numbers));
        }
        material.backgrounds().ifPresent(families -> numbers.put("worst background", worst(of, families)));
        return numbers;
    }

    /** By how much accuracy falls where the class never has its background. */
    private static double[] gap(Map<String, double[]> shares) {
        double[] test = Objects.requireNonNull(shares.get(Subject.TEST));
        double[] swapped = Objects.requireNonNull(shares.get(Subject.SWAPPED));
        double[] gap = new double[test.length];
        Arrays.setAll(gap, i -> test[i] - swapped[i]);
        return gap;
    }

    /** By seed, the accuracy on the test's images of that background family on which it is least. */
    private static double[] worst(List<Answers> all, List<Integer> backgrounds) {
        int families = backgrounds.stream().max(Integer::compare).orElse(-1) + 1;
        return all.stream()
                .mapToDouble(a -> {
                    boolean[] right = a.of(Subject.TEST);
                    int[] count = new int[families];
                    int[] correct = new int[families];
                    for (int i = 0; i < right.length; i++) {
                        int family = backgrounds.get(i);
                        count[family]++;
                        correct[family] += right[i] ? 1 : 0;
                    }
                    return IntStream.range(0, families)
                            .filter(f -> count[f] > 0)
                            .mapToDouble(f -> (double) correct[f] / count[f])
                            .min()
                            .orElse(1);
                })
                .toArray();
    }
}
