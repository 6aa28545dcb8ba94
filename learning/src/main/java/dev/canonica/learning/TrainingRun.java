package dev.canonica.learning;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.Safetensors;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A training from its beginning, or from where it was stopped, to its end. Whenever it is killed, it goes on from its newest {@linkplain TrainingState state},
 * with the same bits as if it had not been.
 *
 * <p>The state's file is the one point at which steps count as done. What is made from it, such as a model's folder, is made after it, and again when a run
 * goes on: what a killed run left half published is complete then, even if there was nothing more to train.
 */
public final class TrainingRun {
    /** The usual name of the folder of {@link #events}. */
    public static final String EVENTS = "tensorboard";

    private static final String EVALUATION = "evaluation/";
    private static final double NANOS = 1e-9;

    private final Trainer<?> trainer;
    private final Path file;
    private final long steps;
    private Settings settings = Settings.NONE;
    private Settings changeable = Settings.NONE;
    private Cadence cadence = Cadence.every(Duration.ofMinutes(2));
    private TrainingLog log = new TrainingLog();
    private Consumer<Snapshot> publisher = snapshot -> {};
    private Listener listener = new Listener() {};
    private Evaluation evaluation = Evaluation.NONE;
    private long evaluated = Long.MAX_VALUE;
    private int ahead = 2;
    private @Nullable Path events;
    private final Cadence cadenceOfEvents = Cadence.every(Duration.ofSeconds(5));
    private StepTimes times = new StepTimes(0, 0);

    /**
     * A run of so many steps in all.
     *
     * @param file where its state is kept
     */
    public TrainingRun(Trainer<?> trainer, Path file, long steps) {
        this.trainer = trainer;
        this.file = file;
        this.steps = steps;
    }

    /** What the results depend on: a run goes on under the settings that it was begun with, or not at all. */
    public TrainingRun settings(Settings settings) {
        this.settings = settings;
        return this;
    }

    /** What may be other when a run goes on; the listener is told. */
    public TrainingRun changeable(Settings changeable) {
        this.changeable = changeable;
        return this;
    }

    /** When the state is saved, beside at the end; every two minutes where nothing is said. */
    public TrainingRun saving(Cadence cadence) {
        this.cadence = cadence;
        return this;
    }

    /** A row of the log for so many steps; for each where nothing is said. */
    public TrainingRun logging(int every) {
        this.log = new TrainingLog(every);
        return this;
    }

    /**
     * What is measured after every so many steps, and at the end; what it keeps is saved with the state. It may {@linkplain Evaluation#ends end} the run.
     *
     * @param every steps between two
     */
    public TrainingRun evaluating(long every, Evaluation evaluation) {
        if (every < 1) {
            throw new IllegalArgumentException("evaluation after every " + every + " steps");
        }
        this.evaluated = every;
        this.evaluation = evaluation;
        return this;
    }

    /**
     * How many batches are made before they are needed, at most, in a thread of their own; two where nothing is said. They are asked for one after another, by a thread of the
     * session that runs this; the bits are the same.
     *
     * @param batches 0 for none: each is made when its step begins
     */
    public TrainingRun prefetching(int batches) {
        if (batches < 0) {
            throw new IllegalArgumentException("prefetching " + batches + " batches");
        }
        this.ahead = batches;
        return this;
    }

    /**
     * Writes an {@link EventFile}, for TensorBoard, of this process's steps: {@code train/loss} and {@code train/gradient_norm} of each, and what was {@linkplain
     * Evaluation#newest measured}, under {@code evaluation/}.
     *
     * @param folder that it is made in, where there is something to do
     */
    public TrainingRun events(Path folder) {
        this.events = folder;
        return this;
    }

    /** What is made of each state that is saved: always the same from the same state, and each file moved into place when complete. */
    public TrainingRun publishing(Consumer<Snapshot> publisher) {
        this.publisher = publisher;
        return this;
    }

    /** Who is told how it goes. */
    public TrainingRun listener(Listener listener) {
        this.listener = listener;
        return this;
    }

    /**
     * What a saved state holds.
     *
     * @param step steps done
     * @param weights as {@link Trainer#weights}
     * @param ended whether nothing comes after it
     * @param times where the time goes: no part of the state
     * @param events for TensorBoard, to which pictures may be added; empty where none are written, and where a run only looks at what was saved
     */
    public record Snapshot(
            long step,
            Map<String, Tensor> weights,
            TrainingLog log,
            boolean ended,
            StepTimes times,
            Optional<EventFile> events) {}

    /** Is told how a run goes. */
    public interface Listener {
        /**
         * A run begins, or goes on.
         *
         * @param step steps done before
         * @param changed settings that may change, and did since the run was last gone on with
         */
        default void begins(long step, List<Settings.Difference> changed) {}

