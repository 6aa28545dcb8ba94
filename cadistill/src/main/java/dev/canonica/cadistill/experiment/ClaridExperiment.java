package dev.canonica.cadistill.experiment;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.evaluate.ClassifierJudge;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentSettings;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.sweep.Sweep;
import dev.canonica.clarid.sweep.SweepPage;
import dev.canonica.clarid.sweep.SweepPlan;
import dev.canonica.clarid.sweep.SweepResults;
import dev.canonica.clarid.sweep.SweepSetting;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.Subset;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.Classifier;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.family.ModelSamplers;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The evidence of the method on held-out Scenes: the paper's nominal setting, others, and all controls; what is removed of backgrounds and kept of garments and classes, by families of
 * backgrounds, with intervals; and what its stages take.
 *
 * <pre>
 *   settings.json                            scale, model; another experiment is refused
 *   classifier/                              the judge: a residual network trained on other Scenes
 *   sweep/                                   all settings on all images ({@link Sweep}), with a page of its own
 *   runtime/000000.json                      what the stages took, measured once
 *   runtime/000001.json                      what networks of other sizes took, likewise
 *   results.json, results.csv, report.html
 * </pre>
 */
public final class ClaridExperiment {
    private static final int CLASSIFIER_BATCH = 50;
    private static final int PICTURES = 8;
    private static final String RUNTIME = "runtime";

    private final ClaridScale scale;
    private final Path model;
    private final Function<String, ImageSet> sets;
    private final Path out;
    private final String command;
    private final Consumer<String> told;

    /**
     * An experiment.
     *
     * @param model the folder of a class-conditional diffusion model of Scenes
     * @param sets opens a set by its name
     * @param command the command line that repeats it
     * @param told of each thing that is begun
     */
    public ClaridExperiment(
            ClaridScale scale,
            Path model,
            Function<String, ImageSet> sets,
            Path out,
            String command,
            Consumer<String> told) {
        this.scale = scale;
        this.model = model;
        this.sets = sets;
        this.out = out;
        this.command = command;
        this.told = told;
    }

    private Settings settings(List<SweepSetting> all) {
        return Settings.NONE
                .with("scale", scale.id())
                .with("model", model.toString())
                .with("weights", ModelDigest.of(model))
                .with("first image", scale.first())
                .with("images", scale.images())
                .with("steps", scale.samplerSteps())
                .with("n", scale.rank())
                .with("batch", scale.batch())
                .with(
                        "classifier",
                        SmallImages.classifier(scale.width()).toMap().toString())
                .with("classifier's images", scale.learned())
                .with("classifier's epochs", scale.epochs())
                .with(
                        "settings",
                        all.stream().map(s -> s.title(SweepSetting.AXES)).toList())
                .mayChange("model");
    }

    /** Does what is missing, and makes results and page of all. */
    public void run() {
        DenoisingModel network = SmallImages.model(model);
        List<String> blocks = network.layers().stream()
                .filter(l -> l.matches("blocks\\.\\d+"))
                .toList();
        if (!blocks.contains(SmallImages.LAYER)) {
            throw new ModelException(model + ": has no layer " + SmallImages.LAYER);
        }
        List<ClaridQuestion> questions = ClaridQuestion.named(scale.questions(), blocks.getLast(), scale.rank());
        List<SweepSetting> all = ClaridQuestion.settings(questions);
        try (RunFolder folder = RunFolder.claim(out, "experiment on the method", settings(all));
                ImageSet test = sets.apply("scenes:test?size=" + (scale.first() + scale.images()))) {
            ImageSet images = Subset.from(test, scale.first(), scale.images());
            Sampler sampler = ModelSamplers.of(model, network, scale.samplerSteps());
            SweepResults results = sweep(network, sampler, all, images);
            StageTimes times = times(folder, network, sampler, images);
            SizeTimes sizes = sizes(folder, sampler);
            new ClaridExperimentFiles(scale, questions, results, times, sizes).write(out, settings(all), command);
        }
    }

