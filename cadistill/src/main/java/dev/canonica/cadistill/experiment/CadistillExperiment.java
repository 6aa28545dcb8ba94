package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.HeldImages;
import dev.canonica.cadistill.student.LatentDecoder;
import dev.canonica.cadistill.student.StoredExtraction;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentSettings;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.study.Extraction;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
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
 *   rho-R/extraction/                              canonical samples and features of a share of the images
 *   rho-R/KIND/seed-S/                             a student's training, and answers.npz: its answers to the tests
 *   results.json, results.csv, report.html
 * </pre>
 */
public final class CadistillExperiment {
    private static final String LAYER = "blocks.2"; // as the demonstration: docs/model.md
    private static final double TE = 0.48;
    private static final double TR = 0.1;
    private static final int EXTRACTED = 25;
    private static final double TOLERANCE = 1e-2;
    private static final double RATE = 0.1;

    /** Images after every epoch that the course is measured on, which nothing is chosen by. */
    private static final int COURSE = 200;

    private static final int CLASSES = 10;

    /** Of corruptions. */
    private static final int SEVERITY = 3;

    /** Of attacks, in steps of 1/255. */
    private static final int[] EPS = {2, 4, 8};

    private static final String TEST = "test";
    private static final String SWAPPED = "swapped-test";

    private final Scale scale;
    private final Path teacher;
    private final Function<String, ImageSet> sets;
    private final Path out;
    private final String command;
    private final Consumer<String> told;

    /**
     * An experiment.
     *
     * @param teacher the folder of a class-conditional diffusion model of Scenes
     * @param sets opens a set by its name
     * @param command the command line that repeats it
     * @param told of each thing that is begun
     */
    public CadistillExperiment(
            Scale scale,
            Path teacher,
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
        return Settings.NONE
                .with("scale", scale.id())
                .with("teacher", teacher.toString())
                .with("teacher's weights", ModelDigest.of(teacher))
                .with("images", scale.images())
                .with("images with companions", scale.companions())
                .with("tested", scale.tested())
                .with("corrupted and attacked", scale.attacked())
                .with("attack", scale.attack())
                .with("student", config().toMap().toString())
                .with("epochs", scale.epochs())
                .with("batch", scale.batch())
                .with("rate", RATE)
                .with("seeds", scale.seeds())
                .with("rhos", scale.rhos().stream().map(String::valueOf).toList())
                .with("students", scale.kinds())
                .with("layer", LAYER)
                .with("te", TE)
                .with("tr", TR)
                .with("steps", scale.samplerSteps())
                .mayChange("teacher", "seeds", "rhos", "students");
    }

    private ResNetConfig config() {
        return ResNetConfig.of(
                ResNetConfig.Block.BASIC, List.of(1, 1, 1), CLASSES, scale.width(), ResNetConfig.Stem.CIFAR);
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
                ImageSet course = sets.apply("scenes:train?seed=1&size=" + COURSE)) {
            Optional<StoredExtraction> stored =
                    scale.asksTeacher() ? Optional.of(extract(rho, folder.resolve("extraction"))) : Optional.empty();
            List<Trial> tests = trials(test, swapped);
            Students students = new Students(
                    rho, folder, stored, learned, read(learned), read(course), tests, (MaskedImageSet) test);
            return students.outcomes();
        }
    }

    private List<Trial> trials(ImageSet test, ImageSet swapped) {
        HeldImages shown = new HeldImages(test);
        int attacked = Math.min(scale.attacked(), test.size());
        List<Trial> all = new ArrayList<>();
        all.add(new Trial.Shown(TEST, shown));
        all.add(new Trial.Shown(SWAPPED, new HeldImages(swapped)));
        all.add(new Trial.Shown("corrupted", new CorruptedImages(test, attacked, SEVERITY)));
        for (int eps : EPS) {
            all.add(new Trial.Attacked(
                    "%s %d/255".formatted(scale.attack(), eps), shown, scale.attack(), eps / 255.0, attacked));
        }
        return all;
    }

    private static TrainingData read(ImageSet set) {
        return TrainingData.read(new HeldImages(set), set.name(), set.classes(), done -> {});
    }

    /** The teacher's side: of the first images of the set, as many as have companions. */
    private StoredExtraction extract(double rho, Path folder) {
        told.accept("rho %s: canonical samples of %d images".formatted(rho, scale.companions()));
        DenoisingModel model = ModelDirectory.load(teacher, DType.F32);
        if (model.classes() != CLASSES) {
            throw new ModelException(
                    "%s: a model of %d classes; Scenes have %d".formatted(teacher, model.classes(), CLASSES));
        }
        Sampler sampler = LatentDecoder.sampler(teacher, model, scale.samplerSteps());
        CanonicalExtraction method = new CanonicalExtraction(
                model,
                sampler,
                sampler.at(TE),
                DdimSampler.Inversion.GUIDED,
                LAYER,
                new RandomizedSvd(scale.rank(), 2, 20, TOLERANCE, 0, 0));
        CanonicalPipeline pipeline = new CanonicalPipeline(
                method,
                new Projection.TopK(),
                new KChoice(1),
                Guidance.NONE,
                Optional.of(CanonicalPipeline.FeaturePoint.of(LAYER, sampler, TR, TE)));
        try (ImageSet some = sets.apply("scenes:biased-train?rho=%s&size=%d".formatted(rho, scale.companions()))) {
            Map<String, String> description = new LinkedHashMap<>();
            description.put("model", teacher.toString());
            description.put(ExtractionSettings.WEIGHTS, ModelDigest.of(teacher));
            new Extraction(
                            new ExtractionSettings(
                                    pipeline,
                                    EXTRACTED,
                                    LatentCodec.IMAGES,
                                    Conditions.classesOf(model),
                                    some::label,
                                    description),
                            some,
                            scale.companions(),
                            folder)
                    .run(done -> told.accept("rho %s: %d of %d images".formatted(rho, done, scale.companions())));
        }
        return StoredExtraction.open(folder);
    }

    /** The students of one strength of the confounder. */
    private final class Students {
        private final double rho;
        private final Path folder;
        private final Optional<StoredExtraction> stored;
        private final ImageSet learned;
        private final TrainingData images;
        private final TrainingData course;
        private final List<Trial> tests;
        private final MaskedImageSet test;

        Students(
                double rho,
                Path folder,
                Optional<StoredExtraction> stored,
                ImageSet learned,
                TrainingData images,
                TrainingData course,
                List<Trial> tests,
                MaskedImageSet test) {
            this.rho = rho;
            this.folder = folder;
            this.stored = stored;
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
                    made = arm.choice(scale.share())
                            .map(c -> CanonicalSet.read(
                                    stored.orElseThrow(), learned, c, () -> LatentDecoder.of(stored.orElseThrow())));
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
            ResNet student = ResNet.initialised(config(), seed);
            StudentTraining training = StudentTraining.of(scale.epochs(), scale.batch(), RATE, seed);
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
