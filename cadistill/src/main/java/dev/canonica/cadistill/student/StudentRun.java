package dev.canonica.cadistill.student;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The training of a student in a folder:
 *
 * <pre>
 *   settings.json            what the results depend on; a run of others is refused by name
 *   training.safetensors     the state to go on from: weights, optimiser, running statistics, the best weights, the course
 *   last/, best/             the student after the newest saved step, and after its most accurate epoch: config.json and model.safetensors
 *   metrics.csv              a row an epoch
 *   loss.csv                 a row a step
 *   results.json, .csv       accuracy and cross-entropy of the best and of the last epoch, with their intervals
 *   report.html              the course, to be looked at, and where the time went
 * </pre>
 *
 * <p>All but the settings, and the times on the page, is made from the state, whenever it is saved and when a run goes on.
 *
 * @param student its parameters are changed in place
 * @param loss what it is to make small
 * @param training how
 * @param teacher of {@link Method#KD}
 * @param canonical pairs, for the methods that need some
 * @param images what is learned from
 * @param validation what is measured on
 * @param classes names of the classes
 * @param out the folder
 */
public record StudentRun(
        ResNet student,
        StudentLoss loss,
        StudentTraining training,
        Optional<ImageClassifier> teacher,
        Optional<CanonicalSet> canonical,
        ImageSource images,
        ImageSource validation,
        List<String> classes,
        Path out) {
    /** The name of the state's file. */
    public static final String STATE = "training.safetensors";

    /** The folder of the most accurate epoch's student. */
    public static final String BEST = "best";

    /** The folder of the newest student. */
    public static final String LAST = "last";

    /** Checks that images and student fit each other. */
    public StudentRun {
        if (!images.shape().equals(validation.shape())) {
            throw new ModelException("student: images to learn from are %s, those of validation %s"
                    .formatted(images.shape(), validation.shape()));
        }
        if (student.channels() != images.shape().dim(0)) {
            throw new ModelException("student: takes images of %d channels; there are %d"
                    .formatted(student.channels(), images.shape().dim(0)));
        }
        if (student.classes() != classes.size()) {
            throw new ModelException(
                    "student: %d classes; the images have %d".formatted(student.classes(), classes.size()));
        }
        if (loss.method().paired() != canonical.isPresent()) {
            throw new ModelException("student: " + loss.method().id()
                    + (canonical.isPresent() ? " learns from no pairs" : " needs pairs to learn from"));
        }
        long most = Integer.MAX_VALUE / images.shape().size();
        if (training.pairs() > most) {
            throw new ModelException("student: pairs %d: at most %d of images %s fit into a step"
                    .formatted(training.pairs(), most, images.shape()));
        }
        if (training.pairs() < loss.fewestPairs()) {
            throw new ModelException("student: pairs %d: the distance %s needs at least %d"
                    .formatted(training.pairs(), loss.kind().id(), loss.fewestPairs()));
        }
        if (loss.hintEpochs() > 0 && loss.hintEpochs() >= training.epochs()) {
            throw new ModelException("student: %d epochs of the hint alone: fewer than the %d in all are needed"
                    .formatted(loss.hintEpochs(), training.epochs()));
        }
        if (loss.method() == Method.PGD_AT && !training.mix().equals("none")) {
            throw new ModelException("student: pgd-at attacks images by their one label; mixed images have two");
        }
    }

    /** The names of the classes of two sets, which are the same. */
    public static List<String> classes(ImageSet learned, ImageSet measured) {
        learned.requireClasses("");
        if (!learned.classes().equals(measured.classes())) {
            throw new ModelException("student: the classes of %s are %s, those of %s %s"
                    .formatted(learned.name(), learned.classes(), measured.name(), measured.classes()));
        }
        return learned.classes();
    }

    /**
     * Trains to the end, or what is left of it, in a folder that is this run's meanwhile.
     *
     * @param settings everything that the results depend on
     * @return the course
     */
    public StudentEvaluation run(Settings settings, Cadence cadence, TrainingRun.Listener listener) {
        return run(settings, cadence, listener, false);
    }

    /**
     * As {@link #run(Settings, Cadence, TrainingRun.Listener)}.
     *
     * @param events whether event files for TensorBoard are written, too
     */
    public StudentEvaluation run(Settings settings, Cadence cadence, TrainingRun.Listener listener, boolean events) {
        Prepared prepared = prepared();
        StudentEvaluation course = prepared.course;
        try (RunFolder folder = RunFolder.claim(out, "distillation", settings)) {
            TrainingRun run = new TrainingRun(
                            prepared.trainer, folder.path().resolve(STATE), training.steps(images.size()))
                    .evaluating(training.stepsPerEpoch(images.size()), course)
                    .saving(cadence)
                    .publishing(s -> publish(s, course, settings))
                    .listener(listener);
            if (events) {
                run.events(folder.path().resolve(TrainingRun.EVENTS));
            }
            run.run();
        }
        return course;
    }

    /** The trainer and the course of a run at step 0. */
    private record Prepared(Trainer<StudentBatch> trainer, StudentEvaluation course) {}

    private Prepared prepared() {
        LearningRate rate = training.learningRate(images.size());
        long perEpoch = training.stepsPerEpoch(images.size());
        StudentObjective objective = new StudentObjective(
                student,
                loss,
                teacher,
                images.shape(),
                canonical.map(CanonicalSet::featureShape),
                training.seed(),
                perEpoch,
                training.smoothing());
        StudentEvaluation course =
                new StudentEvaluation(student, objective, loss, validation, rate, training.patience());
        StudentBatches batches = new StudentBatches(
                images,
                training.batch(),
                canonical,
                training.pairs(),
                training.seed(),
                training.augmentation(
                        Math.max(images.shape().dim(1), images.shape().dim(2))),
                training.mixing());
        Trainer.Builder<StudentBatch> builder = Trainer.of(objective, batches).rate(rate);
        if (training.clip() > 0) {
            builder.clip(training.clip());
        }
        if (training.emaDecay() > 0) {
            builder.average(training.emaDecay());
        }
        return new Prepared(builder.with(training::optimiser), course);
    }

    /** The trainer alone, at step 0, which takes the steps of {@link #run} and keeps nothing of them: to measure what a step takes. */
    public Trainer<?> trainer() {
        return prepared().trainer;
    }

    private void publish(TrainingRun.Snapshot snapshot, StudentEvaluation course, Settings settings) {
        save(LAST, course.own(snapshot.weights()), snapshot.step());
        if (!course.rows().isEmpty()) {
            save(BEST, course.best(), course.bestRow().step());
        }
        AtomicFiles.write(out.resolve("metrics.csv"), course.csv());
        AtomicFiles.write(out.resolve("loss.csv"), snapshot.log().csv());
        AtomicFiles.write(out.resolve("results.json"), JsonText.write(results(course)));
        AtomicFiles.write(out.resolve("results.csv"), table(course));
        StudentReport.write(this, course, settings, snapshot.times(), snapshot.ended(), out.resolve("report.html"));
    }

    /** What images the student takes: those in [0, 1] less a half, divided by a half. */
    private void save(String folder, Map<String, Tensor> weights, long step) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("method", loss.method().id());
        metadata.put("step", Long.toString(step));
        metadata.put("seed", Long.toString(training.seed()));
        new ImageClassifier(student, ImageNormalization.halves(student.channels()), classes)
                .save(out.resolve(folder), weights, metadata);
    }

    /** The epochs that results are given of, by their names. */
    private static Map<String, StudentEvaluation.Row> measured(StudentEvaluation course) {
        Map<String, StudentEvaluation.Row> rows = new LinkedHashMap<>();
        if (!course.rows().isEmpty()) {
            rows.put(BEST, course.bestRow());
            rows.put(LAST, course.rows().getLast());
        }
        return rows;
    }

    private Map<String, Object> results(StudentEvaluation course) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("method", loss.method().id());
        all.put("epochs", course.rows().size());
        all.put("epochs_in_all", training.epochs());
        measured(course).forEach((name, row) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("epoch", row.epoch());
            one.put("validation_accuracy", accuracy(course, row).toMap());
            one.put("validation_loss", crossEntropy(course, row).toMap());
            Map<String, Object> terms = new LinkedHashMap<>();
            for (int i = 0; i < course.columns().size(); i++) {
                terms.put(course.columns().get(i), row.terms().get(i));
            }
            one.put("losses", terms);
            all.put(name, one);
        });
        return all;
    }

    static Interval accuracy(StudentEvaluation course, StudentEvaluation.Row row) {
        return new Proportion(row.correct(), course.images()).wilson();
    }

    /** The mean of the images' cross-entropies; without bounds where their spread is not known. */
    static Interval crossEntropy(StudentEvaluation course, StudentEvaluation.Row row) {
        return Means.ofMoments(row.loss(), row.deviation(), course.images());
    }

    private static String table(StudentEvaluation course) {
        StringBuilder text = new StringBuilder(
                "which,epoch,validation_accuracy,low,high,images,validation_loss,validation_loss_low,validation_loss_high\n");
        measured(course).forEach((name, row) -> {
            Interval a = accuracy(course, row);
            Interval loss = crossEntropy(course, row);
            text.append(String.format(
                    Locale.ROOT,
                    "%s,%d,%.6f,%.6f,%.6f,%d,%.6f,%s,%s\n",
                    name,
                    row.epoch(),
                    a.estimate(),
                    a.low(),
                    a.high(),
                    a.count(),
                    loss.estimate(),
                    bound(loss.low()),
                    bound(loss.high())));
        });
        return text.toString();
    }

    private static String bound(double end) {
        return Double.isFinite(end) ? String.format(Locale.ROOT, "%.6f", end) : "";
    }

    /** The shape of an image. */
    Shape shape() {
        return images.shape();
    }

    /** Rows of the table of the best and the last epoch. */
    static List<String> names(StudentEvaluation course) {
        return new ArrayList<>(measured(course).keySet());
    }
}