    private SweepResults sweep(DenoisingModel network, Sampler sampler, List<SweepSetting> all, ImageSet images) {
        Path classifier = classifier();
        Classifier judge = ModelDirectory.classifier(classifier, DType.F32, Classifier.class);
        Victim victim = Victim.of(judge, classifier);
        Map<String, String> description = new LinkedHashMap<>();
        description.put("model", model.toString());
        description.put("weights", ModelDigest.of(model));
        description.put("classifier's weights", ModelDigest.of(classifier));
        SweepPlan plan = new SweepPlan(
                all,
                Optional.empty(),
                Arrays.asList(Control.values()),
                network,
                sampler,
                DdimSampler.Inversion.GUIDED,
                SmallImages.svd(1),
                LatentCodec.IMAGES,
                Conditions.classesOf(network),
                images::label,
                new ClassifierJudge(victim, images::label),
                images,
                scale.batch(),
                PICTURES,
                description);
        Path folder = out.resolve("sweep");
        Sweep sweep = new Sweep(plan, folder, 0, Sweep.batches(images.size(), scale.batch()));
        told.accept("%d settings on %d images".formatted(all.size(), images.size()));
        Settings of = sweep.settings();
        try (RunFolder claimed = RunFolder.claim(folder, "sweep", of)) {
            SweepResults results =
                    sweep.run(claimed, done -> told.accept("%d of %d images".formatted(done, images.size())));
            SweepPage.write(results, of.shown(), command, folder.resolve("report.html"));
            return results;
        }
    }

    /** The judge's last epoch; trained on other images than those that it judges. */
    private Path classifier() {
        Path folder = out.resolve("classifier");
        told.accept("a classifier of %d images, %d epochs".formatted(scale.learned(), scale.epochs()));
        try (ImageSet learned = sets.apply("scenes:train?size=" + scale.learned());
                ImageSet course = sets.apply("scenes:train?seed=1&size=" + SmallImages.COURSE)) {
            TrainingData images = SmallImages.read(learned);
            TrainingData validation = SmallImages.read(course);
            StudentTraining training = StudentTraining.of(scale.epochs(), CLASSIFIER_BATCH, SmallImages.RATE, 0);
            StudentRun run = new StudentRun(
                    ResNet.initialised(SmallImages.classifier(scale.width()), 0),
                    Arm.VANILLA.loss(),
                    training,
                    Optional.empty(),
                    Optional.empty(),
                    images.images(),
                    validation.images(),
                    learned.classes(),
                    folder);
            run.run(
                    StudentSettings.of(run, images, validation, "none", "random", Optional.empty()),
                    Cadence.every(Duration.ofMinutes(1)),
                    new TrainingRun.Listener() {});
        }
        return folder.resolve(StudentRun.LAST);
    }

    private StageTimes times(RunFolder folder, DenoisingModel network, Sampler sampler, ImageSet images) {
        return StageTimes.read(timed(
                folder,
                0,
                "stages",
                file -> !StageTimes.read(file).rows().isEmpty(),
                () -> StageTimes.of(
                                network,
                                sampler,
                                sampler.at(SmallImages.TE),
                                SmallImages.LAYER,
                                scale.timed(),
                                scale.rank(),
                                images)
                        .json()));
    }

    private SizeTimes sizes(RunFolder folder, Sampler sampler) {
        return SizeTimes.read(timed(
                folder,
                1,
                "sizes",
                file -> !SizeTimes.read(file).rows().isEmpty(),
                () -> SizeTimes.of(scale.widths(), sampler, sampler.at(SmallImages.TE), SmallImages.LAYER)
                        .json()));
    }

    /** The file of times that are measured once. */
    private Path timed(RunFolder folder, int number, String what, Predicate<Path> says, Supplier<String> measured) {
        folder.complete(RUNTIME, number, ".json", List.of(what), new RunFolder.Maker() {
            @Override
            public void check(Path file) {
                if (!says.test(file)) {
                    throw new DataException(file + ": says nothing of " + what);
                }
            }

            @Override
            public void write(Path file) {
                told.accept("what the " + what + " take");
                AtomicFiles.write(file, measured.get());
            }
        });
        return RunFolder.part(out, RUNTIME, number, ".json");
    }
}
