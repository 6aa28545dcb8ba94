package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.Ema;
import dev.canonica.autodiff.optim.GradientClipping;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Optimizer;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
    private static final int STEPS = 9;
    private static final LearningRate RATE = LearningRate.warmupCosine(0.1, 2, STEPS, 0.01);
    private static final double CLIP = 0.7;
    private static final double DECAY = 0.9;

    /** The optimisers that there are. */
    enum Rule {
        ADAMW(w -> new AdamW(w, 0.9, 0.999, 1e-8, 0.01)),
        SGD(w -> new Sgd(w, 0.9, false, 5e-4)),
        NESTEROV(w -> new Sgd(w, 0.9, true, 5e-4));

        private final Function<Map<String, Tensor>, Optimizer> make;

        Rule(Function<Map<String, Tensor>, Optimizer> make) {
            this.make = make;
        }
    }

    private static Trainer<Line.Points> trainer(Line line, Rule rule) {
        return Trainer.of(line, Line.points(4))
                .rate(RATE)
                .clip(CLIP)
                .average(DECAY)
                .with(rule.make);
    }

    private static Map<String, List<Double>> values(Map<String, Tensor> tensors) {
        Map<String, List<Double>> values = new LinkedHashMap<>();
        tensors.forEach((name, t) -> {
            List<Double> list = new ArrayList<>();
            for (double v : t.toDoubles()) {
                list.add(v);
            }
            values.put(name, list);
        });
        return values;
    }

    /** As anybody would write it by hand. */
    @ParameterizedTest
    @EnumSource(Rule.class)
    void takesTheStepsThatALoopWould(Rule rule) {
        Line byHand = Line.make();
        Optimizer optimiser = rule.make.apply(byHand.weights());
        Ema ema = new Ema(byHand.weights(), DECAY);
        Line line = Line.make();
        Trainer<Line.Points> trainer = trainer(line, rule);
        for (int step = 0; step < STEPS; step++) {
            Line.Points p = Line.points(4).at(step);
            List<Objective.Loss> loss = new ArrayList<>();
            Autodiff.NamedGradients g = Autodiff.grad(
                    w -> {
                        loss.add(byHand.loss(w, p));
                        return loss.getFirst().value();
                    },
                    byHand.weights());
            GradientClipping clipping = GradientClipping.byGlobalNorm(g.gradients(), CLIP);
            optimiser.step(g.gradients(), RATE.at(step), clipping.factor());
            Tensor mean = Objects.requireNonNull(byHand.buffers().get("mean"));
            mean.assign(Objects.requireNonNull(loss.getFirst().buffers().get().get("mean")));
            ema.update(byHand.weights());

            Trainer.Progress progress = trainer.next();
            assertThat(progress)
                    .isEqualTo(new Trainer.Progress(step + 1, g.value().item(), clipping.norm()));
        }
        assertThat(values(line.weights())).isEqualTo(values(byHand.weights()));
        Map<String, Tensor> kept = new LinkedHashMap<>(ema.shadow());
        kept.putAll(byHand.buffers());
        assertThat(values(trainer.weights())).isEqualTo(values(kept));
        assertThat(values(line.weights())).isNotEqualTo(values(ema.shadow()));
    }

    /** Buffers that go with the weights are averaged by the same decay, and goes on so from a state; others are as they are. */
    @Test
    void buffersThatGoWithTheWeightsAreAveraged() {
        Tensor mean = Tensor.zeros(DType.F32, Shape.of(3));
        Map<String, Tensor> shadow = Map.of("mean", mean.times(1));
        Ema ema = new Ema(shadow, DECAY);
        Trainer<Line.Points> trainer = withMean(Line.make());
        Map<String, Tensor> saved = new LinkedHashMap<>();
        for (int step = 0; step < STEPS; step++) {
            if (step == 2) {
                trainer.state().forEach((name, t) -> saved.put(name, t.dtype() == DType.I64 ? t : t.times(1)));
            }
            mean = mean.times(0.9).plus(Line.points(4).at(step).x().row(0).times(0.1));
            ema.update(Map.of("mean", mean));
            trainer.next();
        }
        Tensor kept = Objects.requireNonNull(trainer.weights().get("mean"));
        assertThat(kept.toFloats())
                .isEqualTo(Objects.requireNonNull(ema.shadow().get("mean")).toFloats())
                .isNotEqualTo(mean.toFloats());
        assertThat(saved).containsKeys("ema/shadow.mean", "buffer/mean");
        Trainer<Line.Points> resumed = withMean(Line.make());
        resumed.restore(saved);
        while (resumed.step() < STEPS) {
            resumed.next();
        }
        assertThat(values(resumed.weights())).isEqualTo(values(trainer.weights()));
    }

    private static Trainer<Line.Points> withMean(Line line) {
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
            public Set<String> averaged() {
                return Set.of("mean");
            }

            @Override
            public Loss loss(Map<String, Var> weights, Line.Points batch) {
                return line.loss(weights, batch);
            }
        };
        return Trainer.of(objective, Line.points(4)).average(DECAY).with(w -> new Sgd(w, 0, false, 0));
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void learns(Rule rule) {
        Trainer<Line.Points> trainer = Trainer.of(Line.make(), Line.points(4))
                .rate(LearningRate.constant(0.05))
                .with(rule.make);
        double first = trainer.next().loss();
        double last = 0;
        for (int i = 0; i < 200; i++) {
            last = trainer.next().loss();
        }
        assertThat(last).isLessThan(first / 100);
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void goesOnWithTheSameBits(Rule rule) {
        Trainer<Line.Points> whole = trainer(Line.make(), rule);
        List<Trainer.Progress> seen = new ArrayList<>();
        Map<String, Tensor> saved = new LinkedHashMap<>();
        for (int step = 0; step < STEPS; step++) {
            if (step == 4) {
                whole.state().forEach((name, t) -> saved.put(name, t.dtype() == DType.I64 ? t : t.times(1)));
            }
            seen.add(whole.next());
        }
        Trainer<Line.Points> resumed = trainer(Line.make(), rule);
        resumed.next(); // what it has learned is forgotten
        resumed.restore(saved);
        assertThat(resumed.step()).isEqualTo(4);
        for (int step = 4; step < STEPS; step++) {
            assertThat(resumed.next()).isEqualTo(seen.get(step));
        }
        assertThat(values(resumed.state())).isEqualTo(values(whole.state()));
    }

    @Test
    void refusesAnotherState() {
        Trainer<Line.Points> trainer = trainer(Line.make(), Rule.ADAMW);
        trainer.next();
        Map<String, List<Double>> before = values(trainer.state());
        refused(trainer, s -> s.remove("buffer/mean"), "tensor 'buffer/mean' is missing");
        refused(
                trainer,
                s -> s.put("more", Tensor.zeros(DType.F32, Shape.of(1))),
                "tensor 'more' is none of this training's");
        refused(
                trainer,
                s -> s.put("optimiser/v.a", Tensor.zeros(DType.F32, Shape.of(3, 3))),
                "tensor 'optimiser/v.a' is F32 [3, 3], needed F32 [3, 2]");
        refused(
                trainer,
                s -> s.put("parameter/b", Tensor.zeros(DType.F64, Shape.of(2))),
                "tensor 'parameter/b' is F64 [2], needed F32 [2]");
        assertThat(values(trainer.state())).isEqualTo(before);
    }

    private static void refused(Trainer<?> trainer, Consumer<Map<String, Tensor>> change, String message) {
        Map<String, Tensor> state =
                new LinkedHashMap<>(trainer(Line.make(), Rule.ADAMW).state());
        change.accept(state);
        assertThatThrownBy(() -> trainer.restore(state))
                .isInstanceOf(TrainingException.class)
                .hasMessage(message);
    }

    @Test
    void withoutAnAverageTheWeightsAreThoseThatAreTrained() {
        Line line = Line.make();
        Trainer<Line.Points> trainer = Trainer.of(line, Line.points(4)).with(w -> new Sgd(w, 0, false, 0));
        trainer.next();
        assertThat(trainer.weights().get("a")).isSameAs(line.weights().get("a"));
        assertThat(trainer.weights()).containsOnlyKeys("a", "b", "mean");
    }

    @Test
    void aLossThatIsNotFiniteNamesItsStepAndChangesNothing() {
        Line line = Line.make();
        Batches<Line.Points> points = step -> step == 2
                ? new Line.Points(
                        Tensor.full(DType.F32, Shape.of(5, 3), Double.NaN), Tensor.zeros(DType.F32, Shape.of(5, 2)))
                : Line.points(4).at(step);
        Trainer<Line.Points> trainer = Trainer.of(line, points).average(DECAY).with(Rule.ADAMW.make);
        trainer.next();
        trainer.next();
        Map<String, List<Double>> before = values(trainer.state());
        assertThatThrownBy(trainer::next)
                .isInstanceOf(TrainingException.class)
                .hasMessage(
                        "train: step 3: the loss is NaN, the norm of its gradient NaN: lower the learning rate, or look"
                                + " at the data");
        assertThat(values(trainer.state())).isEqualTo(before);
    }

    @Test
    void aWeightThatIsNotFiniteIsFound() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Line line = Line.make();
            Trainer<Line.Points> trainer = trainer(line, Rule.SGD);
            trainer.next();
            trainer.checkFinite();
            Objects.requireNonNull(line.weights().get("b"))
                    .assign(Tensor.of(new double[] {1, bad}, 2).to(DType.F32));
            assertThatThrownBy(trainer::checkFinite)
                    .hasMessage(
                            "train: step 1: 'parameter/b' is not finite: lower the learning rate, or look at the data");
        }
        Line large = Line.make();
        Objects.requireNonNull(large.weights().get("b")).assign(Tensor.full(DType.F32, Shape.of(2), 3e38));
        trainer(large, Rule.SGD).checkFinite(); // large, and the sum of its squares beyond F32, but finite
    }

    /** A loss of weights by name; a name that there is none of is said beside those that there are. */
    @Test
    void weightsAreAskedForByName() {
        Map<String, Tensor> weights = Map.of("a", Tensor.of(new double[] {3}, 1));
        Objective<Double> square = Objective.of(
                weights, (w, target) -> w.get("a").plus(-target).square().sum());
        Trainer<Double> trainer =
                Trainer.of(square, _ -> 1.0).rate(LearningRate.constant(0.25)).with(w -> new Sgd(w, 0, false, 0));
        assertThat(trainer.next().loss()).isEqualTo(4);
        assertThat(trainer.next().loss()).isEqualTo(1);
        Objective<Double> wrong = Objective.of(weights, (w, _) -> w.get("b"));
        assertThatThrownBy(() -> wrong.loss(Map.of("a", Var.constant(Tensor.of(new double[] {3}, 1))), 0.0))
                .hasMessage("objective: no weight 'b'; there are [a]");
    }
}
