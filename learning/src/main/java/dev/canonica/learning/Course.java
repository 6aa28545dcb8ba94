package dev.canonica.learning;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The course of a training: after every so many steps a row of numbers, and the weights of the best row so far, of several the first. Where a patience is given, the
 * training ends after so many rows without a better one.
 */
public final class Course implements Evaluation {
    private static final String ROWS = "rows";
    private static final String OPEN = "open"; // of the losses since the last row: their sum, their number
    private static final String BEST = "best/";

    /** What is measured. */
    @FunctionalInterface
    public interface Measures {
        /**
         * The numbers of a row.
         *
         * @param step steps done
         * @param loss mean of the steps' losses since the row before
         * @param weights as {@link Trainer#weights}
         */
        double[] at(long step, double loss, Map<String, Tensor> weights);
    }

    private final List<String> columns;
    private final int criterion;
    private final boolean greatest;
    private final Measures measures;
    private UnaryOperator<Map<String, Tensor>> kept = UnaryOperator.identity();
    private int patience;
    private int added;
    private final List<double[]> rows = new ArrayList<>();
    private final Map<String, Tensor> best = new LinkedHashMap<>();
    private double losses;
    private long steps;

    private Course(List<String> columns, String criterion, boolean greatest, Measures measures) {
        this.columns = List.copyOf(columns);
        this.criterion = columns.indexOf(criterion);
        this.greatest = greatest;
        this.measures = measures;
        if (this.criterion < 0) {
            throw new IllegalArgumentException("course: no column '" + criterion + "' among " + columns);
        }
    }

    /** A course whose best row has the least number in a column. */
    public static Course least(List<String> columns, String criterion, Measures measures) {
        return new Course(columns, criterion, false, measures);
    }

    /** A course whose best row has the greatest number in a column. */
    public static Course greatest(List<String> columns, String criterion, Measures measures) {
        return new Course(columns, criterion, true, measures);
    }

    /** Which of the weights are kept of the best row; all where nothing is said. */
    public Course keeping(UnaryOperator<Map<String, Tensor>> kept) {
        this.kept = kept;
        return this;
    }

    /** Ends the training after so many rows without a better one; 0 for never, as where nothing is said. */
    public Course patience(int rows) {
        if (rows < 0) {
            throw new IllegalArgumentException("course: a patience of " + rows + " rows");
        }
        this.patience = rows;
        return this;
    }

    /** How many of the last columns states of older versions are without; their rows have NaN there. 0 where nothing is said. */
    public Course added(int columns) {
        if (columns < 0 || columns >= this.columns.size()) {
            throw new IllegalArgumentException("course: " + columns + " added columns of " + this.columns.size());
        }
        this.added = columns;
        return this;
    }

    @Override
    public void stepped(Trainer.Progress progress) {
        losses += progress.loss();
        steps++;
    }

    @Override
    public void evaluate(long step, Map<String, Tensor> weights) {
        double[] row = measures.at(step, losses / steps, weights).clone();
        if (row.length != columns.size()) {
            throw new IllegalStateException("course: " + row.length + " numbers for " + columns);
        }
        losses = 0;
        steps = 0;
        rows.add(row);
        if (bestIndex() == rows.size() - 1) {
            Scope.outside(() -> {
                kept.apply(weights).forEach((name, t) -> best.put(name, t.times(1)));
                return best;
            });
        }
    }

    /** Which row is the best, of several the first; −1 before the first. */
    public int bestIndex() {
        int found = -1;
        for (int i = 0; i < rows.size(); i++) {
            if (found < 0 || isBetter(rows.get(i)[criterion], rows.get(found)[criterion])) {
                found = i;
            }
        }
        return found;
    }

    /** Any number is better than none. */
    private boolean isBetter(double value, double than) {
        return Double.isNaN(than) ? !Double.isNaN(value) : greatest ? value > than : value < than;
    }

    @Override
    public boolean ends() {
        return patience > 0 && rows.size() - 1 - bestIndex() >= patience && !rows.isEmpty();
    }

    /** The newest row by its columns, but for its first, which is the step. */
    @Override
    public Map<String, Double> newest() {
        Map<String, Double> newest = new LinkedHashMap<>();
        for (int i = 1; i < columns.size() && !rows.isEmpty(); i++) {
            newest.put(columns.get(i), rows.getLast()[i]);
        }
        return newest;
    }

    /** The names of a row's numbers. */
    public List<String> columns() {
        return columns;
    }

    /** The rows so far, each in the order of the columns. */
    public List<double[]> rows() {
        return Collections.unmodifiableList(rows);
    }

    /** A column of all rows. */
    public double[] column(String name) {
        int at = columns.indexOf(name);
        return rows.stream().mapToDouble(r -> r[at]).toArray();
    }

    /** The weights of the best row; empty before the first. */
    public Map<String, Tensor> best() {
        return Collections.unmodifiableMap(best);
    }

    /** The rows as lines of comma-separated values under a line of names; whole numbers as such. */
    public String csv() {
        StringBuilder text = new StringBuilder(String.join(",", columns)).append('\n');
        for (double[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                text.append(i == 0 ? "" : ",").append(text(row[i]));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String text(double v) {
        return v == Math.rint(v) && Math.abs(v) < 1e15
                ? Long.toString((long) v)
                : String.format(Locale.ROOT, "%.6g", v);
    }

    @Override
    public Map<String, Tensor> state() {
        double[] values = new double[rows.size() * columns.size()];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, values, i * columns.size(), columns.size());
        }
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put(ROWS, Tensor.of(values, rows.size(), columns.size()));
        state.put(OPEN, Tensor.of(new double[] {losses, steps}, 2));
        best.forEach((name, t) -> state.put(BEST + name, t));
        return state;
    }

    /** Goes on from a state; one without anything is that of a run that was not measured. */
    @Override
    public void restore(Map<String, Tensor> state, Map<String, Tensor> weights) {
        rows.clear();
        best.clear();
        losses = 0;
        steps = 0;
        if (state.isEmpty()) {
            return;
        }
        Tensor saved = state.get(ROWS);
        if (saved == null
                || saved.dtype() != DType.F64
                || saved.rank() != 2
                || saved.dim(1) != columns.size() && saved.dim(1) != columns.size() - added) {
            throw new TrainingException("the course of the epochs is missing or damaged");
        }
        double[] values = saved.toDoubles();
        int width = saved.dim(1);
        for (int at = 0; at < values.length; at += width) {
            double[] row = new double[columns.size()];
            Arrays.fill(row, Double.NaN);
            System.arraycopy(values, at, row, 0, width);
            rows.add(row);
        }
        Tensor open = state.get(OPEN); // not in states of older versions, whose courses had no need of it
        double[] sums = open == null ? new double[2] : open.toDoubles();
        if (sums.length != 2) {
            throw new TrainingException("the course of the epochs is damaged");
        }
        losses = sums[0];
        steps = (long) sums[1];
        if (!rows.isEmpty()) {
            kept.apply(weights).forEach((name, like) -> {
                Tensor t = state.get(BEST + name);
                if (t == null || !t.shape().equals(like.shape()) || t.dtype() != like.dtype()) {
                    throw new TrainingException("tensor '" + BEST + name + "' is missing or of another shape");
                }
                best.put(name, t.to(like.device()));
            });
        }
    }
}
