package dev.canonica.models.diffusion;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Recorder;
import dev.canonica.tensor.Recording;
import dev.canonica.tensor.RecordingException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
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
 * network and shape, and replayed from then on. Its timestep and coefficients are constants of the recording; x and the tensors of {@link Denoiser#inputs} are inputs. The
 * bits are the same. A step that cannot be recorded is done as ever, after one warning, and so are all that follow.
 *
 * <p>Spans nest: the outermost one has the recordings. It holds the networks that were used, and as much memory of the device as a step works in, until
 * it is closed.
 */
public final class StepRecordings implements AutoCloseable {
    private static final ThreadLocal<@Nullable StepRecordings> CURRENT = new ThreadLocal<>();

    private final @Nullable StepRecordings outer;
    private final Map<Key, Steps> steps = new HashMap<>();
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
        Optional<Denoiser.Inputs> given = denoiser.inputs();
        if (given.isEmpty()) {
            return null;
        }
        List<Tensor> tensors = given.get().tensors();
        if (tensors.stream().anyMatch(t -> t.device() != x.device())) {
            refuse(
                    "what the network is given beside x lies on another device, where a recording does not see that it changes");
            return null;
        }
        Key key = new Key(given.get().work(), tensors.stream().map(Kind::of).toList(), Kind.of(x));
        Steps of = steps.computeIfAbsent(key, _ -> new Steps(x, tensors));
        try {
            of.set(x, tensors);
            return of.run(step, key.work);
        } catch (RecordingException e) {
            refuse(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private void refuse(String why) {
        refused = true;
        release();
        System.getLogger("dev.canonica.models")
                .log(System.Logger.Level.WARNING, "steps are not recorded, which changes no result: " + why);
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
    private record Key(Denoiser.Work work, List<Kind> inputs, Kind x) {}

    /** What has to be the same of a tensor so that another takes its place. */
    private record Kind(Shape shape, DType dtype, Device device) {
        static Kind of(Tensor t) {
            return new Kind(t.shape(), t.dtype(), t.device());
        }
    }

    /** The steps of one network on one shape, and their inputs: tensors that stay, and are written to before each step. */
    private final class Steps {
        private final Tensor x;
        private final List<Tensor> inputs;
        private final List<@Nullable Tensor> held; // what the inputs are copies of
        private final Map<Step, Optional<Recording>> done = new HashMap<>(); // empty: done once, without a recording

        Steps(Tensor x, List<Tensor> inputs) {
            this.x = copy(x);
            this.inputs = inputs.stream().map(Steps::copy).toList();
            this.held = new ArrayList<>(inputs);
        }

        private static Tensor copy(Tensor t) {
            return Scope.outside(() -> Tensor.concatenate(0, t));
        }

        void set(Tensor from, List<Tensor> values) {
            x.assign(from);
            for (int i = 0; i < inputs.size(); i++) {
                if (held.get(i) != values.get(i)) {
                    inputs.get(i).assign(values.get(i));
                    held.set(i, values.get(i));
                }
            }
        }

        Tensor run(Step step, Denoiser.Work work) {
            Supplier<Tensor> next = () -> step.next((at, time) -> work.predict(at, time, inputs), x);
            Optional<Recording> seen = done.get(step);
            if (seen == null) { // which reads weights, loads kernels and lets workspaces grow: that cannot be recorded
                done.put(step, Optional.empty());
                return next.get();
            }
            Recording recording = seen.orElseGet(() -> {
                Recording made =
                        recorder(x.device()).record("the step at " + step.timeInWords() + " of " + x.shape(), next);
                done.put(step, Optional.of(made));
                return made;
            });
            Tensor y = recording.replay();
            replayed++;
            return y;
        }

        void close() {
            inputs.forEach(Tensor::close);
            x.close();
        }
    }
}