        /** A step was done. */
        default void step(Trainer.Progress progress, double smoothLoss) {}
    }

    /**
     * Goes to the end.
     *
     * @throws TrainingException if the state is of other settings, of another network or damaged, or if a loss, gradient or weight is not finite: the newest
     *     state stays what it was
     */
    public void run() {
        if (Files.exists(file)) {
            resume();
        } else {
            times = new StepTimes(0, steps);
            listener.begins(0, List.of());
        }
        if (ended()) {
            return;
        }
        try (EventFile log = events == null ? null : EventFile.begin(events, trainer.step() + 1)) {
            if (ahead == 0) {
                steps(log);
            } else {
                try (Trainer.Closing _ = trainer.prefetching(ahead, steps)) {
                    steps(log);
                }
            }
        }
    }

    private void steps(@Nullable EventFile seen) {
        long saving = 0;
        while (!ended()) {
            long began = System.nanoTime();
            long waited = trainer.waitedNanos();
            Trainer.Progress p = trainer.next();
            log.add(p);
            evaluation.stepped(p);
            listener.step(p, log.smoothLoss());
            long measuring = System.nanoTime();
            boolean measures = p.step() == steps || p.step() % evaluated == 0;
            if (measures) {
                evaluation.evaluate(p.step(), trainer.weights());
            }
            if (seen != null) {
                tell(seen, p, measures);
            }
            long done = System.nanoTime();
            long waiting = trainer.waitedNanos() - waited;
            times.add(new StepTimes.Span(
                    p.step(),
                    (measuring - began - waiting) * NANOS,
                    waiting * NANOS,
                    (done - measuring) * NANOS,
                    saving * NANOS));
            saving = 0;
            if (ended() || cadence.due(p.step())) {
                save(seen);
                saving = System.nanoTime() - done;
            }
        }
    }

    private void tell(EventFile seen, Trainer.Progress p, boolean measured) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("train/loss", p.loss());
        values.put("train/gradient_norm", p.gradientNorm());
        if (measured) {
            evaluation.newest().forEach((name, value) -> values.put("evaluation/" + name, value));
        }
        seen.scalars(p.step(), values);
        if (measured || cadenceOfEvents.due(p.step())) {
            seen.flush();
        }
    }

    private boolean ended() {
        return trainer.step() >= steps || evaluation.ends();
    }

    private void save(@Nullable EventFile seen) {
        trainer.checkFinite();
        Map<String, Tensor> tensors = new LinkedHashMap<>(trainer.state());
        tensors.putAll(log.state());
        evaluation.state().forEach((name, t) -> tensors.put(EVALUATION + name, t));
        new TrainingState(tensors, settings, changeable).write(file);
        publish(seen);
    }

    private void publish(@Nullable EventFile seen) {
        publisher.accept(
                new Snapshot(trainer.step(), trainer.weights(), log, ended(), times, Optional.ofNullable(seen)));
    }

    private void resume() {
        TrainingState saved = TrainingState.settings(file);
        List<Settings.Difference> differences = settings.since(saved.settings());
        if (!differences.isEmpty()) {
            throw new TrainingException("%s: holds a training under other settings (%s); give those, or another folder"
                    .formatted(
                            file,
                            differences.stream()
                                    .map(Settings.Difference::toString)
                                    .collect(Collectors.joining("; "))));
        }
        restore();
        if (trainer.step() > steps) {
            throw new TrainingException("%s: holds a training of %d steps, more than the %d that are asked for"
                    .formatted(file, trainer.step(), steps));
        }
        times = new StepTimes(trainer.step(), steps);
        listener.begins(trainer.step(), changeable.since(saved.changeable()));
        publish(null);
    }

    private void restore() {
        Map<String, Tensor> ofTrainer = new LinkedHashMap<>();
        Map<String, Tensor> ofLog = new LinkedHashMap<>();
        Map<String, Tensor> ofEvaluation = new LinkedHashMap<>();
        try {
            Safetensors.read(file).forEach((name, t) -> {
                if (name.startsWith(EVALUATION)) {
                    ofEvaluation.put(name.substring(EVALUATION.length()), t);
                } else {
                    (TrainingLog.owns(name) ? ofLog : ofTrainer).put(name, t);
                }
            });
            log.restore(ofLog);
            trainer.restore(ofTrainer);
            evaluation.restore(ofEvaluation, trainer.weights());
        } catch (FormatException e) {
            throw new TrainingException(e.getMessage() + "; " + TrainingState.LOST, e);
        } catch (TrainingException e) {
            throw new TrainingException(file + ": " + e.getMessage() + "; " + TrainingState.LOST, e);
        }
    }
}
