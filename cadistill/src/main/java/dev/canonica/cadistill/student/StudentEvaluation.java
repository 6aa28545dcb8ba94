package dev.canonica.cadistill.student;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Course;
import dev.canonica.learning.Evaluation;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.resnet.BatchNorm;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.Predictions;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.math3.stat.StatUtils;

/**
 * The course of a student: after every epoch the means of its loss's terms and, on the images of validation, its accuracy and cross-entropy in evaluation. The weights of the
 * most accurate epoch, of several the first, are kept.
 */
public final class StudentEvaluation implements Evaluation {
    private static final String CORRECT = "correct";

    /** What a row of the course begins with; the terms of the loss follow, and what {@link #DEVIATION} is. */
    private static final List<String> MEASURED = List.of("step", "rate", CORRECT, "validation_loss");

    /** The standard deviation of the images' cross-entropies. */
    private static final String DEVIATION = "validation_deviation";

    private final ResNet student;
    private final StudentObjective objective;
    private final ImageSource validation;
    private final LearningRate rate;
    private final List<String> columns;
    private final Course course;

    /**
     * A course.
     *
     * @param patience epochs without a more accurate one after which the training ends; 0 for none
     */
    StudentEvaluation(
            ResNet student,
            StudentObjective objective,
            StudentLoss loss,
            ImageSource validation,
            LearningRate rate,
            int patience) {
        this.student = student;
        this.objective = objective;
        this.validation = validation;
        this.rate = rate;
        this.columns = List.copyOf(loss.columns());
        List<String> all = new ArrayList<>(MEASURED);
        all.addAll(columns);
        all.add(DEVIATION);
        this.course = Course.greatest(all, CORRECT, (step, _, weights) -> measured(step, weights))
                .keeping(this::own)
                .patience(patience)
                .added(1);
    }

    /**
     * An epoch.
     *
     * @param epoch from 1
     * @param step steps done at its end
     * @param rate learning rate of its last step
     * @param terms means over its steps, in the order of {@link StudentLoss#columns}
     * @param correct images of validation that were classified rightly
     * @param loss mean cross-entropy on them
     * @param deviation standard deviation of their cross-entropies; NaN of an epoch that an older version measured
     */
    public record Row(
            int epoch, long step, double rate, List<Double> terms, int correct, double loss, double deviation) {
        /** Keeps a copy of the terms. */
        public Row {
            terms = List.copyOf(terms);
        }
    }

    /**
     * A student's answers in evaluation.
     *
     * @param weights its parameters and running statistics
     */
    public static Predictions answers(ResNet student, Map<String, Tensor> weights, ImageSource images) {
        Weights w = Weights.constant(weights);
        BatchNorm norm = BatchNorm.evaluation(weights);
        return Predictions.of(x -> student.forward(w, x, Probe.OUTPUT, norm), student.dtype(), images);
    }

    @Override
    public void evaluate(long step, Map<String, Tensor> weights) {
        course.evaluate(step, weights);
    }

    private double[] measured(long step, Map<String, Tensor> weights) {
        Tensor sums = Objects.requireNonNull(objective.buffers().get(StudentObjective.SUMS));
        double[] of = sums.toDoubles();
        sums.assign(Tensor.zeros(DType.F64, sums.shape()));
        Predictions answers = answers(student, own(weights), validation);
        double[] row = new double[MEASURED.size() + columns.size() + 1];
        row[0] = step;
        row[1] = rate.at(step - 1);
        row[2] = answers.correct();
        row[3] = finite(step, "loss on images of validation", answers.loss());
        for (int i = 0; i < columns.size(); i++) { // one of weight 0 is in no loss that would have been refused
            row[MEASURED.size() + i] = finite(step, "mean of the loss's " + columns.get(i), of[i] / of[columns.size()]);
        }
        row[row.length - 1] = Math.sqrt(StatUtils.variance(answers.losses()));
        return row;
    }

    private static double finite(long step, String what, double value) {
        if (!Double.isFinite(value)) {
            throw new TrainingException("student: step %d: the %s is %s: lower the learning rate, or look at the data"
                    .formatted(step, what, value));
        }
        return value;
    }

    @Override
    public void stepped(Trainer.Progress progress) {
        course.stepped(progress);
    }

    @Override
    public Map<String, Double> newest() {
        Map<String, Double> newest = new LinkedHashMap<>(course.newest());
        newest.remove(DEVIATION);
        Double correct = newest.remove(CORRECT);
        if (correct != null) {
            newest.put("validation_accuracy", correct / images());
        }
        return newest;
    }

    @Override
    public boolean ends() {
        return course.ends();
    }

    /** Of all weights, those of the student. */
    Map<String, Tensor> own(Map<String, Tensor> weights) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        student.parameters().keySet().forEach(name -> own.put(name, Objects.requireNonNull(weights.get(name), name)));
        student.buffers().keySet().forEach(name -> own.put(name, Objects.requireNonNull(weights.get(name), name)));
        return own;
    }

    /** The epochs so far. */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (double[] r : course.rows()) {
            List<Double> terms =
                    Arrays.stream(r, MEASURED.size(), r.length - 1).boxed().toList();
            rows.add(new Row(rows.size() + 1, (long) r[0], r[1], terms, (int) r[2], r[3], r[r.length - 1]));
        }
        return Collections.unmodifiableList(rows);
    }

    /** The most accurate epoch, of several the first. */
    public Row bestRow() {
        return rows().get(course.bestIndex());
    }

    /** The student's weights of the most accurate epoch; empty before the first. */
    public Map<String, Tensor> best() {
        return course.best();
    }

    /** Number of images of validation. */
    public int images() {
        return validation.size();
    }

    /** The terms of the loss, in the order of the rows' means. */
    public List<String> columns() {
        return columns;
    }

    /** A row an epoch, as comma-separated values. */
    public String csv() {
        StringBuilder text = new StringBuilder("epoch,step,rate");
        columns.forEach(c -> text.append(",loss_").append(c));
        text.append(",validation_accuracy,validation_loss\n");
        for (Row r : rows()) {
            text.append(String.format(Locale.ROOT, "%d,%d,%.6g", r.epoch, r.step, r.rate));
            r.terms.forEach(t -> text.append(String.format(Locale.ROOT, ",%.6f", t)));
            text.append(String.format(Locale.ROOT, ",%.6f,%.6f\n", (double) r.correct / images(), r.loss));
        }
        return text.toString();
    }

    @Override
    public Map<String, Tensor> state() {
        return course.state();
    }

    @Override
    public void restore(Map<String, Tensor> state, Map<String, Tensor> weights) {
        course.restore(state, weights);
    }
}
