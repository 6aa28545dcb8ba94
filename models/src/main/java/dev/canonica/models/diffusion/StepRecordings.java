package dev.canonica.models.diffusion;

import dev.canonica.tensor.ArrayInputs;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Recorder;
import dev.canonica.tensor.Recording;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A span of code in which the calling thread samples or inverts several batches, so that steps are done again and again:
 *
 * <pre>
 *   try (StepRecordings recordings = StepRecordings.open()) {
 *       for (batch) { sampler.sample(…) }
 *   }
 * </pre>
 *
 * Where the device {@linkplain Device#records records}, a step is done as ever the first time, recorded the second time that it comes with the same
 * network and shape, and replayed from then on. Its timestep and coefficients are constants of the recording; x, classes and guidance are inputs. The
 * bits are the same. A step that cannot be recorded is done as ever, after one warning, and so are all that follow.
 *
 * <p>Spans nest: the outermost one has the recordings. It holds the networks that were used, and as much memory of the device as a step works in, until
 * it is closed.
 */
public final class StepRecordings implements AutoCloseable {
    private static final ThreadLocal<@Nullable StepRecordings> CURRENT = new ThreadLocal<>();

    private final @Nullable StepRecordings outer;
    private final Map<Inputs, Steps> steps = new HashMap<>();
    private @Nullable Recorder recorder;
    private boolean refused;
    private int replayed;

    private StepRecordings(@Nullable StepRecordings outer) {
        this.outer = outer;
    }

    /** Begins a span in this thread. */
    public static StepRecordings open() {
        StepRecordings opened = new StepRecordings(CURRENT.get());
        if (opened.outer == null) {
            CURRENT.set(opened);
        }
        return opened;
    }

    /** A step, recorded where that is wanted and possible. */
    static Tensor step(Step step, Denoiser denoiser, Tensor x) {
        StepRecordings recordings = CURRENT.get();
        Tensor next = recordings == null ? null : recordings.recorded(step, denoiser, x);
        return next == null ? step.next(denoiser, x) : next;
    }

    /** The step by its recording; null if it has none. */
    private @Nullable Tensor recorded(Step step, Denoiser denoiser, Tensor x) {
        if (refused || !x.device().records() || x.device() != Device.byDefault()) {
            return null;
        }
        Optional<Denoiser.Condition> condition = denoiser.condition();
        if (condition.isEmpty()) {
            return null;
        }
        List<Object> arrays = condition.get().arrays();
        List<Integer> lengths = arrays.stream().map(Array::getLength).toList();
        Inputs inputs = new Inputs(condition.get().work(), lengths, x.shape(), x.dtype(), x.device());
        Steps of = steps.computeIfAbsent(inputs, _ -> new Steps(x, arrays));
        try {
            return of.run(step, x, arrays, () -> step.next(denoiser, of.x));
        } catch (RecordingException e) {
            refused = true;
            release();
            System.getLogger("dev.canonica.models")
                    .log(
                            System.Logger.Level.WARNING,
                            "steps are not recorded, which changes no result: " + e.getMessage());
            return null;
        }
    }

    /** How many steps have been done by their recording so far. */
    public int replayed() {
        return outer == null ? replayed : outer.replayed();
    }

    @Override
    public void close() {
        if (outer == null && CURRENT.get() == this) {
            CURRENT.remove();
            release();
        }
    }

    private void release() {
        steps.values().forEach(Steps::close);
        steps.clear();
        if (recorder != null) {
            recorder.close();
            recorder = null;
        }
    }

    private Recorder recorder(Device device) {
        Recorder r = recorder;
        if (r == null) {
            r = device.recorder();
            recorder = r;
        }
        return r;
    }

    /** What the recordings of a network have in common. */
    private record Inputs(Object network, List<Integer> arrays, Shape shape, DType dtype, Device device) {}

    /** The steps of one network on one shape, and their inputs. */
    private final class Steps {
        private final Tensor x;
        private final ArrayInputs arrays;
        private final Map<Step, Optional<Recorded>> done = new HashMap<>(); // empty: done once, without a recording

        Steps(Tensor like, List<Object> arrays) {
            this.x = Scope.outside(() -> Tensor.uninitialised(like.device(), like.dtype(), like.shape()));
            this.arrays = new ArrayInputs(arrays);
        }

        @Nullable
        Tensor run(Step work, Tensor from, List<Object> values, Supplier<Tensor> next) {
            Optional<Recorded> seen = done.get(work);
            arrays.set(values);
            x.assign(from);
            if (seen == null) { // which reads weights, loads kernels and lets workspaces grow: that cannot be recorded
                done.put(work, Optional.empty());
                return arrays.bind(next).get();
            }
            Recorded recorded = seen.orElseGet(() -> {
                Recorded made = record(work, values, next);
                done.put(work, Optional.of(made));
                return made;
            });
            if (!recorded.fits(values)) {
                return null;
            }
            Tensor y = recorded.recording.replay();
            replayed++;
            return y;
        }

        private Recorded record(Step work, List<Object> values, Supplier<Tensor> next) {
            String name = "the step at " + work.timeInWords() + " of " + x.shape();
            Recording recording = recorder(x.device()).record(name, arrays, next);
            List<Object> constants = new ArrayList<>(); // arrays that the step has used as they are, or not at all
            for (int i = 0; i < values.size(); i++) {
                constants.add(arrays.wasRead(i) ? READ : values.get(i));
            }
            return new Recorded(recording, constants);
        }

        void close() {
            arrays.close();
            x.close();
        }
    }

    /** In place of an array that is an input. */
    private static final Object READ = new Object();

    /**
     * A step.
     *
     * @param constants the arrays that it is true for, {@link #READ} where it is for all
     */
    private record Recorded(Recording recording, List<Object> constants) {
        boolean fits(List<Object> values) {
            for (int i = 0; i < constants.size(); i++) {
                if (constants.get(i) != READ && !ArrayInputs.same(constants.get(i), values.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }
}
