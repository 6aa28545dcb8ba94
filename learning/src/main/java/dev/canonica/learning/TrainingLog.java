package dev.canonica.learning;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * The course of a training: the mean loss and gradient norm of every so many steps. It belongs to the state, with the sums of the row that is not yet full,
 * so that a run that was stopped leaves the same log as one that was not.
 */
public final class TrainingLog {
    private static final String EVERY = "log/every";
    private static final String ROWS = "log/rows"; // [n, 3]: step, loss, gradient norm
    private static final String OPEN = "log/open"; // of the row that is not yet full

    private static final String NAMES = "step,loss,gradient_norm\n";

    /** Of the newest loss in the smoothed one. */
    private static final double SHARE = 0.02;

    private final boolean asked;
    private int every;
    private final List<Row> rows = new ArrayList<>();
    private final StringBuilder lines = new StringBuilder(NAMES); // of the rows that were written before
    private int written;
    private double losses;
    private double norms;
    private int count;
    private double smooth = Double.NaN;

    /** A log with a row for every step; that of a state which has fewer goes on as it is. */
    public TrainingLog() {
        this.asked = false;
        this.every = 1;
    }

    /** A log with a row for every {@code every} steps. */
    public TrainingLog(int every) {
        if (every < 1) {
            throw new IllegalArgumentException("log: a row for every " + every + " steps");
        }
        this.asked = true;
        this.every = every;
    }

    /**
     * A row.
     *
     * @param step steps done at its end
     * @param loss mean of its steps
     * @param gradientNorm mean of its steps, before clipping
     */
    public record Row(long step, double loss, double gradientNorm) {}

    void add(Trainer.Progress p) {
        losses += p.loss();
        norms += p.gradientNorm();
        count++;
        smooth = Double.isNaN(smooth) ? p.loss() : (1 - SHARE) * smooth + SHARE * p.loss();
        if (p.step() % every == 0) {
            rows.add(new Row(p.step(), losses / count, norms / count));
            losses = 0;
            norms = 0;
            count = 0;
        }
    }

    /** The rows so far. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** A moving average of the loss; NaN before the first step. */
    public double smoothLoss() {
        return smooth;
    }

    /** The rows as lines of comma-separated values under a line of names. */
    public String csv() {
        for (; written < rows.size(); written++) {
            Row r = rows.get(written);
            lines.append(String.format(Locale.ROOT, "%d,%.6f,%.4f\n", r.step, r.loss, r.gradientNorm));
        }
        return lines.toString();
    }

    /** Everything that going on needs, by name. */
    Map<String, Tensor> state() {
        double[] values = rows.stream()
                .flatMapToDouble(r -> Arrays.stream(new double[] {r.step, r.loss, r.gradientNorm}))
                .toArray();
        return Map.of(
                EVERY,
                Tensor.of(new long[] {every}, 1),
                ROWS,
                Tensor.of(values, rows.size(), 3),
                OPEN,
                Tensor.of(new double[] {losses, norms, count, smooth}, 4));
    }

    /** Whether a tensor of a state is the log's. */
    static boolean owns(String name) {
        return name.startsWith("log/");
    }

    /**
     * Goes on from a state.
     *
     * @throws TrainingException if it is none of a log, or one with rows of other steps than were asked for
     */
    void restore(Map<String, Tensor> state) {
        Tensor of = state.get(EVERY);
        Tensor saved = state.get(ROWS);
        Tensor open = state.get(OPEN);
        if (of == null
                || saved == null
                || open == null
                || of.dtype() != DType.I64
                || of.size() != 1
                || saved.dtype() != DType.F64
                || saved.rank() != 2
                || saved.dim(1) != 3
                || open.dtype() != DType.F64
                || open.size() != 4) {
            throw new TrainingException("the log is missing or damaged");
        }
        int saying = Math.toIntExact(of.toLongs()[0]);
        if (saying < 1 || asked && saying != every) {
            throw new TrainingException("the log has a row for every " + saying + " steps, not " + every);
        }
        every = saying;
        double[] values = Objects.requireNonNull(saved).toDoubles();
        rows.clear();
        lines.setLength(NAMES.length());
        written = 0;
        for (int i = 0; i < values.length; i += 3) {
            rows.add(new Row((long) values[i], values[i + 1], values[i + 2]));
        }
        double[] sums = open.toDoubles();
        losses = sums[0];
        norms = sums[1];
        count = (int) sums[2];
        smooth = sums[3];
    }
}
