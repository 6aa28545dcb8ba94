package dev.canonica.learning;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.optim.Ema;
import dev.canonica.autodiff.optim.GradientClipping;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Optimizer;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes the steps of training:
 *
 * <pre>
 *   g ← ∂ loss(w, batch(step)) / ∂ w          g ← g · min(1, clip / ‖g‖)
 *   w ← optimiser(w, g, rate(step))           buffers, averages of w
 * </pre>
 *
 * <p>A step is a function of the {@linkplain #state state} and of its number, so that a trainer that was restored goes on with the same bits. Make it outside
 * the scopes of single steps.
 *
 * @param <B> a batch
 */
public final class Trainer<B> {
    private static final String PARAMETER = "parameter/";
    private static final String BUFFER = "buffer/";
    private static final String AVERAGE = "ema/";
    private static final String OPTIMISER = "optimiser/";
    private static final String STEP = "step";

    private final Objective<B> objective;
    private Batches<B> batches; // those that were given, or what makes them before they are needed
    private final Optimizer optimiser;
    private final LearningRate rate;
    private final double clip;
    private final @Nullable Ema average;
    private long step;
    private long waited;

    private Trainer(Builder<B> b, Function<Map<String, Tensor>, Optimizer> optimiser) {
        this.objective = b.objective;
        this.batches = b.batches;
        this.optimiser = optimiser.apply(objective.trained());
        this.rate = b.rate;
        this.clip = b.clip;
        this.average = Double.isNaN(b.decay) ? null : new Ema(averaged(), b.decay);
    }

    /** A trainer of an objective on batches, to be completed. */
    public static <B> Builder<B> of(Objective<B> objective, Batches<B> batches) {
        return new Builder<>(objective, batches);
    }

    /** What a trainer is made of. */
    public static final class Builder<B> {
        private final Objective<B> objective;
        private final Batches<B> batches;
        private LearningRate rate = LearningRate.constant(1e-3);
        private double clip = Double.POSITIVE_INFINITY;
        private double decay = Double.NaN;

        private Builder(Objective<B> objective, Batches<B> batches) {
            this.objective = objective;
            this.batches = batches;
        }

        /** The learning rate of every step; 0.001 where nothing is said. */
        public Builder<B> rate(LearningRate rate) {
            this.rate = rate;
            return this;
        }

        /** Scales gradients down to this norm ({@link GradientClipping}). */
        public Builder<B> clip(double norm) {
            this.clip = norm;
            return this;
        }

        /** Keeps a moving average of the weights ({@link Ema}), and of buffers that go {@linkplain Objective#averaged with them}: it is what {@link Trainer#weights} gives then. */
        public Builder<B> average(double decay) {
            this.decay = decay;
            return this;
        }

        /** The trainer, at step 0, with an optimiser of the objective's weights. */
        public Trainer<B> with(Function<Map<String, Tensor>, Optimizer> optimiser) {
            return new Trainer<>(this, optimiser);
        }
    }

    /** Steps done. */
    public long step() {
        return step;
    }

    /**
     * Does one step.
     *
     * @throws TrainingException if the loss or its gradient is not finite; no weight is changed then
     */
    public Progress next() {
        StepEvent event = new StepEvent();
        event.begin();
        try (Scope scope = Scope.open()) {
            long asked = System.nanoTime();
            B batch = batches.at(step);
            event.waited = System.nanoTime() - asked;
            waited += event.waited;
            List<Objective.Loss> losses = new ArrayList<>(1);
            Autodiff.NamedGradients g = Autodiff.grad(
                    w -> {
                        losses.add(objective.loss(w, batch));
                        return losses.getLast().value();
                    },
                    objective.trained());
            GradientClipping clipping = GradientClipping.byGlobalNorm(g.gradients(), clip);
            double loss = g.value().item();
            if (!Double.isFinite(loss) || !Double.isFinite(clipping.norm())) {
                throw new TrainingException("train: step " + (step + 1) + ": the loss is " + loss
                        + ", the norm of its gradient " + clipping.norm()
                        + ": lower the learning rate, or look at the data");
            }
            optimiser.step(g.gradients(), rate.at(step), clipping.factor());
            losses.getLast()
                    .buffers()
                    .get()
                    .forEach((name, value) -> get(objective.buffers(), name).assign(value));
            if (average != null) {
                average.update(averaged());
            }
            step++;
            event.end();
            if (event.shouldCommit()) {
                event.step = step;
                event.loss = loss;
                event.gradientNorm = clipping.norm();
                event.commit();
            }
            return new Progress(step, loss, clipping.norm());
        }
    }

    /**
     * Has batches made in another thread before they are needed, until what this gives is closed: nothing but the time of a step changes.
     *
     * @param ahead batches, at most
     * @param end the first step that will not be taken
     */
    Closing prefetching(int ahead, long end) {
        Batches<B> own = batches;
        Prefetch<B> early = new Prefetch<>(own, ahead, end);
        batches = early;
        return () -> {
            batches = own;
            early.close();
        };
    }

    /** What {@link #prefetching} ends by. */
    interface Closing extends AutoCloseable {
        @Override
        void close();
    }

    /** For how many nanoseconds in all steps have waited for their batches. */
    public long waitedNanos() {
        return waited;
    }

    /**
     * A step's result.
     *
     * @param step steps done
     * @param loss of the batch
     * @param gradientNorm before clipping
     */
    public record Progress(long step, double loss, double gradientNorm) {}

    /** What an average is kept of: the weights, and the buffers that go with them. */
    private Map<String, Tensor> averaged() {
        Map<String, Tensor> all = new LinkedHashMap<>(objective.trained());
        objective.averaged().forEach(name -> all.put(name, get(objective.buffers(), name)));
        return all;
    }

    /** What a network is saved with: the trained weights, averaged where an average is kept, and the buffers, those {@linkplain Objective#averaged averaged} that are; live tensors, good until the next step. */
    public Map<String, Tensor> weights() {
        Map<String, Tensor> weights = new LinkedHashMap<>(objective.trained());
        weights.putAll(objective.buffers());
        if (average != null) {
            weights.putAll(average.shadow());
        }
        return Collections.unmodifiableMap(weights);
    }

    /** Everything that going on needs, by name: live tensors, good until the next step. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        put(state, PARAMETER, objective.trained());
        put(state, BUFFER, objective.buffers());
        if (average != null) {
            put(state, AVERAGE, average.state());
        }
        put(state, OPTIMISER, optimiser.state());
        state.put(STEP, Tensor.of(new long[] {step}, 1));
        return Collections.unmodifiableMap(state);
    }

    private static void put(Map<String, Tensor> state, String prefix, Map<String, Tensor> tensors) {
        tensors.forEach((name, t) -> state.put(prefix + name, t));
    }

    /**
     * Goes on from a state of a trainer of the same objective and optimiser.
     *
     * @throws TrainingException if a tensor is missing, unknown or does not fit; nothing is changed then
     */
    public void restore(Map<String, Tensor> from) {
        Map<String, Tensor> mine = state();
        check(mine, from);
        copy(PARAMETER, from, objective.trained());
        copy(BUFFER, from, objective.buffers());
        if (average != null) {
            average.restore(part(AVERAGE, from));
        }
        optimiser.restore(part(OPTIMISER, from));
        step = get(from, STEP).toLongs()[0];
    }

    private static void check(Map<String, Tensor> needed, Map<String, Tensor> given) {
        needed.forEach((name, n) -> {
            Tensor g = given.get(name);
            if (g == null) {
                throw new TrainingException("tensor '" + name + "' is missing");
            }
            if (!g.shape().equals(n.shape()) || g.dtype() != n.dtype()) {
                throw new TrainingException("tensor '%s' is %s %s, needed %s %s"
                        .formatted(name, g.dtype(), g.shape(), n.dtype(), n.shape()));
            }
        });
        for (String name : given.keySet()) {
            if (!needed.containsKey(name)) {
                throw new TrainingException("tensor '" + name + "' is none of this training's");
            }
        }
    }

    private static void copy(String prefix, Map<String, Tensor> from, Map<String, Tensor> to) {
        to.forEach((name, t) -> t.assign(get(from, prefix + name)));
    }

    private static Map<String, Tensor> part(String prefix, Map<String, Tensor> all) {
        Map<String, Tensor> part = new LinkedHashMap<>();
        all.forEach((name, t) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), t);
            }
        });
        return part;
    }

    private static Tensor get(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /**
     * Checks that the state is worth keeping.
     *
     * @throws TrainingException if a number in it is not finite
     */
    void checkFinite() {
        state().forEach((name, t) -> {
            if (t.dtype().isReal() && !isFinite(t)) {
                throw new TrainingException("train: step " + step + ": '" + name
                        + "' is not finite: lower the learning rate, or look at the data");
            }
        });
    }

    private static boolean isFinite(Tensor t) {
        try (Scope scope = Scope.open()) {
            Tensor sum = t.times(0).sumAll(); // 0 · ∞ and 0 · NaN are NaN, and nothing overflows
            return sum.to(DType.F64).item() == 0;
        }
    }
}
