package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CourseTest {
    private static final List<String> COLUMNS = List.of("step", "loss", "measure");

    @TempDir
    private Path temp;

    /** A course of given measures, one a row. */
    private static Course course(boolean greatest, double... measures) {
        Course.Measures each = new Course.Measures() {
            private int next;

            @Override
            public double[] at(long step, double loss, Map<String, Tensor> weights) {
                return new double[] {step, loss, measures[next++]};
            }
        };
        return greatest ? Course.greatest(COLUMNS, "measure", each) : Course.least(COLUMNS, "measure", each);
    }

    private static Map<String, Tensor> weights(double value) {
        return Map.of("w", Tensor.full(DType.F32, Shape.of(3), value), "b", Tensor.scalar(DType.F64, value));
    }

    private static void rows(Course course, int count) {
        int from = course.rows().size();
        for (int i = from; i < from + count; i++) {
            course.stepped(new Trainer.Progress(2 * i + 1, i, 0));
            course.stepped(new Trainer.Progress(2 * i + 2, i + 1, 0));
            course.evaluate(2 * i + 2, weights(i));
        }
    }

    @Test
    void keepsTheFirstOfTheBestRows() {
        Course least = course(false, 3, 1, 2, 1, 5).keeping(w -> Map.of("w", w.get("w")));
        rows(least, 5);
        assertThat(least.bestIndex()).isEqualTo(1);
        assertThat(least.best()).containsOnlyKeys("w");
        assertThat(least.best().get("w").toFloats()).containsOnly(1);
        Course greatest = course(true, 3, 1, 2, 5, 5);
        rows(greatest, 5);
        assertThat(greatest.bestIndex()).isEqualTo(3);
        assertThat(greatest.best().get("b").item()).isEqualTo(3);
        assertThat(greatest.csv()).startsWith("step,loss,measure\n2,0.500000,3\n4,1.50000,1\n");
        assertThat(greatest.column("loss")).containsExactly(0.5, 1.5, 2.5, 3.5, 4.5);
    }

    @Test
    void aNumberIsBetterThanNone() {
        Course course = course(false, Double.NaN, 4, Double.NaN, 5);
        rows(course, 4);
        assertThat(course.bestIndex()).isEqualTo(1);
        assertThat(course.csv()).contains("NaN");
    }

    @Test
    void endsAfterSoManyRowsWithoutABetterOne() {
        Course course = course(false, 3, 4, 2, 2, 2, 1).patience(2);
        boolean[] ends = new boolean[5];
        for (int i = 0; i < 5; i++) {
            assertThat(course.ends()).isFalse();
            rows(course, 1);
            ends[i] = course.ends();
        }
        assertThat(ends).containsExactly(false, false, false, false, true);
        assertThat(course(false).patience(2).ends()).isFalse();
        Course never = course(false, 1, 2, 3, 4, 5);
        rows(never, 5);
        assertThat(never.ends()).isFalse();
    }

    /** In the middle of a row, too. */
    @Test
    void goesOnFromItsState() {
        Course whole = course(false, 3, 1, 2, 4);
        rows(whole, 4);
        Course first = course(false, 3, 1, 2, 4);
        rows(first, 2);
        first.stepped(new Trainer.Progress(5, 2, 0));
        Course second = course(false, 2, 4);
        second.restore(copy(first.state()), weights(7));
        second.stepped(new Trainer.Progress(6, 3, 0));
        second.evaluate(6, weights(2));
        rows(second, 1);
        assertThat(second.csv()).isEqualTo(whole.csv());
        assertThat(second.best().get("w").toFloats())
                .isEqualTo(whole.best().get("w").toFloats());
    }

    /** Of a state without the last column, which is not known of its rows and is measured from there on. */
    @Test
    void goesOnFromAStateOfAnOlderVersion() {
        Course old = course(false, 3, 1);
        rows(old, 2);
        Course.Measures measured = (step, loss, _) -> new double[] {step, loss, 7, 8};
        List<String> wider = new ArrayList<>(COLUMNS);
        wider.add("added");
        Course strict = Course.least(wider, "loss", measured);
        assertThatThrownBy(() -> strict.restore(old.state(), weights(0))).hasMessageContaining("missing or damaged");
        Course course = Course.least(wider, "loss", measured).added(1);
        course.restore(old.state(), weights(0));
        rows(course, 1);
        assertThat(course.column("added")).containsExactly(Double.NaN, Double.NaN, 8);
        assertThat(course.column(COLUMNS.getFirst())).startsWith(old.column(COLUMNS.getFirst()));
        Course again = Course.least(wider, "loss", measured).added(1);
        again.restore(course.state(), weights(0));
        assertThat(again.csv()).isEqualTo(course.csv());
        assertThatThrownBy(() -> course.added(wider.size())).hasMessageContaining("added columns");
    }

    private static Map<String, Tensor> copy(Map<String, Tensor> state) {
        Map<String, Tensor> copy = new LinkedHashMap<>();
        state.forEach((name, t) -> copy.put(name, t.times(1)));
        return copy;
    }

    @Test
    void statesThatAreNoneOfItsOwnAreRefused() {
        Course of = course(false, 3, 1);
        rows(of, 2);
        Course other = course(false);
        Map<String, Tensor> less = new HashMap<>(of.state());
        less.remove("best/w");
        assertThatThrownBy(() -> other.restore(less, weights(0)))
                .hasMessage("tensor 'best/w' is missing or of another shape");
        Map<String, Tensor> torn = new HashMap<>(of.state());
        torn.remove("rows");
        assertThatThrownBy(() -> other.restore(torn, weights(0))).hasMessageContaining("missing or damaged");
        other.restore(Map.of(), weights(0));
        assertThat(other.rows()).isEmpty();
        Map<String, Tensor> older = new HashMap<>(of.state());
        older.remove("open");
        other.restore(older, weights(0));
        assertThat(other.csv()).isEqualTo(of.csv());
        assertThatThrownBy(() -> Course.least(COLUMNS, "accuracy", (s, l, w) -> new double[3]))
                .hasMessageContaining("no column 'accuracy'");
    }

    /** A run that has ended early has saved what it has, does nothing when it is begun again, and goes on with more patience to what it would have come to. */
    @Test
    void aRunEndsEarly() {
        List<Boolean> ended = new ArrayList<>();
        Trainer<Line.Points> impatient = run("a", 2, ended);
        assertThat(impatient.step()).isEqualTo(8);
        assertThat(ended).containsExactly(true);
        assertThat(run("a", 2, ended).step()).isEqualTo(8);
        assertThat(ended).containsExactly(true, true);
        Trainer<Line.Points> more = run("a", 0, ended);
        Trainer<Line.Points> whole = run("b", 0, ended);
        assertThat(more.step()).isEqualTo(12);
        whole.weights()
                .forEach((name, t) ->
                        assertThat(more.weights().get(name).toFloats()).isEqualTo(t.toFloats()));
    }

    private Trainer<Line.Points> run(String file, int patience, List<Boolean> ended) {
        Trainer<Line.Points> trainer = Trainer.of(Line.make(), Line.points(4))
                .rate(LearningRate.constant(0.1))
                .with(w -> new Sgd(w, 0.9, true, 0));
        new TrainingRun(trainer, temp.resolve(file), 12)
                .evaluating(
                        2,
                        Course.least(List.of("step", "measure"), "measure", (step, loss, w) ->
                                        new double[] {step, Math.abs(step - 4.0)})
                                .patience(patience))
                .publishing(s -> ended.add(s.ended()))
                .run();
        return trainer;
    }

    @Test
    void ratesFallAtMilestones() {
        LearningRate rate = new Decay(List.of(0.5, 0.75), 0.1).rate(1, 2, 8, 0.3);
        double[] is = new double[9];
        for (int i = 0; i < is.length; i++) {
            is[i] = rate.at(i);
        }
        assertThat(is).containsExactly(new double[] {0.5, 1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.01}, within(1e-15));
        assertThat(Decay.COSINE.rate(1, 2, 8, 0.3).at(8)).isEqualTo(0.3);
        assertThatThrownBy(() -> new Decay(List.of(0.5, 0.75), 0.1).rate(1, 5, 8, 0))
                .hasMessageContaining("milestones [0.5, 0.75] of 8 steps, after 5 of warm-up, are steps [4, 6]")
                .isInstanceOf(TrainingException.class);
        assertThatThrownBy(() -> new Decay(List.of(0.75, 0.5), 0.1)).hasMessageContaining("ascending");
    }
}
