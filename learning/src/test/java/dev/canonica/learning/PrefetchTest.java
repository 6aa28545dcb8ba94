package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefetchTest {
    private static final int STEPS = 9;

    @TempDir
    private Path temp;

    private Trainer<Line.Points> trained(String file, int ahead, Batches<Line.Points> batches) {
        return trained(file, ahead, Line.make(), batches);
    }

    private Trainer<Line.Points> trained(
            String file, int ahead, Objective<Line.Points> objective, Batches<Line.Points> batches) {
        Trainer<Line.Points> trainer =
                Trainer.of(objective, batches).rate(LearningRate.constant(0.1)).with(w -> new Sgd(w, 0.9, true, 0));
        new TrainingRun(trainer, temp.resolve(file), STEPS).prefetching(ahead).run();
        return trainer;
    }

    private static Map<String, float[]> values(Trainer<?> trainer) {
        Map<String, float[]> values = new TreeMap<>();
        trainer.state().forEach((name, t) -> values.put(name, t.to(DType.F32).toFloats()));
        return values;
    }

    /** Each batch is asked for once, in order, none beyond the end; the state has the bits that it has without. */
    @Test
    void givesTheBitsThatThereAreWithout() {
        Map<String, float[]> without = values(trained("a", 0, Line.points(4)));
        for (int ahead : new int[] {1, 2, 20}) {
            List<Long> asked = Collections.synchronizedList(new ArrayList<>());
            Map<String, float[]> with = values(trained("b" + ahead, ahead, step -> {
                asked.add(step);
                return Line.points(4).at(step);
            }));
            assertThat(with.keySet()).isEqualTo(without.keySet());
            without.forEach((name, v) -> assertThat(with.get(name)).as(name).isEqualTo(v));
            assertThat(asked).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        }
    }

    /** The first step does not end before the second batch is there: neither waits for the other. */
    @Test
    void batchesAreMadeWhileAStepIsTaken() {
        CountDownLatch second = new CountDownLatch(1);
        List<Boolean> seen = new ArrayList<>();
        Line line = Line.make();
        Objective<Line.Points> objective = new Objective<>() {
            @Override
            public Map<String, Tensor> trained() {
                return line.trained();
            }

            @Override
            public Map<String, Tensor> buffers() {
                return line.buffers();
            }

            @Override
            public Loss loss(Map<String, Var> weights, Line.Points batch) {
                seen.add(await(second));
                return line.loss(weights, batch);
            }
        };
        trained("a", 1, objective, step -> {
            if (step == 1) {
                second.countDown();
            }
            return Line.points(4).at(step);
        });
        assertThat(seen).hasSize(STEPS).containsOnly(true);
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** While step s is taken, batch s + 3 is not asked for where two are made ahead. */
    @Test
    void noMoreAreMadeThanIsSaid() {
        AtomicLong made = new AtomicLong();
        try (Prefetch<Long> batches = new Prefetch<>(
                step -> {
                    made.set(step);
                    return step;
                },
                2,
                100)) {
            for (long step = 0; step < 20; step++) {
                assertThat(batches.at(step)).isEqualTo(step);
                assertThat(made.get()).isBetween(step, step + 2);
            }
            assertThat(batches.at(50)).isEqualTo(50); // another one than the next
            assertThat(batches.at(51)).isEqualTo(51);
        }
    }

    /** At the step that has no batch, as without. */
    @Test
    void aBatchThatFailsEndsTheStepThatNeedsIt() {
        assertThatThrownBy(() -> trained("a", 2, step -> {
                    if (step == 5) {
                        throw new IllegalStateException("image 7 is damaged");
                    }
                    return Line.points(4).at(step);
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("image 7 is damaged");
        Trainer<Line.Points> trainer = Trainer.of(Line.make(), Line.points(4)).with(w -> new Sgd(w, 0, false, 0));
        try (Trainer.Closing _ = trainer.prefetching(2, 4)) {
            trainer.next();
        }
        assertThat(trainer.next().step()).isEqualTo(2);
    }

    /** Tensors of a batch are those of the session, and end with the step. */
    @Test
    void tensorsOfABatchEndWithTheirStep() {
        Session.current().withMemoryLimit(1 << 22).run(() -> {
            try (Prefetch<Tensor> batches = new Prefetch<>(
                    step -> Tensor.full(DType.F32, Shape.of(1 << 18), step).plus(1), 1, 1000)) {
                for (long step = 0; step < 100; step++) {
                    try (Scope _ = Scope.open()) {
                        assertThat(batches.at(step).toFloats()[3]).isEqualTo(step + 1);
                    }
                }
            }
        });
        long live = Device.cpu().liveBytes();
        Scope.Parcel<Tensor> parcel = Scope.parcel(() -> Tensor.zeros(DType.F32, Shape.of(1 << 18)));
        assertThat(Device.cpu().liveBytes()).isGreaterThan(live);
        parcel.close();
        assertThat(Device.cpu().liveBytes()).isLessThanOrEqualTo(live);
    }

    @Test
    void timesAreOfWhereTheyGo() {
        StepTimes times = new StepTimes(10, 1010);
        assertThat(times.left()).isEmpty();
        for (int step = 11; step <= 510; step++) {
            times.add(new StepTimes.Span(step, 1, 0.5, step % 10 == 0 ? 2 : 0, 0));
        }
        assertThat(times.spans().size()).isBetween(60, 128);
        assertThat(times.whole()).isEqualTo(new StepTimes.Span(510, 500, 250, 100, 0));
        assertThat(times.left()).hasValue(850);
        assertThat(times.spans().getLast().step()).isEqualTo(510);
    }
}
