package dev.canonica.cadistill.student;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.learning.Evaluation;
import dev.canonica.learning.TrainingException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.resnet.BatchNorm;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.Predictions;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The course of a student: after every epoch the means of its loss's terms and, on the images of validation, its accuracy and cross-entropy in evaluation. The weights of the
 * most accurate epoch, of several the first, are kept.
 */
public final class StudentEvaluation implements Evaluation {
    private static final String ROWS = "rows";
    private static final String BEST = "best/";

    private final ResNet student;
    private final StudentObjective objective;
    private final ImageSource validation;
    private final LearningRate rate;
    private final List<String> columns = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Tensor> best = new LinkedHashMap<>();

    StudentEvaluation(
            ResNet student, StudentObjective objective, StudentLoss loss, ImageSource validation, LearningRate rate) {
        this.student = student;
        this.objective = objective;
        this.validation = validation;
        this.rate = rate;
        columns.addAll(loss.columns());
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
     */
    public record Row(int epoch, long step, double rate, List<Double> terms, int correct, double loss) {
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
        Tensor sums = Objects.requireNonNull(objective.buffers().get(StudentObjective.SUMS));
        double[] of = sums.toDoubles();
        sums.assign(Tensor.zeros(DType.F64, sums.shape()));
        List<Double> terms = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            terms.add(of[i] / of[columns.size()]);
        }
        Map<String, Tensor> own = own(weights);
        Predictions answers = answers(student, own, validation);
        int correct = answers.correct();
        boolean better = rows.stream().allMatch(r -> r.correct < correct);
        rows.add(new Row(rows.size() + 1, step, rate.at(step - 1), terms, correct, answers.loss()));
        if (better) {
            Scope.outside(() -> {
                own.forEach((name, t) -> best.put(name, t.times(1)));
                return best;
            });
        }
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
        return Collections.unmodifiableList(rows);
    }

    /** The most accurate epoch, of several the first. */
    public Row bestRow() {
        return rows.stream().reduce((a, b) -> b.correct > a.correct ? b : a).orElseThrow();
    }

    /** The student's weights of the most accurate epoch; empty before the first. */
    public Map<String, Tensor> best() {
        return Collections.unmodifiableMap(best);
    }

    /** Number of images of validation. */
    public int images() {
        return validation.size();
    }

    /** The terms of the loss, in the order of the rows' means. */
    public List<String> columns() {
        return Collections.unmodifiableList(columns);
    }

    /** A row an epoch, as comma-separated values. */
    public String csv() {
        StringBuilder text = new StringBuilder("epoch,step,rate");
        columns.forEach(c -> text.append(",loss_").append(c));
        text.append(",validation_accuracy,validation_loss\n");
        for (Row r : rows) {
            text.append(String.format(Locale.ROOT, "%d,%d,%.6g", r.epoch, r.step, r.rate));
            r.terms.forEach(t -> text.append(String.format(Locale.ROOT, ",%.6f", t)));
            text.append(String.format(Locale.ROOT, ",%.6f,%.6f\n", (double) r.correct / images(), r.loss));
        }
        return text.toString();
    }

    @Override
    public Map<String, Tensor> state() {
        int width = columns.size() + 4;
        double[] values = new double[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            Row r = rows.get(i);
            int at = i * width;
            values[at] = r.step;
            values[at + 1] = r.rate;
            values[at + 2] = r.correct;
            values[at + 3] = r.loss;
            for (int c = 0; c < columns.size(); c++) {
                values[at + 4 + c] = r.terms.get(c);
            }
        }
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put(ROWS, Tensor.of(values, rows.size(), width));
        best.forEach((name, t) -> state.put(BEST + name, t));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> state) {
        int width = columns.size() + 4;
        Tensor saved = state.get(ROWS);
        if (saved == null || saved.dtype() != DType.F64 || saved.rank() != 2 || saved.dim(1) != width) {
            throw new TrainingException("the course of the epochs is missing or damaged");
        }
        double[] values = saved.toDoubles();
        rows.clear();
        for (int at = 0; at < values.length; at += width) {
            List<Double> terms = new ArrayList<>();
            for (int c = 4; c < width; c++) {
                terms.add(values[at + c]);
            }
            rows.add(new Row(
                    rows.size() + 1, (long) values[at], values[at + 1], terms, (int) values[at + 2], values[at + 3]));
        }
        best.clear();
        if (!rows.isEmpty()) {
            own(student.parameters(), student.buffers()).forEach((name, like) -> {
                Tensor t = state.get(BEST + name);
                if (t == null || !t.shape().equals(like.shape()) || t.dtype() != like.dtype()) {
                    throw new TrainingException("tensor '" + BEST + name + "' is missing or of another shape");
                }
                best.put(name, t.to(like.device()));
            });
        }
    }

    private static Map<String, Tensor> own(Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
        Map<String, Tensor> all = new LinkedHashMap<>(parameters);
        all.putAll(buffers);
        return all;
    }
}
