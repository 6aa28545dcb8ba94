package dev.canonica.cadistill.student;

import dev.canonica.learning.Decay;
import dev.canonica.models.family.ModelFamilies;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.io.Settings;
import java.util.Map;
import java.util.Optional;

/** What the results of a student's training depend on, by name. */
public final class StudentSettings {
    private StudentSettings() {}

    /**
     * The settings of a run.
     *
     * @param learned what is learned from
     * @param measured what is measured on
     * @param companions what stands beside images, in words
     * @param initial which weights the student begins from, in words
     * @param teacher which weights the classifier of kd has
     */
    public static Settings of(
            StudentRun run,
            TrainingData learned,
            TrainingData measured,
            String companions,
            String initial,
            Optional<String> teacher) {
        Settings all = begun(run.student(), run.loss(), learned, measured, initial);
        if (run.canonical().isPresent()) {
            CanonicalSet c = run.canonical().get();
            all = all.with("companions", companions)
                    .with("images with companions", c.size())
                    .with("features", c.featureShape().toString())
                    .with("companions' contents", c.digest())
                    .with("pairs", run.training().pairs());
        }
        if (teacher.isPresent()) {
            all = all.with("teacher's weights", teacher.get())
                    .with(
                            "teacher's images",
                            run.teacher()
                                    .map(of -> "mean " + of.images().mean() + ", std "
                                            + of.images().std())
                                    .orElse("none"));
        }
        return trained(all, run.training(), run.student());
    }

    /** Those of {@link #of} that need no companions and no teacher: by them a student is told from another where these are not at hand. */
    public static Settings withoutCompanions(
            ResNet student,
            StudentLoss loss,
            StudentTraining training,
            TrainingData learned,
            TrainingData measured,
            String initial) {
        return trained(begun(student, loss, learned, measured, initial), training, student);
    }

    private static Settings begun(
            ResNet student, StudentLoss loss, TrainingData learned, TrainingData measured, String initial) {
        Settings all = Settings.NONE.with("method", loss.method().id());
        for (Map.Entry<String, ?> e : ModelFamilies.configuration(student).entrySet()) {
            all = all.with("student's " + e.getKey(), String.valueOf(e.getValue()));
        }
        all = all.with("initial weights", initial)
                .with("data", learned.name())
                .with("images and labels", learned.digest())
                .with("validation", measured.name())
                .with("validation's images and labels", measured.digest());
        return loss(all, loss);
    }

    private static Settings trained(Settings settings, StudentTraining t, ResNet student) {
        Settings all = settings.with("epochs", t.epochs())
                .with("batch", t.batch())
                .with("rate", t.rate())
                .with("warmup", t.warmup())
                .with("optimizer", t.optimizer());
        if (t.optimizer().equals("sgd")) {
            all = all.with("momentum", t.momentum()).with("nesterov", t.nesterov());
        }
        all = all.with("weight-decay", t.weightDecay())
                .with("clip", t.clip())
                .with("ema-decay", t.emaDecay())
                .with("augment", t.augment())
                .with("mix", t.mix());
        if (!t.mix().equals("none")) {
            all = all.with("mix-alpha", t.mixAlpha());
        }
        if (t.emaDecay() > 0) {
            all = all.with(
                    "average of running statistics", "as of the weights"); // older versions kept them as they were
        }
        if (t.smoothing() > 0) { // what older versions had not is no setting where it is off, so that their runs go on
            all = all.with("label-smoothing", t.smoothing());
        }
        if (!t.decay().equals(Decay.COSINE)) {
            all = all.with("decay", t.decay().toString());
        }
        return all.with("patience", t.patience())
                .with("seed", t.seed())
                .with("type", student.dtype().toString())
                .with("device", Device.byDefault().toString())
                .mayChange("device", "data", "validation", "patience");
    }

    private static Settings loss(Settings settings, StudentLoss loss) {
        Settings all = settings;
        Method method = loss.method();
        if (method.canonical()) {
            all = all.with("lambda-cs", loss.canonical()).with("lambda-cf", loss.alignment());
        }
        if (method.paired()) {
            all = all.with("lambda-dist", loss.distance());
        }
        if (method.canonical() && loss.distance() > 0) {
            all = all.with("dist", loss.kind().id());
        }
        if (method == Method.FITNET) {
            all = all.with("hint-epochs", loss.hintEpochs());
        }
        if (method == Method.KD) {
            all = all.with("temperature", loss.temperature()).with("soft", loss.soft());
        }
        if (method.adversarial()) {
            all = all.with("eps", loss.adversary().eps())
                    .with("step-size", loss.adversary().stepSize())
                    .with("attack-steps", loss.adversary().steps());
        }
        return method == Method.TRADES ? all.with("beta", loss.adversary().beta()) : all;
    }
}
